"""A question of staff about an update."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.lead_forms import QuestionForm
from actions.models import ProgressUpdate
from actions.questions import QuestionRefused, ask
from actions.requests import PortalRequest
from partners.permissions import staff_only


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def question_ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask about the update `pk`: its leads see the question on My updates until the next update."""
    update = get_object_or_404(ProgressUpdate.objects.select_related("measure__action"), pk=pk)
    action = update.measure.action
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask(update=update, text=form.cleaned_data["question"], by=request.user)
        except QuestionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"Your question is on My updates for the leads of action {action.number}."
            )
            return redirect("action_detail", action.number)
    context = {"form": form, "update": update, "action": action}
    return render(request, "actions/question_ask.html", context, status=422 if form.is_bound else 200)
