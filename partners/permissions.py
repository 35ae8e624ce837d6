"""Who may do what, in one place. Everybody who is signed in may read everything; what is written here is the rest.

May see but not change: 403. Another person's draft or private view: 404.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from partners.models import User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponse]


def partners_reported_for(user: User) -> set[int]:
    """The keys of the partners that a partner lead reports for. One query a request, kept on the user."""
    if not user.is_lead:
        return set()
    kept: set[int] | None = getattr(user, "_partners_reported_for", None)
    if kept is None:
        kept = set(user.partners.values_list("pk", flat=True))
        user._partners_reported_for = kept  # type: ignore[attr-defined]
    return kept


def may_report(user: User, lead_partners: Iterable[Any]) -> bool:
    """Whether `user` may report on a measure of an action led by these partners (versions).

    Staff always; a partner lead where one of the leads is a partner of theirs, or where all partners lead.
    """
    if not user.is_active:
        return False
    if user.is_staff:
        return True
    own = partners_reported_for(user)
    return bool(own) and any(partner.is_everyone or partner.row_id in own for partner in lead_partners)


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


def reporters_only(view: View[R, P]) -> View[R, P]:
    """Partner leads and staff: whoever may have something to report. 403 for the board."""
    return _only(lambda user: user.is_staff or user.is_lead, view)
