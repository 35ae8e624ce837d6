"""The request as views see it: what the middleware adds to Django's own."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

PlanT = TypeVar("PlanT")
UserT = TypeVar("UserT")
View = TypeVar("View", bound=Callable[..., Any])


class PortalRequest(HttpRequest, Generic[PlanT, UserT]):
    """A signed-in request with its plan. Views not marked `login_not_required` get one.

    For annotations only: at run time views receive Django's request.
    """

    plan: PlanT
    user: UserT  # type: ignore[assignment]  # signed in, so never Django's AnonymousUser


def reads_settled(view: View) -> View:
    """Mark a view that goes on reading while its answer is sent: it gets a plan that can't change any more."""
    view.reads_settled = True  # type: ignore[attr-defined]  # a mark on a function
    return view
