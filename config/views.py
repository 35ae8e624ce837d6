"""What every portal needs whatever it is about: health for machines, and pages for when something is amiss."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe

from actions import check
from actions.drafts import keep_unsent
from history import triggers


@require_safe
@never_cache
@login_not_required
def health_live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
@login_not_required
def health_ready(request: HttpRequest) -> JsonResponse:
    """The database answers, guards what was recorded and agrees with its history; 503 with the reason otherwise."""
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


@requires_csrf_token
@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was opened before the last sign-in, or not on this site. A report's words are kept all the same."""
    kept = getattr(request, "kept_draft", None)
    if request.user.is_authenticated and request.path.endswith("/update/"):
        kept = keep_unsent(request)
    return render(request, "403_csrf.html", {"kept": kept}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or (503) a database that is away: it fails in middleware, before any view."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return HttpResponse(
            loader.get_template("503.html").render({}), status=503, headers={"Retry-After": "60"}
        )
    return HttpResponseServerError(loader.get_template("500.html").render({}))
