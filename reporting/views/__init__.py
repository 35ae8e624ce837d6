"""Pages of the board and of reporting periods."""

from reporting.views.board import (
    board,
    board_paper_email,
    board_paper_pdf,
    published_file,
)
from reporting.views.board_export import board_export_csv, board_export_xlsx
from reporting.views.changes import change_export_csv, change_export_xlsx, change_list
from reporting.views.periods import (
    period_close,
    period_detail,
    period_list,
    period_open,
    period_reopen,
)

__all__ = [
    "board",
    "board_export_csv",
    "board_export_xlsx",
    "board_paper_email",
    "board_paper_pdf",
    "change_export_csv",
    "change_export_xlsx",
    "change_list",
    "period_close",
    "period_detail",
    "period_list",
    "period_open",
    "period_reopen",
    "published_file",
]
