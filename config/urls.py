"""Every address of the portal. Each has its rule in tests/test_permissions.py, or a test fails."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from config import views
from partners.admin import SecondFactorAdmin

admin.site.site_header = "Strategy Action Framework: the plan, people, partners"
admin.site.site_title = "Strategy Action Framework"
admin.site.index_title = "City Growth staff"
admin.autodiscover()
admin.site.unregister(Group)  # roles are ours; groups would be a second place to look
admin.site.unregister(EmailAddress)  # kept in step with the person: partners.models.settle_email
admin.site.unregister(Authenticator)
admin.site.register(Authenticator, SecondFactorAdmin)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's rate limits and second factor

handler500 = "config.views.server_error"

urlpatterns = [
    path("", include("actions.urls")),
    path("", include("reporting.urls")),
    path("accounts/", include("partners.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
]
