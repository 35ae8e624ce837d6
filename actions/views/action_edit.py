"""Edit an action: its form, the check before it is saved, and two editors at once."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.action_history import ActionHistory
from actions.editing import conflict
from actions.editing.forms import SLOTS_AT_MOST, ActionForm, slots_of
from actions.editing.preview import preview_of_edit
from actions.editing.state import ActionAtStamp, at_stamp, measure_name
from actions.editing.write import ChangedSince, EditRefused, edit_action
from actions.models import Action
from actions.plan import Plan
from actions.requests import PortalRequest
from history.clock import moment_of
from partners.permissions import staff_only

NOT_TYPED = ("csrfmiddlewaretoken", "do", "seen_then")
Typed = dict[str, str]


@dataclass(frozen=True)
class Editing:
    """The action that is edited, as it is in the present `plan`."""

    request: PortalRequest
    action: Action
    plan: Plan
    stamp: int
    rows: ActionAtStamp

    def form(self, data: Typed | None = None, **kwargs: Any) -> ActionForm:
        return ActionForm(data, plan=self.plan, seen=self.stamp, rows=self.rows, **kwargs)

    def page(self, form: ActionForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "sections": form.sections, "action": self.action}
        return render(self.request, "actions/action_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def action_edit(request: PortalRequest, number: int) -> HttpResponse:
    """`do` names the button: check, save, edit, merge, add-measure, add-lead or split-<key of a measure>."""
    action = get_object_or_404(Action, number=number)
    editing = _editing(request, action, request.plan)
    if request.method != "POST":
        return editing.page(editing.form())
    return _posted(editing, typed_in(request))


def _editing(request: PortalRequest, action: Action, plan: Plan) -> Editing:
    stamp = plan.stamp or 0
    rows = at_stamp(action.pk, stamp)
    assert rows is not None  # noqa: S101  actions are never deleted
    return Editing(request, action, plan, stamp, rows)


def typed_in(request: PortalRequest) -> Typed:
    """What the form holds, by field; the buttons and choices of the pages between are no part of it."""
    pairs = request.POST.dict().items()
    return {
        name: str(value) for name, value in pairs if name not in NOT_TYPED and not name.startswith("pick_")
    }


def _posted(editing: Editing, typed: Typed) -> HttpResponse:
    do = editing.request.POST.get("do", "check")
    if do == "merge":
        typed = _merged(editing, typed)
    then = at_stamp(editing.action.pk, _stamp(typed.get("seen"), editing))
    if then is not None and then.texts != editing.rows.texts:
        return _two_at_once(editing, then, typed)
    typed["seen"] = str(editing.stamp)
    if do == "edit" or do.startswith(("add-", "split-")):
        return editing.page(editing.form(initial=with_room(typed, do)))
    form = editing.form(typed)
    if not form.is_valid():
        return editing.page(form, status=422)
    return _save(editing, form) if do == "save" else _check(editing, form)


def _stamp(text: str | None, editing: Editing) -> int:
    """The stamp that a form carries; the present one where it carries none."""
    well_formed = text and text.isascii() and text.isdigit() and len(text) < 18
    return min(int(text or 0), editing.stamp) if well_formed else editing.stamp


def with_room(typed: Typed, do: str) -> Typed:
    """What was typed, with room for another measure or lead, or for a second half of a measure."""
    measures, leads = slots_of(typed, "measure_slots", 0), slots_of(typed, "lead_slots", 1)
    if do == "add-lead":
        return typed | {"lead_slots": str(min(leads + 1, SLOTS_AT_MOST))}
    if do == "edit" or measures >= SLOTS_AT_MOST:
        return typed
    found = typed | {"measure_slots": str(measures + 1)}
    key = do.removeprefix("split-")
    if key.isdigit():
        for name in ("text", "year", "unit", "target_date"):
            found[f"new_{measures + 1}_{name}"] = typed.get(measure_name(int(key), name), "")
    return found


def _check(editing: Editing, form: ActionForm) -> HttpResponse:
    try:
        changes = preview_of_edit(**_arguments(editing, form))
    except ChangedSince:
        return _again(editing, form)
    except EditRefused as refused:
        form.add_error(None, str(refused))
        return editing.page(form, status=422)
    context = {"action": editing.action, "changes": changes, "form": form, "carried": form.data}
    return render(editing.request, "actions/action_edit_check.html", context)


def _save(editing: Editing, form: ActionForm) -> HttpResponse:
    number = editing.action.number
    if conflict.has_all_of(editing.rows, form.data):
        messages.success(editing.request, f"Action {number} already has these details. Nothing was changed.")
        return redirect("action_detail", number)
    try:
        edit_action(**_arguments(editing, form))
    except ChangedSince:
        return _again(editing, form)
    except EditRefused as refused:
        form.add_error(None, str(refused))
        return editing.page(form, status=422)
    messages.success(editing.request, f"Action {number} changed. See “Changes to the plan” below.")
    return redirect("action_detail", number)


def _arguments(editing: Editing, form: ActionForm) -> dict[str, Any]:
    return {
        "action": editing.action,
        "wanted": form.wanted,
        "seen": editing.stamp,
        "reason": form.cleaned_data["reason"],
        "by": editing.request.user,
    }


def _again(editing: Editing, form: ActionForm) -> HttpResponse:
    """Somebody was faster by a moment: look at the plan once more, and show their change."""
    newer = _editing(editing.request, editing.action, Plan(editing.plan.calendar))
    then = at_stamp(editing.action.pk, editing.stamp)
    return _two_at_once(newer, then or newer.rows, dict(form.data))


def _two_at_once(editing: Editing, then: ActionAtStamp, typed: Typed) -> HttpResponse:
    if conflict.has_all_of(editing.rows, typed):
        messages.success(editing.request, f"Action {editing.action.number} changed.")
        return redirect("action_detail", editing.action.number)
    opened = moment_of(_stamp(typed.get("seen"), editing))
    context = {
        "action": editing.action,
        "events": [
            one for one in ActionHistory(editing.action.pk, editing.plan).events() if one.when > opened
        ],
        "clashes": conflict.clashes_of(then, editing.rows, typed, editing.form()),
        "carried": typed | {"seen": str(editing.stamp)},
        "seen_then": typed.get("seen", ""),
    }
    return render(editing.request, "actions/action_edit_conflict.html", context, status=409)


def _merged(editing: Editing, typed: Typed) -> Typed:
    """What was typed, together with what was picked of the other editor's change."""
    seen = _stamp(typed.get("seen"), editing)
    then = at_stamp(editing.action.pk, _stamp(editing.request.POST.get("seen_then"), editing))
    shown = at_stamp(editing.action.pk, seen)
    if then is None or shown is None:
        return typed
    picked = {
        name.removeprefix("pick_"): str(value)
        for name, value in editing.request.POST.items()
        if name.startswith("pick_")
    }
    return conflict.merged(then, shown, typed, picked)
