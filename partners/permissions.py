"""Who may do what. Everybody who is signed in may read everything.

May see but not change: 403. Another person's draft or private view: 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from partners.models import Partner, User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponse]


def partners_of(user: User) -> dict[int, Partner]:
    """The partners of a partner lead by key, in order of name. One query per request, cached on the user."""
    if not user.is_lead:
        return {}
    cached: dict[int, Partner] | None = getattr(user, "_partners", None)
    if cached is None:
        cached = {partner.pk: partner for partner in user.partners.all()}
        user._partners = cached  # type: ignore[attr-defined]
    return cached


def _only(allowed: Callable[[User], bool], view: View[R, P]) -> View[R, P]:
    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (isinstance(request.user, User) and allowed(request.user)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def staff_only(view: View[R, P]) -> View[R, P]:
    """For City Growth staff. 403 for everybody else who is signed in."""
    return _only(lambda user: user.is_staff, view)


def submitters_only(view: View[R, P]) -> View[R, P]:
    """For partner leads and staff, who can submit updates. 403 for the board."""
    return _only(lambda user: user.is_staff or user.is_lead, view)
