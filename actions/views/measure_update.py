"""Filing a progress update, and everything that must not go wrong on the way there."""

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions import drafts
from actions.forms import UpdateForm, corrected
from actions.models import (
    ActionVersion,
    EvidenceFile,
    OutcomeMeasure,
    ProgressUpdate,
    UpdateDraft,
)
from actions.models.status import REPEATABLE
from actions.reports import ReportedSince, file_no_change, file_report, own_partners_for
from actions.requests import PortalRequest
from actions.rows import MeasureRow
from partners.models import User
from partners.permissions import may_report, reporters_only


@require_http_methods(["GET", "HEAD", "POST"])
@reporters_only
def measure_update(request: PortalRequest, number: int, order: int) -> HttpResponse:
    """The form of one report; `do` says what was pressed: save, draft, discard, edit, keep-theirs or file-mine."""
    row = measure_row(request, number, order)
    if request.method != "POST":
        return _open(request, row)
    pressed = request.POST.get("do", "save")
    if pressed == "draft":
        _keep(request, row)
        messages.success(request, f"{row.name}: your draft is kept. Nobody else sees it.")
        return redirect("my_updates")
    if pressed in ("discard", "keep-theirs"):
        drafts.discard(measure_id=row.id, author=request.user)
        theirs = pressed == "keep-theirs"
        messages.success(
            request,
            f"{row.name}: "
            + ("what they filed stands; yours was dropped." if theirs else "your draft is gone."),
        )
        return redirect("my_updates")
    if pressed == "edit":
        draft = _keep(request, row)
        return _show(request, row, _form(request, row, draft, initial=_typed_again(request, row)), draft)
    return _save(request, row)


def measure_row(request: PortalRequest, number: int, order: int) -> MeasureRow:
    """The measure, where the reader may report on it. 404 where the plan has none, 403 where it is not theirs."""
    try:
        action = request.plan.row(number)
    except ActionVersion.DoesNotExist as missing:
        raise Http404(f"The plan has no action {number}.") from missing
    row = next((row for row in action.measures if row.measure.order == order), None)
    if row is None:
        raise Http404(f"Action {number} has no measure {order}.")
    if not may_report(request.user, [lead.partner for lead in action.leads]):
        raise PermissionDenied
    return row


def _open(request: PortalRequest, row: MeasureRow) -> HttpResponse:
    draft = _draft(request.user, row)
    initial: dict[str, Any] = {"seen": row.update.pk if row.update else None}
    if "correct" in request.GET and row.update:
        if request.GET["correct"] != str(row.update.pk):
            raise Http404("Only the latest report can be corrected; a newer one has been filed since.")
        initial |= corrected(row.update)
    if draft:
        initial |= draft.typed
    return _show(request, row, _form(request, row, draft, initial=initial), draft)


def _save(request: PortalRequest, row: MeasureRow) -> HttpResponse:
    if filed := ProgressUpdate.objects.filter(
        once_key=request.POST.get("once_key", ""), author=request.user, measure=row.id
    ).first():
        return _filed(request, row, filed)  # a double click, or the page sent again
    draft = _draft(request.user, row)
    form = _form(request, row, draft, data=request.POST, files=request.FILES)
    if not form.is_valid():
        draft = _keep(request, row, form)
        form.held_file = draft.evidence_file
        return _show(request, row, form, draft, status=422)
    draft = _keep(request, row, form)
    try:
        filed = file_report(
            measure=get_object_or_404(OutcomeMeasure, pk=row.id),
            report=form.report(draft.evidence_file),
            by=request.user,
            on_behalf_of=form.speaks_for,
            seen=form.cleaned_data["seen"],
            once_key=form.cleaned_data["once_key"],
            corrects=_corrects(form, row),
        )
    except ReportedSince as since:
        return _two_at_once(request, row, form, since.latest, draft)
    return _filed(request, row, filed)


def _corrects(form: UpdateForm, row: MeasureRow) -> ProgressUpdate | None:
    """The report that this one corrects: the latest, or (somebody reported since) none."""
    wanted = form.cleaned_data["corrects"]
    return row.update if row.update and wanted == row.update.pk else None


def _filed(request: PortalRequest, row: MeasureRow, filed: ProgressUpdate) -> HttpResponse:
    messages.success(request, f"{row.name}: filed as {filed.get_status_display()}.")
    return redirect("action_detail", row.action.number) if request.user.is_staff else redirect("my_updates")


