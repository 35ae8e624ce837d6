"""What the fields of the form are called where they stand alone, and what was typed, as people read it."""

from collections.abc import Iterator

from actions.editing.forms import ActionForm
from actions.editing.state import ActionAtStamp, measure_name
from history.words import Changed

NO_ANSWERS = ("reason", "seen", "measure_slots", "lead_slots")


def label_of(name: str, form: ActionForm, then: ActionAtStamp | None = None) -> str:
    """“Measure 2: revised date”, “Relationship to VF1 …”. `then` knows the measures that are gone since."""
    field = form.fields.get(name)
    part = next((one for one in form.parts if name.startswith(f"{one.prefix}_")), None)
    if part:
        return f"{part.name}: {str(field.label if field else 'target date').lower()}"
    for measure in then.measures if then else []:
        if name.startswith(prefix := measure_name(measure.row_id, "")):
            what = name.removeprefix(prefix).replace("_", " ")
            return f"Measure {measure.order}: {'wording' if what == 'text' else what}"
    if name.startswith("mark_") and field:
        return f"Relationship to {field.label}"
    if name.startswith("lead_"):
        key = name.removeprefix("lead_")
        return f"Lead {next((one.name for one in form.plan.partners if str(one.row_id) == key), '')}"
    return str(field.label) if field else name


def words_of(name: str, text: str, form: ActionForm) -> str:
    """The text as people read it: the label of a choice, “none” for nothing."""
    if name.startswith("lead_"):
        return text.capitalize() or "not a lead"
    choices = dict(getattr(form.fields.get(name), "choices", None) or {})
    return str(choices.get(text, text)) or "none"


def answers_of(form: ActionForm) -> Iterator[Changed]:
    """Everything that was filled in for a new action, a line a field."""
    for name in form.fields:
        text = str(form.data.get(name) or "").strip()
        of_no_lead = name.endswith("_as") and not form.data.get(name.removesuffix("_as"))
        if text and not of_no_lead and name not in NO_ANSWERS:
            yield Changed(label_of(name, form), None, words_of(name, text, form), name)
