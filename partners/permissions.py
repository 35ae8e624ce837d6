"""Who may do what, in one place. Everybody who is signed in may read everything; what is written here is the rest.

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
    """The partners of a partner lead by key, in order of their names. One query a request, kept on the user."""
    if not user.is_lead:
        return {}
    kept: dict[int, Partner] | None = getattr(user, "_partners", None)
    if kept is None:
        kept = {partner.pk: partner for partner in user.partners.all()}
        user._partners = kept  # type: ignore[attr-defined]
    return kept


def _only(allowed: Callable[[User], bool], view: View[R, P]) -> View[R, P]:
    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (isinstance(request.user, User) and allowed(request.user)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def staff_only(view: View[R, P]) -> View[R, P]:
    """City Growth staff alone; 403 for everybody else who is signed in."""
    return _only(lambda user: user.is_staff, view)


def submitters_only(view: View[R, P]) -> View[R, P]:
    """Partner leads and staff: whoever may have an update to submit. 403 for the board."""
    return _only(lambda user: user.is_staff or user.is_lead, view)
