"""Submit a progress update: the form, its drafts, two updates at once, “no change”, and evidence files."""

import secrets
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions import drafts, evidence
from actions.forms import UpdateForm, corrected
from actions.models import (
    ActionVersion,
    EvidenceFile,
    OutcomeMeasure,
    OutcomeMeasureVersion,
    ProgressUpdate,
    UpdateDraft,
)
from actions.models.status import REPEATABLE
from actions.permissions import may_submit, partners_for
from actions.requests import PortalRequest
from actions.rows import MeasureState
from actions.updates import UpdatedSince, submit_no_change, submit_update, submitted_before
from history import clock
from partners.models import User
from partners.permissions import submitters_only


@require_http_methods(["GET", "HEAD", "POST"])
@submitters_only
def measure_update(request: PortalRequest, number: int, order: int) -> HttpResponse:
    """The update form; `do` names the button: submit, draft, discard, edit, keep-theirs or submit-mine."""
    row = measure_row(request, number, order)
    if request.method != "POST":
        return _open(request, row)
    pressed = request.POST.get("do", "submit")
    if pressed == "draft":
        _keep(request, row)
        messages.success(
            request,
            f"Draft saved for {row.name.lower()}. It has not been submitted, and only you can see it.",
        )
        return redirect("my_updates")
    if pressed in ("discard", "keep-theirs"):
        drafts.discard(measure_id=row.id, author=request.user)
        theirs = "Their update was kept and yours was discarded."
        done = theirs if pressed == "keep-theirs" else "Draft discarded."
        messages.success(request, f"{row.name}: {done}")
        return redirect("my_updates")
    if pressed == "edit":
        draft = _keep(request, row)
        return _show(request, row, _form(request, row, draft, initial=_typed_again(request, row)), draft)
    return _submit(request, row)


def measure_row(request: PortalRequest, number: int, order: int) -> MeasureState:
    """Return the measure if the reader may submit updates on it; otherwise 404 (no such measure) or 403."""
    try:
        with clock.snapshot():
            row = request.plan.measure(number, order)
    except (ActionVersion.DoesNotExist, OutcomeMeasureVersion.DoesNotExist) as missing:
        raise Http404(str(missing)) from missing
    if not may_submit(request.user, row.action.lead_partners):
        raise PermissionDenied
    return row


def _open(request: PortalRequest, row: MeasureState) -> HttpResponse:
    draft = _draft(request.user, row)
    initial: dict[str, Any] = {"seen": row.update.pk if row.update else None}
    if "correct" in request.GET and row.update:
        if request.GET["correct"] != str(row.update.pk):
            return _superseded(request, row, row.update)
        initial |= corrected(row.update)
    if draft:
        initial |= _of_draft(draft, initial.get("corrects"))
    return _show(request, row, _form(request, row, draft, initial=initial), draft)


def _superseded(request: PortalRequest, row: MeasureState, latest: ProgressUpdate) -> HttpResponse:
    """Only the latest update can be corrected: show it in place of the one asked for. 404 if there is no such one."""
    asked = request.GET["correct"]
    older = ProgressUpdate.objects.filter(measure=row.id, pk=asked if asked.isdecimal() else 0)
    if not older:
        raise Http404("There is no such update.")
    context = {"row": row, "latest": latest, "older": older[0]}
    return render(request, "actions/measure_update_superseded.html", context, status=409)


def _of_draft(draft: UpdateDraft, corrects: int | None) -> dict[str, Any]:
    """The draft's fields.

    Emptied fields count, unless a draft that was not started as this correction is opened as one.
    """
    if corrects is None or draft.typed.get("corrects") == str(corrects):
        return dict(draft.typed)
    return {name: value for name, value in draft.typed.items() if value}


def _submit(request: PortalRequest, row: MeasureState) -> HttpResponse:
    draft = _draft(request.user, row)
    form = _form(request, row, draft, data=request.POST, files=request.FILES)
    if not form.is_valid():
        if before := submitted_before(request.POST.get("once_key", ""), row.id, request.user):
            return _submitted(request, row, before)  # a double click, or the page sent again
        draft = _keep(request, row, form)
        form.held_file = draft.evidence_file
        return _show(request, row, form, draft, status=422)
    update = form.save(commit=False)
    try:
        update.evidence_file = held = _evidence(request, row, form, draft)
    except evidence.NotStored as refused:
        form.add_error("evidence_file", refused)
        draft = _keep(request, row, form)
        return _show(request, row, form, draft, status=422)
    try:
        recorded = submit_update(
            update=update, by=request.user, seen=form.cleaned_data["seen"], proposal=form.proposal
        )
    except UpdatedSince as since:
        draft = _keep(request, row, form, held=held)
        return _two_at_once(request, row, form, since.latest, draft)
    for unused in {held, draft.evidence_file if draft else None} - {recorded.evidence_file}:
        evidence.forget(unused)
    return _submitted(request, row, recorded)


def _evidence(
    request: PortalRequest, row: MeasureState, form: UpdateForm, draft: UpdateDraft | None
) -> EvidenceFile | None:
    """The file of a valid form: the uploaded one, or the draft's unless it is to be removed."""
    if upload := form.cleaned_data["evidence_file"]:
        measure = get_object_or_404(OutcomeMeasure, pk=row.id)
        return evidence.keep(upload, upload.kind, measure=measure, by=request.user)
    return draft.evidence_file if draft and not form.cleaned_data.get("drop_file") else None


