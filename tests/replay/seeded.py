"""The plan as it was loaded, where every replay begins."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from actions.models import Action, ActionVersion, Lead, OutcomeMeasure, Relationship
from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew
from tests.replay.state import Happened, State

Apply = Callable[[State], None]
NAMED: dict[str, Any] = {"theme": Theme, "cluster": Cluster, "partner": Partner}
COLUMNS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "actions": (Action, ("number", "title", "theme", "cluster", "outcome_text")),
    "leads": (Lead, ("action", "partner", "order", "acceptance")),
    "marks": (Relationship, ("action", "vital_few", "strength")),
    "measures": (
        OutcomeMeasure,
        ("action", "order", "text", "year", "baseline", "target", "unit", "target_date", "revised_date"),
    ),
}


def row_of(kind: str, row: Any) -> dict[str, Any]:
    """What the oracle knows of a row: its columns, with keys for other rows."""
    _, names = COLUMNS[kind]
    return {name: getattr(row, row._meta.get_field(name).attname) for name in names}


def as_seeded() -> Happened:
    """The plan as it is now, loaded when it was loaded."""
    rows = {
        kind: {row.pk: row_of(kind, row) for row in model._default_manager.all()}
        for kind, (model, _) in COLUMNS.items()
    }
    names = {kind: {row.pk: row.name for row in model.objects.all()} for kind, model in NAMED.items()}
    names["vital_few"] = {row.pk: row.code for row in VitalFew.objects.all()}
    names["vital_few_name"] = {row.pk: row.name for row in VitalFew.objects.all()}

    def apply(state: State) -> None:
        for kind, of_kind in rows.items():
            getattr(state, kind).update({key: dict(values) for key, values in of_kind.items()})
        state.names = {kind: dict(of_kind) for kind, of_kind in names.items()}

    return Happened(_loaded_at(), "as seeded", apply)


def _loaded_at() -> datetime:
    found = ActionVersion.objects.aggregate(first=Min("known_from"), last=Max("known_from"))
    assert found["first"] == found["last"]
    return found["first"]  # type: ignore[no-any-return]
