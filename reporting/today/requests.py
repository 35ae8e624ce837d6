"""What people ask of City Growth, and what the plan lacks."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from actions.decisions import pending_answers, pending_proposals, suggested_leads
from actions.models import KnownAction, LeadAnswer
from actions.plan import Plan
from actions.questions import answered_since
from outbox.models import failed_mails, unconfirmed_mails
from partners.models import Invitation
from reporting.not_me import open_answers
from reporting.today.due import with_account
from reporting.today.lines import Button, Line, Section, edit_line
from web.templatetags.portal import day

ANSWERED_DAYS = 7  # so long an answered question is shown


def decisions(plan: Plan, part: slice) -> Section:
    """Responses of suggested leads and proposals for measures that wait for City Growth, the oldest first."""
    answers, proposals = pending_answers(), pending_proposals()
    count = answers.count()
    lines = [
        Line(
            f"Action {one.lead.action.number}: {one.in_words}",
            one.lead.action.get_absolute_url(),
            f"{one.asked_for}, {day(one.asked_at)}" + (f": “{one.reason}”" if one.reason else ""),
            Button("Decide", reverse("answer_decide", args=[one.pk])),
        )
        for one in answers[part]
    ]
    rest = slice(max(part.start - count, 0), max(part.stop - count, 0))
    lines += [
        Line(
            f"{one.measure}: {one.in_words}",
            one.measure.action.get_absolute_url(),
            f"{one.asked_by_name}, {day(one.asked_at)}",
            Button("Decide", reverse("proposal_decide", args=[one.pk])),
        )
        for one in proposals[rest]
    ]
    several = count > 1 and answers.filter(answer=LeadAnswer.Answer.ACCEPT).exists()
    many = Button("Confirm leads who accepted", reverse("lead_confirm")) if several else None
    return Section("decisions", "Decisions needed", count + proposals.count(), lines, button=many)


def questions_answered(plan: Plan, part: slice) -> Section:
    """Questions of City Growth that an update has answered in the last days, the newest answer first."""
    found = answered_since(plan.today - timedelta(days=ANSWERED_DAYS - 1))
    lines = [
        Line(
            f"{one.update.measure}: “{one.text}”",
            one.update.measure.action.get_absolute_url(),
            f"Asked by {one.asked_by_name}, answered on {day(one.answered_at)}.",
            Button("Read the answer", one.update.measure.action.get_absolute_url()),
        )
        for one in found[part]
    ]
    return Section("answers", "Questions answered", found.count(), lines, "In the last week.")


def handed_over(plan: Plan, part: slice) -> Section:
    """Leads who answered a reminder with “Not you?”; decided beside the reminders."""
    found = open_answers()
    period = plan.calendar.period
    decide = reverse("period_remind", args=[period.slug]) if period else reverse("period_list")
    lines = [
        Line(
            f"{one.person_name} says somebody else should submit the updates on {str(one.measure).lower()}",
            one.measure.action.get_absolute_url(),
            f"They suggest {one.hand_to}." + (f" “{one.note}”" if one.note else ""),
            Button("Decide", decide),
        )
        for one in found[part]
    ]
    return Section("not-me", "“Not you?” replies", found.count(), lines, more_url=decide)


def unsent_mails(plan: Plan, part: slice) -> Section:
    """E-mails that failed, or that may or may not have been sent, newest first."""
    found = (failed_mails() | unconfirmed_mails()).for_page()
    now = timezone.now()
    outbox = reverse("outbox")
    lines = []
    for mail in found[part]:
        again = Button("Send again", reverse("outbox_send_again", args=[mail.pk]), posts=True)
        button = again if mail.can_be_sent_again(now) else Button("Open the outbox", outbox)
        lines.append(Line(f"{mail}: {mail.get_state_display().lower()}", outbox, mail.why, button))
    return Section("mails", "E-mails to check", found.count(), lines, more_url=outbox)


def expired_invitations(plan: Plan, part: slice) -> Section:
    """Invitations that nobody accepted in time."""
    found = Invitation.objects.waiting().filter(expires_at__lte=plan.moment).select_related("partner")
    lines = [
        Line(
            f"{one}",
            "",
            f"Expired on {day(one.expires_at)}.",
            Button("Send again", reverse("invitation_send_again", args=[one.pk]), posts=True),
        )
        for one in found.order_by("expires_at", "pk")[part]
    ]
    return Section(
        "invitations", "Invitations expired", found.count(), lines, more_url=reverse("invitation_list")
    )


def incomplete_actions(plan: Plan, part: slice) -> Section:
    """Actions without a measure, a lead or a relationship: nothing can be reported or counted for them in full."""
    found = plan.incomplete_actions()
    known = list(found[part])
    lines = [
        edit_line(row, f"Missing: {_lacks(one)}.") for one, row in zip(known, plan.rows(known), strict=True)
    ]
    count = plan.remember("incomplete actions", found.order_by().count)
    return Section("incomplete", "Incomplete actions", count, lines)


def _lacks(known: KnownAction) -> str:
    lacks = [
        words
        for words, has in (
            ("an outcome measure", known.measures),
            ("a lead partner", known.leads),
            ("a vital few", known.marks),
        )
        if not has
    ]
    return " and ".join(lacks)


def unconfirmed_leads(plan: Plan, part: slice) -> Section:
    """Suggested leads who have not answered and whom nobody has confirmed."""
    found = suggested_leads(plan).filter(answers_pending=0)
    rows = list(found[part])
    have_account = with_account([one.partner_id for one in rows])
    lines = []
    for one in rows:
        detail = one.action.title
        if one.partner_id not in have_account:
            detail = f"{detail.rstrip('.')}. Nobody has an account for this partner."
        confirm = Button("Confirm", f"{reverse('lead_confirm')}?lead={one.row_id}")
        lines.append(
            Line(f"Action {one.action.number}: {one.partner}", one.action.get_absolute_url(), detail, confirm)
        )
    many = Button("Confirm several at once", reverse("lead_confirm"))
    count = plan.remember("leads not confirmed", found.order_by().count)
    return Section("leads", "Leads not confirmed", count, lines, button=many, more_url=many.url)


def without_organisation(plan: Plan, part: slice) -> Section:
    """Actions led by a cluster or by all partners alone, which cannot accept."""
    organisations = [partner.row_id for partner in plan.partners if partner.is_organisation]
    led = plan.actions().order_by().led_by(organisations).values("action")
    found = plan.actions().without_accepted_lead().exclude(leads="").exclude(action__in=led)
    lines = [edit_line(row, f"Led by {row.leads_in_words}.") for row in plan.rows(found[part])]
    intro = "A cluster, or all partners together, cannot accept. Edit the action to add an organisation."
    count = plan.remember("without organisation", found.order_by().count)
    return Section("organisations", "No organisation behind the lead", count, lines, intro)