def _submitted(request: PortalRequest, row: MeasureState, update: ProgressUpdate) -> HttpResponse:
    if not request.user.is_staff:
        return redirect(submitted_url(update))
    done = "Correction submitted" if update.corrects_id else "Update submitted"
    status = update.get_status_display()
    messages.success(request, f"{done} for {update.partner_in_words}. {row.name} is {status}.")
    return redirect("action_detail", row.action.number)


def submitted_url(*updates: ProgressUpdate) -> str:
    """My updates, showing `updates` as the board will see them."""
    return f"{reverse('my_updates')}?{urlencode([('submitted', update.pk) for update in updates])}"


def _two_at_once(
    request: PortalRequest, row: MeasureState, form: UpdateForm, theirs: ProgressUpdate, draft: UpdateDraft
) -> HttpResponse:
    carried = {name: form.data.get(name, "") for name in (*drafts.TYPED, "value_is_right", "once_key")}
    carried |= {"seen": str(theirs.pk), "corrects": ""}
    context = {
        "row": row,
        "theirs": theirs,
        "mine": form.instance,
        "carried": {name: value for name, value in carried.items() if value},
        "form_key": form.data.get("form_key", ""),
        "evidence_file": draft.evidence_file,
    }
    return render(request, "actions/measure_update_conflict.html", context, status=409)


def _typed_again(request: PortalRequest, row: MeasureState) -> dict[str, Any]:
    """What was typed, to edit further; the other's update now counts as seen."""
    typed: dict[str, Any] = {name: request.POST[name] for name in drafts.TYPED if name in request.POST}
    return typed | {"seen": row.update.pk if row.update else None}


def _draft(user: User, row: MeasureState) -> UpdateDraft | None:
    return UpdateDraft.objects.select_related("evidence_file").filter(measure=row.id, author=user).first()


def _keep(
    request: PortalRequest,
    row: MeasureState,
    form: UpdateForm | None = None,
    held: EvidenceFile | None = None,
) -> UpdateDraft:
    """Save what was typed as a draft, then the uploaded file if it is accepted and can be stored."""
    measure = get_object_or_404(OutcomeMeasure, pk=row.id)
    draft = drafts.keep_typed(
        measure=measure, author=request.user, typed=request.POST.dict(), evidence_file=held
    )
    if not held and not (form and form.has_error("evidence_file")):
        try:
            held = drafts.sound_file(request, measure, request.user)
            drafts.hold_file(draft, held)
        except ValidationError as refused:
            if form:
                form.add_error("evidence_file", refused)
            else:
                messages.warning(request, f"The file was not saved. {refused.messages[0]}")
    if form and form.cleaned_data.get("drop_file") and not held:
        drafts.drop_file(draft)
    return draft


def _form(request: PortalRequest, row: MeasureState, draft: UpdateDraft | None, **kwargs: Any) -> UpdateForm:
    kwargs["initial"] = kwargs.get("initial", {}) | {"once_key": secrets.token_urlsafe(24)}
    return UpdateForm(
        row=row,
        by=request.user,
        partners=partners_for(request.user, row.action.lead_partners),
        today=request.plan.today,
        held_file=draft.evidence_file if draft else None,
        **kwargs,
    )


def _show(
    request: PortalRequest, row: MeasureState, form: UpdateForm, draft: UpdateDraft | None, status: int = 200
) -> HttpResponse:
    partners = form.partners
    context = {
        "row": row,
        "form": form,
        "on_behalf_of": next(iter(partners.values())) if len(partners) == 1 else None,
        "form_key": drafts.form_key(request.user, OutcomeMeasure(pk=row.id)),
        "draft": draft if draft and not form.is_bound else None,
        "held_file": draft.evidence_file if draft else None,
        "correcting": form["corrects"].value(),
        "other_leads": [lead for lead in row.action.leads if str(lead.partner.row_id) not in partners],
    }
    return render(request, "actions/measure_update.html", context, status=status)


@require_POST
@submitters_only
def measure_no_change(request: PortalRequest, number: int, order: int) -> HttpResponse:
    """Submit “no change since last time” on one measure."""
    row = measure_row(request, number, order)
    partners = partners_for(request.user, row.action.lead_partners)
    seen, once_key = request.POST.get("seen", ""), request.POST.get("once_key", "")
    well_formed = seen.isdigit() and 20 <= len(once_key) <= 64
    if row.status not in REPEATABLE or len(partners) != 1 or not well_formed:
        messages.error(request, f"{row.name} needs a comment. Nothing was submitted: fill in the form.")
        return redirect("measure_update", number, order)
    try:
        recorded = submit_no_change(
            row=row, by=request.user, on_behalf_of=partners[0], seen=int(seen), once_key=once_key
        )
    except (UpdatedSince, ValueError):
        messages.error(
            request,
            f"{row.name} was updated after you opened the page. Nothing was submitted: check the new update.",
        )
        return redirect("measure_update", number, order)
    return _submitted(request, row, recorded)


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    """An evidence file, as an attachment. One in a draft is served to its author alone."""
    found = get_object_or_404(EvidenceFile, pk=pk)
    if not found.updates.exists() and found.uploaded_by != request.user:
        raise Http404
    response = FileResponse(
        found.file.open(), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
