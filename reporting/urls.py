from django.urls import path

from reporting import views

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/paper.pdf", views.board_paper_pdf, name="board_paper_pdf"),
]
