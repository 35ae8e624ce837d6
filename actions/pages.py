"""Pages that follow from the plan alone: rendered once for each version of it, and not sent twice to one reader."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import condition

from actions.requests import PortalRequest
from actions.saved_views import menu_of
from partners.permissions import partners_of
from web.markup import without_indents
from web.requests import of_any_day

View = Callable[..., HttpResponse]


def etag_of(request: PortalRequest, *args: Any, **kwargs: Any) -> str | None:
    """Names what the page would show this reader: the plan's version, the address, the reader and their session.

    None while a message waits to be shown once, and for a moment that is not settled.
    """
    if request.plan.version is None or len(get_messages(request)):
        return None
    parts = (
        request.plan.version,
        request.get_full_path(),
        request.user.pk,
        request.user.name,
        request.user.role,
        tuple(partners_of(request.user)),
        getattr(request, "saved_views", ()),
        request.session.session_key,
        request.META.get("CSRF_COOKIE"),
        settings.DEMONSTRATION,
        settings.RELEASE,
    )
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'


def of_the_plan(view: View) -> View:
    """A page that depends on the plan, its address and its reader, and on nothing else: 304 while it is the same.

    So it takes `as_at`.
    """

    @wraps(view)
    def answered(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return condition(etag_func=etag_of)(view)(request, *args, **kwargs)

    return of_any_day(answered)


def with_saved_views(view: View) -> View:
    """A page with a menu of the reader's saved views, which are no part of the plan."""

    @wraps(view)
    def answered(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.saved_views = menu_of(request.user)  # type: ignore[attr-defined]  # for `etag_of` and the template
        return view(request, *args, **kwargs)

    return answered


def content(
    request: PortalRequest,
    template: str,
    make: Callable[[], dict[str, Any]],
    *about: object,
    state: object = None,
) -> SafeString:
    """The main part of a page that is the same for every reader, rendered once for each version of the plan.

    `about` names what the page is about beside its address. `make` gives its context. With `state`, the part outlives
    updates that leave what it names alone (`Plan.remember_state`).
    """
    key = (template, request.get_full_path(), *about)

    def rendered() -> SafeString:
        return without_indents(render_to_string(template, make(), request))

    plan = request.plan
    return plan.remember(key, rendered) if state is None else plan.remember_state((*key, state), rendered)
