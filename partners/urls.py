from django.urls import path

from partners import views

urlpatterns = [
    path("email/", views.email_address, name="account_email"),  # before allauth's
    path("invitations/", views.invitation_list, name="invitation_list"),
    path("invitations/<int:pk>/send-again/", views.invitation_send_again, name="invitation_send_again"),
    path("invitations/<int:pk>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("invitations/accept/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
