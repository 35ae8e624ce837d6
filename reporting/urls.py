from django.urls import path

from reporting import views

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/paper.pdf", views.board_paper_pdf, name="board_paper_pdf"),
    path("board/export.xlsx", views.board_export_xlsx, name="board_export_xlsx"),
    path("board/export.csv", views.board_export_csv, name="board_export_csv"),
    path("board/email/", views.board_paper_email, name="board_paper_email"),
    path("board/published/<int:pk>/<str:kind>/", views.published_file, name="published_file"),
    path("coverage/", views.coverage, name="coverage"),
    path("coverage/export.xlsx", views.coverage_export_xlsx, name="coverage_export_xlsx"),
    path("coverage/export.csv", views.coverage_export_csv, name="coverage_export_csv"),
    path("periods/", views.period_list, name="period_list"),
    path("periods/<slug:slug>/", views.period_detail, name="period_detail"),
    path("periods/<slug:slug>/open/", views.period_open, name="period_open"),
    path("periods/<slug:slug>/close/", views.period_close, name="period_close"),
    path("periods/<slug:slug>/reopen/", views.period_reopen, name="period_reopen"),
]
