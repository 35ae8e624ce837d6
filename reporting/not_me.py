"""“Not me”: a lead says that somebody else should submit updates on a measure, and staff decide."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from history import clock
from partners.models import User
from reporting.models import NotMe


class DecidedAlready(Exception):
    """Somebody else has decided it in the meantime."""


def open_answers() -> "QuerySet[NotMe]":
    """Those that wait for a decision of City Growth, longest first."""
    waiting = NotMe.objects.filter(decision=NotMe.Decision.OPEN)
    return waiting.select_related("measure__action", "person")


def open_answer(*, measure_id: int, person: User) -> NotMe | None:
    return NotMe.objects.filter(measure=measure_id, person=person, decision=NotMe.Decision.OPEN).first()


def say_not_me(*, measure_id: int, hand_to: str, note: str, by: User) -> NotMe:
    """Record who should submit updates instead. Replaces an earlier reply that is still waiting."""
    words = {"hand_to": hand_to, "note": note}
    try:
        with transaction.atomic():
            return NotMe.objects.create(measure_id=measure_id, person=by, person_name=str(by), **words)
    except IntegrityError:
        waiting = NotMe.objects.filter(measure=measure_id, person=by, decision=NotMe.Decision.OPEN)
        waiting.update(**words)
        return waiting.get()


def decide(*, answer: NotMe, decision: NotMe.Decision, note: str, by: User) -> None:
    """Dismiss it, and the person is reminded again; or note that it was handed on. Raises DecidedAlready."""
    waiting = NotMe.objects.filter(pk=answer.pk, decision=NotMe.Decision.OPEN)
    decided = waiting.update(decision=decision, decision_note=note, decided_by=by, decided_at=clock.now())
    if not decided:
        raise DecidedAlready
