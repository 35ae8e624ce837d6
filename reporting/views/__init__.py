"""Pages of the board and of reporting periods."""

from reporting.views.board import (
    board,
    board_paper_email,
    board_paper_pdf,
    published_file,
)
from reporting.views.board_export import board_export_csv, board_export_xlsx
from reporting.views.meetings import meeting_delete, meeting_edit, meeting_list, meeting_new
from reporting.views.periods import (
    period_close,
    period_detail,
    period_edit,
    period_list,
    period_new,
    period_open,
    period_reopen,
)

__all__ = [
    "board",
    "board_export_csv",
    "board_export_xlsx",
    "board_paper_email",
    "board_paper_pdf",
    "meeting_delete",
    "meeting_edit",
    "meeting_list",
    "meeting_new",
    "period_close",
    "period_detail",
    "period_edit",
    "period_list",
    "period_new",
    "period_open",
    "period_reopen",
    "published_file",
]
