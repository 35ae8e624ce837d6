"""The help page and the user guide."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from actions.models import Status
from web.markdown import to_html

GUIDE = settings.BASE_DIR / "docs" / "user-guide.md"
ASKED_FOR = {
    Status.NOT_REPORTED: "Nothing: the portal shows this until the first update is submitted.",
    Status.NOT_STARTED: "A comment.",
    Status.ON_TRACK: "A comment.",
    Status.AT_RISK: "A comment and the recovery step.",
    Status.OFF_TRACK: "A comment and what is needed from the board.",
    Status.COMPLETE: "The evidence and the date.",
    Status.CLOSED: "The reason and the date of the board’s decision.",
}


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    statuses: list[dict[str, Any]] = [
        {"status": status, "asked_for": ASKED_FOR[status], "meaning": status.meaning} for status in Status
    ]
    return render(request, "help.html", {"statuses": statuses})


@require_safe
def user_guide(request: HttpRequest) -> HttpResponse:
    if not GUIDE.is_file():
        raise Http404
    return render(request, "user_guide.html", {"guide": _guide()})


@lru_cache(maxsize=1)
def _guide() -> SafeString:
    """The guide without its title, which the page shows as its own."""
    _, _, text = GUIDE.read_text(encoding="utf-8").partition("\n")
    return to_html(text, lambda path: static(f"guide/{path}"))
