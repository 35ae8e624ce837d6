"""Pages of the board, of the coverage and of reporting periods."""

from reporting.views.board import (
    board,
    board_paper_email,
    board_paper_pdf,
    published_file,
)
from reporting.views.board_export import board_export_csv, board_export_xlsx
from reporting.views.coverage import coverage, coverage_export_csv, coverage_export_xlsx
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
    "coverage",
    "coverage_export_csv",
    "coverage_export_xlsx",
    "period_close",
    "period_detail",
    "period_list",
    "period_open",
    "period_reopen",
    "published_file",
]
