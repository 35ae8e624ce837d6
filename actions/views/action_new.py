"""Add an action: nothing is in the plan before it is complete and checked."""

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.editing.forms import ActionForm
from actions.editing.labels import answers_of
from actions.editing.write import EditRefused, add_action, check_number
from actions.models import ActionVersion
from actions.requests import PortalRequest
from actions.views.action_edit import Typed, typed_in, with_room
from partners.permissions import staff_only


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def action_new(request: PortalRequest) -> HttpResponse:
    """`do` names the button: check, save, edit, add-measure or add-lead."""
    if request.method != "POST":
        return _page(request, _form(request, initial={"number": str(next_number())}))
    typed, do = typed_in(request), request.POST.get("do", "check")
    if do == "edit" or do.startswith("add-"):
        return _page(request, _form(request, initial=with_room(typed, do)))
    form = _form(request, typed)
    if form.is_valid():
        try:
            check_number(form.cleaned_data["number"])
            return _save(request, form) if do == "save" else _check(request, form)
        except EditRefused as refused:
            form.add_error("number", str(refused))
    return _page(request, form, status=422)


def next_number() -> int:
    """The number after the highest that the plan has ever had."""
    return (ActionVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _form(request: PortalRequest, data: Typed | None = None, initial: Typed | None = None) -> ActionForm:
    return ActionForm(data, plan=request.plan, seen=request.plan.stamp or 0, initial=initial)


def _page(request: PortalRequest, form: ActionForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "sections": form.sections}
    return render(request, "actions/action_new.html", context, status=status)


def _check(request: PortalRequest, form: ActionForm) -> HttpResponse:
    context = {"form": form, "answers": answers_of(form), "carried": form.data}
    return render(request, "actions/action_new_check.html", context)


def _save(request: PortalRequest, form: ActionForm) -> HttpResponse:
    said = form.cleaned_data
    action = add_action(number=said["number"], wanted=form.wanted, reason=said["reason"], by=request.user)
    messages.success(request, f"Action {action.number} added to the plan.")
    return redirect("action_detail", action.number)
