"""A suggested lead responds, and City Growth decides."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from actions.decisions import (
    DecidedAlready,
    accept_leads,
    answer_lead,
    confirm_leads,
    decide_answer,
    decide_proposal,
    suggested_leads,
)
from actions.lead_forms import DecisionForm, LeadAnswerForm, LeadConfirmForm
from actions.models import ActionVersion, Decision, Lead, LeadAnswer, MeasureProposal
from actions.requests import PortalRequest
from actions.rows import ActionState, LeadState
from history import clock
from partners.permissions import partners_of, staff_only, submitters_only

LEADS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@submitters_only
def lead_answer(request: PortalRequest, number: int, slug: str) -> HttpResponse:
    """Accept, decline or propose another lead, for the partner `slug` suggested to lead action `number`."""
    row, lead = _lead(request, number, slug)
    if lead.partner.row_id not in partners_of(request.user) and not request.user.is_staff:
        raise PermissionDenied
    form = LeadAnswerForm(request.POST or None, lead=lead, leads=row.leads)
    if request.method == "POST" and form.is_valid():
        try:
            answer_lead(
                lead=get_object_or_404(Lead, action=row.id, partner=lead.partner.row_id),
                answer=LeadAnswer.Answer(form.cleaned_data["answer"]),
                reason=form.cleaned_data["reason"],
                proposed=form.cleaned_data["proposed"],
                by=request.user,
            )
            messages.success(request, f"Response sent. City Growth will decide who leads action {number}.")
        except DecidedAlready:
            messages.warning(request, f"There is already a response for action {number}. Nothing was sent.")
        return redirect("action_detail", number)
    status = 422 if form.is_bound else 200
    others = " and ".join(other.partner.name for other in row.leads if other is not lead)
    waiting = LeadAnswer.objects.filter(
        lead__action=row.id, lead__partner=lead.partner.row_id, decision="pending"
    ).select_related("lead__partner", "proposed")
    context = {"row": row, "lead": lead, "others": others, "form": form, "waiting": waiting.first()}
    return render(request, "actions/lead_answer.html", context, status=status)


def _lead(request: PortalRequest, number: int, slug: str) -> tuple[ActionState, LeadState]:
    try:
        with clock.snapshot():
            row = request.plan.row(number)
    except ActionVersion.DoesNotExist as missing:
        raise Http404(f"The plan has no action {number}.") from missing
    lead = next((lead for lead in row.leads if lead.partner.slug == slug), None)
    if lead is None:
        raise Http404(f"“{slug}” is not a lead of action {number}.")
    return row, lead


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def answer_decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Agree or not to the response of a suggested lead."""
    answer = get_object_or_404(
        LeadAnswer.objects.select_related("lead__partner", "lead__action", "proposed"), pk=pk
    )
    return _decided(request, answer, answer.lead, partial(decide_answer, answer=answer))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def proposal_decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Agree or not to a proposed baseline or unit."""
    proposal = get_object_or_404(MeasureProposal.objects.select_related("measure__action"), pk=pk)
    return _decided(request, proposal, proposal.measure, partial(decide_proposal, proposal=proposal))


def _decided(
    request: PortalRequest, asked: LeadAnswer | MeasureProposal, what: Any, decide: Callable[..., None]
) -> HttpResponse:
    form = DecisionForm(request.POST or None)
    try:
        if asked.decision != Decision.PENDING:
            raise DecidedAlready
        if not form.is_valid():
            name = "answer" if isinstance(asked, LeadAnswer) else "proposal"
            context = {"form": form, "asked": asked, "action": what.action}
            status = 422 if form.is_bound else 200
            return render(request, f"actions/{name}_decide.html", context, status=status)
        agreed = form.cleaned_data["decision"] == "agreed"
        decide(agreed=agreed, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"Decision recorded: {'agreed' if agreed else 'not agreed'} ({what}).")
    except DecidedAlready:
        messages.warning(request, "Somebody else has already decided this. Nothing was changed.")
    return redirect("today")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def lead_confirm(request: PortalRequest) -> HttpResponse:
    """Confirm many suggested leads at once."""
    shown = Paginator(suggested_leads(request.plan), LEADS_A_PAGE).get_page(request.GET.get("page"))
    ticked = [str(row.row_id) for row in shown] if request.GET.get("all") else request.GET.getlist("lead")
    form = LeadConfirmForm(request.POST or None, rows=shown, initial={"leads": ticked})
    if request.method == "POST" and form.is_valid():
        return _confirmed(request, form)
    numbers = shown.paginator.get_elided_page_range(shown.number, on_each_side=1, on_ends=1)
    context = {"form": form, "page": shown, "page_numbers": numbers, "page_url": "?page="}
    return render(request, "actions/lead_confirm.html", context, status=422 if form.is_bound else 200)


def _confirmed(request: PortalRequest, form: LeadConfirmForm) -> HttpResponse:
    ticked = {int(key) for key in form.cleaned_data["leads"]}
    try:
        confirmed = confirm_leads(leads=ticked, reason=form.cleaned_data["reason"], by=request.user)
    except DecidedAlready:
        messages.warning(request, "Somebody else has already decided on these. Nothing was changed.")
        return redirect("today")
    count = len(confirmed)
    messages.success(request, f"{count} lead{'s' if count > 1 else ''} confirmed.")
    if left := len(ticked) - count:
        messages.warning(
            request,
            f"{left} {'was' if left == 1 else 'were'} not confirmed because "
            f"{'it has' if left == 1 else 'they have'} since been decided or declined.",
        )
    return redirect("today")


@require_POST
@submitters_only
def lead_accept_all(request: PortalRequest) -> HttpResponse:
    """Say “yes, we lead it” for the suggested leads that My updates showed, those of my partners alone."""
    keys = {key for key in request.POST.getlist("lead") if key.isdecimal() and len(key) < 19}
    mine = Lead.objects.filter(pk__in=keys, partner__in=list(partners_of(request.user)))
    accepted = accept_leads(leads=mine, by=request.user)
    if accepted:
        one = len(accepted) == 1
        actions, them = ("1 action", "it") if one else (f"{len(accepted)} actions", "them")
        messages.success(request, f"Response sent for {actions}. City Growth will decide who leads {them}.")
    else:
        messages.warning(request, "Nothing was sent: there is already a response for each of these.")
    return redirect("my_updates")
