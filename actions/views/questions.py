"""A question of staff about an update."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from actions.models import ProgressUpdate
from actions.questions import QuestionRefused, ask
from actions.requests import PortalRequest
from partners.permissions import staff_only


@require_POST
@staff_only
def question_ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask about the update `pk`: the lead sees it on My updates until the next update."""
    update = get_object_or_404(ProgressUpdate.objects.select_related("measure__action"), pk=pk)
    try:
        ask(update=update, text=request.POST.get("question", "")[:2000], by=request.user)
    except QuestionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, f"Your question is on the My updates page of the leads of {update.measure.action}."
        )
    return redirect("action_detail", update.measure.action.number)
