"""Health checks, error pages, the accessibility statement and the city's logo."""

import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe

from actions import check
from actions.drafts import keep_unsent
from config import faults
from config.checks import LOGO_TYPES
from config.logs import request_id
from history import triggers
from web.context_processors import identity
from web.events import event


@require_safe
@never_cache
@login_not_required
def health_live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
@login_not_required
def health_ready(request: HttpRequest) -> JsonResponse:
    """503 with the reason if the portal cannot show correct figures or cannot save."""
    if reason := why_not_ready():
        return JsonResponse(
            {"status": "not ready", "reason": reason, "version": settings.RELEASE}, status=503
        )
    return JsonResponse({"status": "ready", "version": settings.RELEASE})


def why_not_ready() -> str:
    """Why the portal is not ready, in words; empty if it is."""
    try:
        if triggers.expected(connection) - triggers.installed(connection):
            return "run `manage.py migrate`: triggers are missing"
        if check.faults():
            return "run `manage.py check_figures`: the plan does not agree with its history"
        return faults.why_no_writing() or faults.why_no_room()
    except DatabaseError:
        return "the database does not answer"


@require_safe
@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html")


@require_safe
@cache_control(public=True, max_age=3600)
@login_not_required
def city_logo(request: HttpRequest) -> HttpResponse:
    """The image file of CITY_LOGO. Its policy keeps a script in an SVG from running."""
    path = settings.BASE_DIR / settings.CITY_LOGO
    content_type = LOGO_TYPES.get(path.suffix.lower())
    if not settings.CITY_LOGO or content_type is None or not path.is_file():
        raise Http404
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return HttpResponse(
        path.read_bytes(), content_type=content_type, headers={"Content-Security-Policy": policy}
    )


@require_safe
@cache_control(public=True, max_age=86_400)
@login_not_required
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a security problem (RFC 9116). Expires is always a year from now."""
    lines = (
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {timezone.now().replace(microsecond=0) + timedelta(days=365):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.PORTAL_ADDRESS}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@requires_csrf_token
@login_not_required
def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 for something that the person may see and not change. It leaves a line in the log."""
    user = getattr(request, "user", None)
    event("refused", user=user.pk if user else None, method=request.method, page=_page_of(request))
    return render(request, "403.html", status=403)


def _page_of(request: HttpRequest) -> str:
    """The name of the page, which holds nothing personal; its address might."""
    match = request.resolver_match
    return match.view_name if match else ""


@requires_csrf_token
@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than the last sign-in, or from elsewhere. An update's words are saved as a draft."""
    event("refused", user=request.user.pk, method=request.method, page=_page_of(request))
    kept = getattr(request, "kept_draft", None)
    if request.user.is_authenticated and request.path.endswith("/update/"):
        kept = keep_unsent(request)
    return render(request, "403_csrf.html", {"kept": kept}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 503 if the database was cut off: Django takes a session that cannot be saved for a bad request."""
    if isinstance(exception, SessionInterrupted) and faults.cut_off(exception):
        return _not_available(request, exception)
    return HttpResponseBadRequest(_without_request("400.html"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database is down or cannot save: that fails in middleware too, before any view."""
    error = sys.exc_info()[1]
    if faults.cut_off(error):
        return _not_available(request, error)
    return HttpResponseServerError(_without_request("500.html"))


def _not_available(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    refused = faults.nothing_saved(error)
    page = _without_request("503.html", refused=refused, sent=request.method == "POST")
    return HttpResponse(page, status=503, headers={"Retry-After": "60"})


def _without_request(template: str, **context: Any) -> str:
    """Rendered without the request, whose context might need the database."""
    return loader.get_template(template).render(
        {"portal": identity(), "request_id": request_id.get()} | context
    )
