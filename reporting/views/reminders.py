"""Reminding people by hand: the exact e-mails first, then sending them; and “not me”."""

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from actions.filter_words import parts_of, query_without
from actions.filters import ActionFilter, filter_of
from actions.requests import PortalRequest
from actions.views.measure_update import measure_row
from partners.permissions import staff_only, submitters_only
from reporting import not_me as answers
from reporting.models import NotMe, ReportingPeriod
from reporting.reminder_forms import NotMeDecisionForm, NotMeForm, RemindForm
from reporting.reminders import Choice, Selection, occasion_of, remind, selected
from reporting.reminders.letters import LINES_AT_MOST, Letter, letters, rows_of

PEOPLE_A_PAGE, NAMES_AT_MOST = 20, 10
NOT_PART_OF_IT = ("page", "per_page", "sort")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def period_remind(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the e-mails that would go to everybody who owes something on the actions of the filter; then send them."""
    period = get_object_or_404(ReportingPeriod, slug=slug)
    if not period.is_open:
        messages.error(
            request, f"{period} is {period.state}. You can only send reminders for an open period."
        )
        return redirect("period_detail", slug)
    filterset = filter_of(ActionFilter, request.GET, request.plan)
    if not filterset.is_valid():
        context = {"period": period, "form_with_errors": filterset.form}
        return render(request, "reporting/period_remind.html", context, status=400)
    form = RemindForm(request.POST or None, initial={"once_key": secrets.token_urlsafe(24)})
    choice = form.choice()
    is_narrowed = any(filterset.form.cleaned_data.values())
    selection = selected(request.plan, period, choice, filterset.qs if is_narrowed else None)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") == "send":
        return _send(request, period, selection, form)
    context = _preview(request, period, selection, choice) | {"form": form, "parts": parts_of(filterset)}
    return render(request, "reporting/period_remind.html", context, status=422 if form.errors else 200)


def _send(
    request: PortalRequest, period: ReportingPeriod, selection: Selection, form: RemindForm
) -> HttpResponse:
    said = form.cleaned_data
    sent = remind(
        plan=request.plan,
        period=period,
        selection=selection,
        words=said["words"],
        once_key=said["once_key"],
    )
    messages.success(request, _sent_in_words(sent, selection))
    return redirect("period_detail", period.slug)


def _sent_in_words(sent: list[Letter], selection: Selection) -> str:
    if not sent:
        return (
            "No reminders were sent: there is nobody left to remind, or the reminders have already been sent."
        )
    names = [str(letter.person) for letter in sent]
    shown = ", ".join(names[:NAMES_AT_MOST])
    more = f" and {len(names) - NAMES_AT_MOST} more" if len(names) > NAMES_AT_MOST else ""
    out = [f"{one.person} ({one.why[0].lower()}{one.why[1:]})" for one in selection.left_out]
    left = f" Left out: {', '.join(out[:NAMES_AT_MOST])}." if out else ""
    if len(out) > NAMES_AT_MOST:
        left = f"{left[:-1]} and {len(out) - NAMES_AT_MOST} more."
    count = "1 reminder is" if len(sent) == 1 else f"{len(sent)} reminders are"
    return f"{count} on the way to {shown}{more}.{left}"


def _preview(
    request: PortalRequest, period: ReportingPeriod, selection: Selection, choice: Choice
) -> dict[str, Any]:
    plan, query = request.plan, query_without(request.GET, NOT_PART_OF_IT)
    pages = Paginator(selection.chosen, PEOPLE_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    unreached = selection.owed.unreached
    rows = rows_of(plan, [one.measure for one in unreached[:LINES_AT_MOST]])
    return {
        "period": period,
        "is_past_due": plan.is_past_due,
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_url": f"?{query}&page=" if query else "?page=",
        "letters": list(letters(plan, page.object_list, occasion_of(plan, period, choice.words))),
        "selection": selection,
        "left_out": selection.left_out[:LINES_AT_MOST],
        "unreached": [(rows[one.measure], one) for one in unreached[:LINES_AT_MOST]],
        "at_most": LINES_AT_MOST,
        "answers": answers.open_answers()[:LINES_AT_MOST],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@submitters_only
def not_me(request: PortalRequest, number: int, order: int) -> HttpResponse:
    """A lead says who should update the measure instead. Staff decide; reminders about it pause until then."""
    row = measure_row(request, number, order)
    if not request.user.is_lead:
        raise PermissionDenied
    waiting = answers.open_answer(measure_id=row.id, person=request.user)
    said = {"hand_to": waiting.hand_to, "note": waiting.note} if waiting else {}
    form = NotMeForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        answers.say_not_me(measure_id=row.id, by=request.user, **form.cleaned_data)
        messages.success(
            request,
            f"Thank you. City Growth will decide who submits updates on {row.name.lower()}. "
            "Until then, we will not remind you about it.",
        )
        return redirect("my_updates")
    context = {"form": form, "row": row, "waiting": waiting}
    return render(request, "reporting/not_me.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_only
def not_me_decide(request: PortalRequest, pk: int) -> HttpResponse:
    answer = get_object_or_404(NotMe.objects.select_related("measure__action"), pk=pk)
    form = NotMeDecisionForm(request.POST)
    back = redirect("period_list")
    if period := ReportingPeriod.objects.open().first():
        back = redirect("period_remind", period.slug)
    if not form.is_valid():
        messages.error(request, "Decision not recorded. Select “Mark as handed on” or “Dismiss”.")
        return back
    decision = NotMe.Decision(form.cleaned_data["decision"])
    try:
        answers.decide(answer=answer, decision=decision, note=form.cleaned_data["note"], by=request.user)
        messages.success(
            request, f"{answer.person_name}, action {answer.measure.action.number}: {decision.label}."
        )
    except answers.DecidedAlready:
        messages.warning(request, "Somebody else has already decided this. Nothing was changed.")
    return back
