from django.urls import path

from partners import views

urlpatterns = [
    path("", views.person_list, name="person_list"),
    path("invite/", views.person_invite, name="person_invite"),
    path("<int:pk>/", views.person_detail, name="person_detail"),
    path("<int:pk>/move/", views.person_move, name="person_move"),
    path("<int:pk>/close/", views.person_close, name="person_close"),
    path("<int:pk>/reopen/", views.person_reopen, name="person_reopen"),
    path(
        "<int:pk>/reset-second-factor/", views.person_reset_second_factor, name="person_reset_second_factor"
    ),
]
