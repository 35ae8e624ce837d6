"""Pages about one's own account, beside allauth's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def email_address(request: HttpRequest) -> HttpResponse:
    """Replaces allauth's page, on which anybody could change their address unchecked."""
    return render(request, "partners/email_address.html")


@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Where staff without a second factor are sent before anything else works."""
    return render(request, "partners/second_factor_needed.html")
