from reporting.views.board import (
    board,
    board_paper_email,
    board_paper_pdf,
    published_file,
)
from reporting.views.board_export import board_export_csv, board_export_xlsx
from reporting.views.calendar import calendar_address, calendar_ics
from reporting.views.changes import change_export_csv, change_export_xlsx, change_list
from reporting.views.coverage import coverage, coverage_export_csv, coverage_export_xlsx
from reporting.views.meetings import meeting_delete, meeting_edit, meeting_list, meeting_new
from reporting.views.outbox import outbox, outbox_send_again
from reporting.views.periods import (
    period_close,
    period_detail,
    period_edit,
    period_list,
    period_new,
    period_open,
    period_reopen,
)
from reporting.views.reminders import not_me, not_me_decide, period_remind
from reporting.views.today import today, today_section

__all__ = [
    "board",
    "board_export_csv",
    "board_export_xlsx",
    "board_paper_email",
    "board_paper_pdf",
    "calendar_address",
    "calendar_ics",
    "change_export_csv",
    "change_export_xlsx",
    "change_list",
    "coverage",
    "coverage_export_csv",
    "coverage_export_xlsx",
    "meeting_delete",
    "meeting_edit",
    "meeting_list",
    "meeting_new",
    "not_me",
    "not_me_decide",
    "outbox",
    "outbox_send_again",
    "period_close",
    "period_detail",
    "period_edit",
    "period_list",
    "period_new",
    "period_open",
    "period_remind",
    "period_reopen",
    "published_file",
    "today",
    "today_section",
]
