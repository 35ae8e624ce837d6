"""The request as views see it: what the middleware adds to Django's own."""

from typing import Generic, TypeVar

from django.http import HttpRequest

PlanT = TypeVar("PlanT")
UserT = TypeVar("UserT")


class PortalRequest(HttpRequest, Generic[PlanT, UserT]):
    """A signed-in request with its plan. Views not marked `login_not_required` get one.

    For annotations only: at run time views receive Django's request.
    """

    plan: PlanT
    user: UserT  # type: ignore[assignment]  # signed in, so never Django's AnonymousUser
