"""Every address of the portal. tests/test_permissions.py fails for one without a rule there."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from config import help_pages, views
from partners.admin import SecondFactorAdmin

admin.autodiscover()
admin.site.unregister(Group)  # the portal has roles instead
admin.site.unregister(EmailAddress)  # follows the person: partners.models.settle_email
admin.site.unregister(Authenticator)
admin.site.unregister([SocialAccount, SocialApp, SocialToken])  # the settings name the one provider
admin.site.unregister(UserSession)  # everyone sees their own at /accounts/sessions/
admin.site.register(Authenticator, SecondFactorAdmin)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's rate limits and second factor

handler403 = "config.views.refused"
handler400 = "config.views.bad_request"
handler500 = "config.views.server_error"

urlpatterns = [
    path("help/", help_pages.help_page, name="help"),
    path("help/guide/", help_pages.user_guide, name="user_guide"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("logo", views.city_logo, name="city_logo"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
    path("admin/", admin.site.urls),
    path("", include("actions.urls")),
    path("", include("reporting.urls")),
    path("people/", include("partners.people_urls")),
    path("accounts/", include("partners.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
