from django.urls import path

from reporting import views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/<slug:slug>/", views.today_section, name="today_section"),
    path("updates/calendar.ics", views.calendar_ics, name="calendar_ics"),
    path("updates/calendar/", views.calendar_address, name="calendar_address"),
    path("board/", views.board, name="board"),
    path("board/paper.pdf", views.board_paper_pdf, name="board_paper_pdf"),
    path("board/export.xlsx", views.board_export_xlsx, name="board_export_xlsx"),
    path("board/export.csv", views.board_export_csv, name="board_export_csv"),
    path("board/email/", views.board_paper_email, name="board_paper_email"),
    path("board/published/<int:pk>/<str:kind>/", views.published_file, name="published_file"),
    path("periods/", views.period_list, name="period_list"),
    path("periods/new/", views.period_new, name="period_new"),
    path("periods/<slug:slug>/", views.period_detail, name="period_detail"),
    path("periods/<slug:slug>/edit/", views.period_edit, name="period_edit"),
    path("periods/<slug:slug>/open/", views.period_open, name="period_open"),
    path("periods/<slug:slug>/close/", views.period_close, name="period_close"),
    path("periods/<slug:slug>/reopen/", views.period_reopen, name="period_reopen"),
    path("meetings/", views.meeting_list, name="meeting_list"),
    path("meetings/new/", views.meeting_new, name="meeting_new"),
    path("meetings/<slug:slug>/edit/", views.meeting_edit, name="meeting_edit"),
    path("meetings/<slug:slug>/delete/", views.meeting_delete, name="meeting_delete"),
    path("periods/<slug:slug>/remind/", views.period_remind, name="period_remind"),
    path("actions/<int:number>/measures/<int:order>/not-me/", views.not_me, name="not_me"),
    path("actions/not-me/<int:pk>/", views.not_me_decide, name="not_me_decide"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/send-again/", views.outbox_send_again, name="outbox_send_again"),
]
