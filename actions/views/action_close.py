"""Close an action as the board decided, and set the target dates that are missing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.editing.plan_forms import CloseActionForm, TargetDatesForm
from actions.editing.write import (
    EditRefused,
    close_action,
    last_update_on,
    open_measures,
    set_empty_target_dates,
    status_of,
)
from actions.models import Action, OutcomeMeasure
from actions.requests import PortalRequest
from partners.permissions import staff_only

SHOWN_AT_MOST = 50


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def action_close(request: PortalRequest, number: int) -> HttpResponse:
    """Show what closing does, and submit “Closed, not completed” on every unfinished measure."""
    action = get_object_or_404(Action, number=number)
    form = CloseActionForm(
        request.POST or None, today=request.plan.today, initial={"seen": last_update_on(action)}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            close_action(
                action=action,
                seen=said["seen"] or 0,
                reason=said["reason"],
                decided_on=said["decided_on"],
                by=request.user,
            )
        except EditRefused as refused:
            form = _seen_again(request, form, action)
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Action {number} closed.")
            return redirect("action_detail", number)
    measures = [(one, status_of(one)) for one in open_measures(action)]
    context = {"form": form, "action": action, "measures": measures}
    return render(request, "actions/action_close.html", context, status=422 if form.is_bound else 200)


def _seen_again(request: PortalRequest, form: CloseActionForm, action: Action) -> CloseActionForm:
    """The form as typed, for a reader who now sees the latest update."""
    again = CloseActionForm({**request.POST.dict(), "seen": last_update_on(action)}, today=form.today)
    again.is_valid()
    return again


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def target_dates(request: PortalRequest) -> HttpResponse:
    """Set one target date for all measures that have none: asked, shown, then saved. `do` is check, edit or save."""
    empty = OutcomeMeasure.objects.filter(target_date=None).select_related("action")
    count, do = empty.count(), request.POST.get("do", "check")
    context = {"count": count, "measures": empty[:SHOWN_AT_MOST], "at_most": SHOWN_AT_MOST}
    if request.method != "POST" or do == "edit":
        form = TargetDatesForm(initial=request.POST.dict())
        return render(request, "actions/target_dates.html", context | {"form": form})
    form = TargetDatesForm(request.POST)
    if not form.is_valid():
        return render(request, "actions/target_dates.html", context | {"form": form}, status=422)
    said = form.cleaned_data
    carried = {"day": said["day"].isoformat(), "reason": said["reason"], "expected": str(count)}
    checked = context | {"form": form, "carried": carried}
    if do != "save" or said["expected"] is None:
        return render(request, "actions/target_dates_check.html", checked)
    try:
        done = set_empty_target_dates(
            day=said["day"], expected=said["expected"], reason=said["reason"], by=request.user
        )
    except EditRefused as refused:
        return render(
            request, "actions/target_dates_check.html", checked | {"refused": str(refused)}, status=409
        )
    messages.success(request, f"Target date set for {done} measure{'s' if done != 1 else ''}.")
    return redirect("measure_list")
