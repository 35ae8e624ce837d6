from django.urls import path

from reporting import views

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/export.xlsx", views.board_export_xlsx, name="board_export_xlsx"),
    path("board/export.csv", views.board_export_csv, name="board_export_csv"),
]
