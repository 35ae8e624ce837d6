from django.urls import path

from partners import sign_in, single_sign_on, views

urlpatterns = [
    # These come before allauth's own.
    path("login/", sign_in.SignInView.as_view(), name="account_login"),
    path("login/password/", sign_in.PasswordView.as_view(), name="login_password"),
    path("login/code/", sign_in.CodeView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", sign_in.ConfirmCodeView.as_view(), name="account_confirm_login_code"),
    path("2fa/needed/", views.second_factor_needed, name="second_factor_needed"),
    path("oidc/<str:provider_id>/login/", single_sign_on.start, name="openid_connect_login"),
    path("email/", views.email_address, name="account_email"),
    path("invitations/", views.invitation_list, name="invitation_list"),
    path("invitations/<int:pk>/send-again/", views.invitation_send_again, name="invitation_send_again"),
    path("invitations/<int:pk>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("invitations/accept/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
