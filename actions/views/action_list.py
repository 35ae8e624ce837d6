"""The filtered table of actions."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from actions.listing import ACTIONS
from actions.pages import of_the_plan, with_saved_views
from actions.requests import PortalRequest
from actions.views.listed import list_page


@require_safe
@with_saved_views
@of_the_plan
def action_list(request: PortalRequest) -> HttpResponse:
    return list_page(request, ACTIONS)
