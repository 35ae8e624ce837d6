"""Questions about updates: asked by staff, answered by the next update on the same measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from actions.models import ProgressUpdate, UpdateQuestion
from actions.plan import Plan
from actions.rows import MeasureState
from history import clock
from history.clock import start_of
from partners.models import User


class QuestionRefused(Exception):
    """The question cannot be asked; the message says why, for people."""


@dataclass(frozen=True)
class QuestionState:
    """A question about an update, and the update that answered it by the plan's moment."""

    question: UpdateQuestion
    answer: ProgressUpdate | None


def ask(*, update: ProgressUpdate, text: str, by: User) -> UpdateQuestion:
    """Put a question to the last update on a measure. Raises QuestionRefused."""
    with clock.writing():
        if ProgressUpdate.objects.filter(
            measure=update.measure_id, recorded_at__gt=update.recorded_at
        ).exists():
            raise QuestionRefused("There is a newer update. Read it, then ask again.")
        return UpdateQuestion.objects.create(update=update, text=text, asked_by=by)


def questions_on(plan: Plan, measures: Iterable[MeasureState]) -> dict[int, list[QuestionState]]:
    """The questions about the updates on each measure, oldest first, with their answers. Two queries."""
    keys = [measure.id for measure in measures]
    asked = UpdateQuestion.objects.filter(update__measure__in=keys, asked_at__lt=plan.moment)
    questions = list(asked.select_related("update"))
    if not questions:
        return {}
    answers = list(plan.updates().filter(measure__in={one.update.measure_id for one in questions}))
    found: dict[int, list[QuestionState]] = {}
    for one in questions:
        later = [
            update
            for update in answers  # newest first
            if update.measure_id == one.update.measure_id and update.recorded_at > one.asked_at
        ]
        state = QuestionState(one, later[-1] if later else None)
        found.setdefault(one.update.measure_id, []).append(state)
    return found


def unanswered(plan: Plan, measures: Iterable[MeasureState]) -> dict[int, list[QuestionState]]:
    """For each measure the questions that wait for an update."""
    return {
        key: [one for one in states if one.answer is None]
        for key, states in questions_on(plan, measures).items()
    }


def answered_since(day: date) -> Any:
    """The questions that an update has answered on `day` or later, the newest answer first, with `answered_at`."""
    later = ProgressUpdate.objects.filter(
        measure=OuterRef("update__measure"), recorded_at__gt=OuterRef("asked_at")
    )
    first = later.order_by("recorded_at").values("recorded_at")[:1]
    found = UpdateQuestion.objects.annotate(answered_at=Subquery(first)).filter(
        answered_at__gte=start_of(day)
    )
    return found.select_related("update__measure__action").order_by("-answered_at", "-pk")
