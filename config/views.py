"""Health checks, error pages, the accessibility statement and the city's logo."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe

from actions import check
from actions.drafts import keep_unsent
from config.checks import LOGO_TYPES
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
    """503 with the reason if the database is down, lacks triggers or disagrees with its history."""
    try:
        missing = triggers.expected(connection) - triggers.installed(connection)
        faults = [] if missing else check.faults()
    except DatabaseError:
        return _not_ready("the database does not answer")
    if missing:
        return _not_ready("run `manage.py migrate`: triggers are missing")
    if faults:
        return _not_ready("run `manage.py check_figures`: the plan does not agree with its history")
    return JsonResponse({"status": "ready"})


def _not_ready(reason: str) -> JsonResponse:
    return JsonResponse({"status": "not ready", "reason": reason}, status=503)


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
    """Where to report a security problem (RFC 9116). It expires a year after today, whatever day that is."""
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


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database is down: that fails in middleware, before any view."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return HttpResponse(_without_request("503.html"), status=503, headers={"Retry-After": "60"})
    return HttpResponseServerError(_without_request("500.html"))


def _without_request(template: str) -> str:
    """Rendered without the request, whose context might need the database."""
    return loader.get_template(template).render({"portal": identity()})
