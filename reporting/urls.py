from django.urls import path

from reporting import views

urlpatterns = [path("board/", views.board, name="board")]
