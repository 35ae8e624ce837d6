"""Pages of the board and of reporting periods."""

from reporting.views.board import (
    board,
    board_paper_email,
    board_paper_pdf,
    published_file,
)
from reporting.views.board_export import board_export_csv, board_export_xlsx
from reporting.views.outbox import outbox, outbox_send_again
from reporting.views.periods import (
    period_close,
    period_detail,
    period_list,
    period_open,
    period_reopen,
)
from reporting.views.reminders import not_me, not_me_decide, period_remind

__all__ = [
    "board",
    "board_export_csv",
    "board_export_xlsx",
    "board_paper_email",
    "board_paper_pdf",
    "not_me",
    "not_me_decide",
    "outbox",
    "outbox_send_again",
    "period_close",
    "period_detail",
    "period_list",
    "period_open",
    "period_remind",
    "period_reopen",
    "published_file",
]
