"""A suggested lead responds, and City Growth decides."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.decisions import DecidedAlready, answer_lead, decide_answer, decide_proposal
from actions.lead_forms import DecisionForm, LeadAnswerForm
from actions.models import ActionVersion, Lead, LeadAnswer, MeasureProposal
from actions.requests import PortalRequest
from actions.rows import ActionState, LeadState
from history import clock
from partners.models import User
from partners.permissions import partners_of, staff_only, submitters_only

UNCLAIMED_AT_MOST = 200


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


@require_safe
@staff_only
def to_settle(request: PortalRequest) -> HttpResponse:
    """What City Growth has to decide: responses of suggested leads, proposals for measures, unclaimed actions."""
    plan = request.plan
    unclaimed = plan.rows(plan.actions().without_accepted_lead()[:UNCLAIMED_AT_MOST])
    manned = set(User.objects.filter(is_active=True, role=User.Role.LEAD).values_list("partners", flat=True))
    context = {
        "answers": LeadAnswer.objects.filter(decision="pending").select_related(
            "lead__action", "lead__partner", "proposed"
        ),
        "proposals": MeasureProposal.objects.filter(decision="pending").select_related("measure__action"),
        "bodiless": [row for row in unclaimed if not any(lead.partner.is_organisation for lead in row.leads)],
        "unclaimed": [row for row in unclaimed if any(lead.partner.is_organisation for lead in row.leads)],
        "manned": manned,
    }
    return render(request, "actions/to_settle.html", context)


@require_POST
@staff_only
def answer_decide(request: PortalRequest, pk: int) -> HttpResponse:
    answer = get_object_or_404(LeadAnswer.objects.select_related("lead__partner", "lead__action"), pk=pk)
    return _decided(request, answer.lead, partial(decide_answer, answer=answer))


@require_POST
@staff_only
def proposal_decide(request: PortalRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(MeasureProposal.objects.select_related("measure__action"), pk=pk)
    return _decided(request, proposal.measure, partial(decide_proposal, proposal=proposal))


def _decided(request: PortalRequest, what: object, decide: Callable[..., None]) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        why = form.errors["reason"][0] if "reason" in form.errors else "Choose whether you agree."
        messages.error(request, f"Decision not recorded. {why}")
        return redirect("to_settle")
    agreed = form.cleaned_data["decision"] == "agreed"
    try:
        decide(agreed=agreed, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"Decision recorded: {'agreed' if agreed else 'not agreed'} ({what}).")
    except DecidedAlready:
        messages.warning(request, "Somebody else has already decided this. Nothing was changed.")
    return redirect("to_settle")
