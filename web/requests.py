"""The request as views see it: what the middleware adds to Django's own."""

from collections.abc import Callable
from datetime import date
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
    as_at: date | None  # the day in the address whose end the page shows; None at present
    user: UserT  # type: ignore[assignment]  # signed in, so never Django's AnonymousUser


def reads_settled(view: View) -> View:
    """Mark a view that goes on reading while its answer is sent: it gets a plan that can't change any more."""
    view.reads_settled = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def of_any_day(view: View) -> View:
    """Mark a view that takes `as_at`: it reads `request.plan` alone, and writes nothing."""
    view.of_any_day = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def is_of_any_day(view: Callable[..., Any]) -> bool:
    return getattr(view, "of_any_day", False)
