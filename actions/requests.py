"""What the portal's middleware adds to a request, for the eyes of a type checker."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from actions.plan import Plan
    from partners.models import User


class PortalRequest(HttpRequest):
    """A signed-in request: every view but those marked `login_not_required` gets one."""

    plan: "Plan"
    user: "User"
