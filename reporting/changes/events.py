"""Which rows changed when: one query over the versions of every kind of row, filtered and cut by the database.

A version that ended is a change or a removal. A first version that a person made is an addition. What an import added
is one event of the import.
"""

from typing import Any

from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from actions.filters import words_of
from actions.models import ActionVersion
from actions.plan import Plan
from history.clock import end_of, start_of
from history.models import PlanChange
from reporting.changes.forms import OUTSIDE
from reporting.changes.kinds import DATE, DATE_FIELDS, IMPORT, KINDS, Kind

ENDED, BEGAN = 0, 1
OF_CHANGE = -1  # the place of an import among KINDS


def events_of(plan: Plan, chosen: dict[str, Any]) -> Any:
    """(when, place in KINDS, ENDED or BEGAN, key of the version or change), newest first."""
    action = _action_id(plan, chosen)
    parts = [
        rows
        for place, kind in enumerate(KINDS)
        if _is_wanted(kind, chosen)
        for rows in (
            _part(plan, _ended(plan, kind, chosen, action), "known_until", place, ENDED),
            _part(plan, _began(plan, kind, chosen, action), "known_from", place, BEGAN),
        )
    ]
    if chosen.get("kind") in (None, IMPORT):
        parts.append(_part(plan, _imports(plan, chosen, action), "known_at", OF_CHANGE, BEGAN))
    if not parts:  # an action has no reporting periods
        return PlanChange.objects.none()
    return parts[0].union(*parts[1:], all=True).order_by("-at", "place", "event", "-id")


def _is_wanted(kind: Kind, chosen: dict[str, Any]) -> bool:
    wanted = chosen.get("kind")
    if chosen.get("action") and not kind.action:
        return False
    return not wanted or wanted == kind.name or wanted in kind.aspects


def _action_id(plan: Plan, chosen: dict[str, Any]) -> int | None:
    """The key of the action that is asked for; 0 if the plan has none of that number."""
    if not chosen.get("action"):
        return None
    known = plan.actions().filter(number=chosen["action"]).values_list("action_id", flat=True).first()
    return known or 0


def _part(plan: Plan, rows: Any, column: str, place: int, event: int) -> Any:
    at = F(column)
    return (
        rows.order_by()
        .filter(**{f"{column}__lt": plan.moment})
        .annotate(
            at=at,
            place=Value(place, IntegerField()),
            event=Value(event, IntegerField()),
        )
        .values_list("at", "place", "event", "id")
    )


def _ended(plan: Plan, kind: Kind, chosen: dict[str, Any], action: int | None) -> Any:
    rows = kind.version.objects.filter(known_until__isnull=False)
    after = kind.version.objects.filter(row_id=OuterRef("row_id"), known_from=OuterRef("known_until"))
    if chosen.get("kind") == DATE:
        rows = rows.filter(Exists(after) & ~Exists(after.filter(_same_dates())))
    for word in words_of(chosen.get("q")):
        later = after.filter(_holds(kind.own, word)) if kind.own else after.none()
        rows = rows.filter(
            _told("end_change", word) | _holds((*kind.own, *kind.other), word) | Q(Exists(later))
        )
    return _narrowed(rows, kind, "known_until", "end_change", chosen, action)


def _same_dates() -> Q:
    """The dates are those of the outer row; a missing one equals a missing one."""
    same = Q()
    for name in DATE_FIELDS:
        both_missing = Q(**{f"{name}__isnull": True}) & Q(IsNull(OuterRef(name), True))
        same &= Q(**{name: OuterRef(name)}) | both_missing
    return same


def _began(plan: Plan, kind: Kind, chosen: dict[str, Any], action: int | None) -> Any:
    before = kind.version.objects.filter(row_id=OuterRef("row_id"), known_from__lt=OuterRef("known_from"))
    by_people = Q(change__isnull=True) | Q(change__kind=PlanChange.Kind.EDIT)
    rows = kind.version.objects.filter(by_people & ~Exists(before))
    if chosen.get("kind") == DATE:
        rows = rows.none()
    for word in words_of(chosen.get("q")):
        rows = rows.filter(_told("change", word) | _holds((*kind.own, *kind.other), word))
    return _narrowed(rows, kind, "known_from", "change", chosen, action)


def _imports(plan: Plan, chosen: dict[str, Any], action: int | None) -> Any:
    """Lists an import at the moment its actions became known, because a demonstration backdates them."""
    known = ActionVersion.objects.filter(change=OuterRef("pk")).order_by().values("known_from")[:1]
    rows = PlanChange.objects.exclude(kind=PlanChange.Kind.EDIT).annotate(
        known_at=Coalesce(Subquery(known), F("recorded_at"), output_field=DateTimeField())
    )
    if action is not None:
        rows = rows.filter(Exists(ActionVersion.objects.filter(row_id=action, change=OuterRef("pk"))))
    for word in words_of(chosen.get("q")):
        rows = rows.filter(_holds(("reason", "by_name"), word))
    if chosen.get("who"):
        rows = rows.filter(by_name=chosen["who"])
    return _in_time(rows, "known_at", chosen)


def _narrowed(
    rows: Any, kind: Kind, column: str, change: str, chosen: dict[str, Any], action: int | None
) -> Any:
    if action is not None:
        rows = rows.filter(**{kind.action: action})
    if who := chosen.get("who"):
        rows = rows.filter(**({change: None} if who == OUTSIDE else {f"{change}__by_name": who}))
    return _in_time(rows, column, chosen)


def _in_time(rows: Any, column: str, chosen: dict[str, Any]) -> Any:
    if chosen.get("since"):
        rows = rows.filter(**{f"{column}__gte": start_of(chosen["since"])})
    if chosen.get("until"):
        rows = rows.filter(**{f"{column}__lt": end_of(chosen["until"])})
    return rows


def _told(change: str, word: str) -> Q:
    """`word` in the reason or in the author's name."""
    return Q(**{f"{change}__reason__icontains": word}) | Q(**{f"{change}__by_name__icontains": word})


def _holds(columns: tuple[str, ...], word: str) -> Q:
    found = Q(pk__in=[])
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found