def _two_at_once(
    request: PortalRequest, row: MeasureRow, form: UpdateForm, theirs: ProgressUpdate, draft: UpdateDraft
) -> HttpResponse:
    carried = {name: form.data.get(name, "") for name in (*drafts.TYPED, "value_is_right", "once_key")}
    carried["seen"] = str(theirs.pk)
    context = {
        "row": row,
        "theirs": theirs,
        "mine": form.report(draft.evidence_file),
        "carried": {name: value for name, value in carried.items() if value},
        "form_key": form.data.get("form_key", ""),
        "evidence_file": draft.evidence_file,
    }
    return render(request, "actions/measure_update_conflict.html", context, status=409)


def _typed_again(request: PortalRequest, row: MeasureRow) -> dict[str, Any]:
    """What was typed, to go on editing with the other's report known."""
    typed: dict[str, Any] = {name: request.POST[name] for name in drafts.TYPED if name in request.POST}
    return typed | {"seen": row.update.pk if row.update else None}


def _draft(user: User, row: MeasureRow) -> UpdateDraft | None:
    return UpdateDraft.objects.select_related("evidence_file").filter(measure=row.id, author=user).first()


def _keep(request: PortalRequest, row: MeasureRow, form: UpdateForm | None = None) -> UpdateDraft:
    """Keep what was typed, and a file that is sound, whatever else is wrong."""
    measure = get_object_or_404(OutcomeMeasure, pk=row.id)
    held = drafts.sound_file(request, measure, request.user)
    if "evidence_file" in request.FILES and not held and form is None:
        messages.warning(request, "The file was not kept: it is too large, or of a kind that is not taken.")
    draft = drafts.keep_typed(
        measure=measure, author=request.user, typed=request.POST.dict(), evidence_file=held
    )
    if form and form.cleaned_data.get("drop_file") and not held:
        drafts.drop_file(draft)
    return draft


def _form(request: PortalRequest, row: MeasureRow, draft: UpdateDraft | None, **kwargs: Any) -> UpdateForm:
    kwargs["initial"] = kwargs.get("initial", {}) | {"once_key": secrets.token_urlsafe(24)}
    return UpdateForm(
        row=row,
        by=request.user,
        speakers_for=own_partners_for(request.user, row),
        held_file=draft.evidence_file if draft else None,
        last_value=last_value(request, row),
        **kwargs,
    )


def last_value(request: PortalRequest, row: MeasureRow) -> Any:
    """The value reported last, in whichever report that was."""
    if not row.measure.is_numeric:
        return None
    return (
        request.plan.updates()
        .filter(measure=row.id, value__isnull=False)
        .values_list("value", flat=True)
        .first()
    )


def _show(
    request: PortalRequest, row: MeasureRow, form: UpdateForm, draft: UpdateDraft | None, status: int = 200
) -> HttpResponse:
    context = {
        "row": row,
        "form": form,
        "form_key": drafts.form_key(request.user, OutcomeMeasure(pk=row.id)),
        "draft": draft if draft and not form.is_bound else None,
        "held_file": draft.evidence_file if draft else None,
        "correcting": form["corrects"].value(),
        "other_leads": [
            lead for lead in row.action.leads if str(lead.partner.row_id) not in form.speakers_for
        ],
    }
    return render(request, "actions/measure_update.html", context, status=status)


@require_POST
@reporters_only
def measure_no_change(request: PortalRequest, number: int, order: int) -> HttpResponse:
    """“No change since last time” on one measure."""
    row = measure_row(request, number, order)
    speaks_for = own_partners_for(request.user, row)
    seen, once_key = request.POST.get("seen", ""), request.POST.get("once_key", "")
    if (
        row.status not in REPEATABLE
        or not seen.isdigit()
        or not 20 <= len(once_key) <= 64
        or len(speaks_for) != 1
    ):
        messages.error(
            request, f"{row.name}: nothing was filed, because words are needed here. Please fill in the form."
        )
        return redirect("measure_update", number, order)
    try:
        file_no_change(
            row=row, by=request.user, on_behalf_of=speaks_for[0], seen=int(seen), once_key=once_key
        )
    except (ReportedSince, ValueError):
        messages.error(
            request,
            f"{row.name}: somebody reported since you opened the page. Nothing was filed; please look.",
        )
        return redirect("measure_update", number, order)
    messages.success(request, f"{row.name}: filed as no change, {row.status.label}.")
    return redirect("my_updates")


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    """A file filed as evidence, as an attachment; one that is only in a draft is there for its author alone."""
    found = get_object_or_404(EvidenceFile, pk=pk)
    if not found.updates.exists() and found.uploaded_by != request.user:
        raise Http404
    response = FileResponse(
        found.file.open(), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
