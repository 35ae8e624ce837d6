"""Invented progress over five quarters, every row of it marked as such. For demonstration mode alone."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from actions.models import Lead, OutcomeMeasure, ProgressUpdate, Status
from actions.models.status import REPEATABLE
from history import clock
from partners.models import Partner, User

SEED = 2008
WORDS = {
    Status.NOT_STARTED: ["Waiting for the partner’s budget round.", "A first meeting is being set up."],
    Status.ON_TRACK: [
        "The working group met and agreed the next steps.",
        "Work is continuing as planned.",
        "The pilot is running and the first results look good.",
    ],
    Status.AT_RISK: [
        "Two key people have left. Work has slipped by about a month.",
        "The project manager has left, and the contract was signed late.",
    ],
    Status.OFF_TRACK: ["The funding bid failed. The outcome cannot be reached without help."],
    Status.COMPLETE: ["Completed and handed over."],
}
STEPS = {
    Status.AT_RISK: "A replacement starts next month. Work should be back on schedule within two months.",
    Status.OFF_TRACK: "We ask the board to decide whether to fund the work from the joint budget.",
}
# how an action goes, quarter by quarter: a few stories, assigned at random from a fixed seed
STORIES: tuple[tuple[tuple[Status | None, ...], int], ...] = (
    ((None, Status.NOT_STARTED, Status.ON_TRACK, Status.ON_TRACK, Status.ON_TRACK), 8),
    ((Status.ON_TRACK, Status.ON_TRACK, Status.ON_TRACK, Status.ON_TRACK, None), 6),
    ((Status.NOT_STARTED, Status.ON_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.ON_TRACK), 3),
    ((Status.ON_TRACK, Status.ON_TRACK, Status.ON_TRACK, Status.AT_RISK, Status.AT_RISK), 3),
    ((Status.ON_TRACK, Status.ON_TRACK, Status.AT_RISK, Status.AT_RISK, Status.OFF_TRACK), 2),
    ((None, Status.NOT_STARTED, Status.NOT_STARTED, Status.ON_TRACK, None), 3),
    ((Status.NOT_STARTED, Status.ON_TRACK, Status.ON_TRACK, Status.COMPLETE, None), 2),
    ((None, None, Status.NOT_STARTED, None, Status.NOT_STARTED), 2),
    ((None, None, None, None, None), 3),
)


def refuse_to_invent() -> None:
    """Raises ImproperlyConfigured where the portal is in real use, and ValueError where anybody has reported."""
    if not settings.DEMONSTRATION:
        raise ImproperlyConfigured("Demonstration progress is only for DEMONSTRATION=on. Nothing was added.")
    if ProgressUpdate.objects.exists():
        raise ValueError(
            "There is progress already; invented progress is not mixed into it. Nothing was added."
        )


def invent_progress(quarters: list[tuple[date, date]], at: Callable[[datetime], None]) -> int:
    """Submit invented updates, each within its quarter (first day, last day), and return how many.

    `at` sets the time of what is written next (`history.clock.the_past`).
    """
    chance = random.Random(SEED)  # noqa: S311  a story, not a secret
    stories = [story for story, weight in STORIES for _ in range(weight)]
    updates = [
        update
        for measure in OutcomeMeasure.objects.select_related("action").order_by("action__number", "order")
        for update in _story_of(measure, chance.choice(stories), quarters, chance)
    ]
    for update in sorted(updates, key=lambda update: update.recorded_at):
        at(update.recorded_at)
        update.save()
    return len(updates)


def _story_of(
    measure: OutcomeMeasure,
    story: tuple[Status | None, ...],
    quarters: list[tuple[date, date]],
    chance: random.Random,
) -> list[ProgressUpdate]:
    author, partner = _speaker(measure)
    updates: list[ProgressUpdate] = []
    value = Decimal(0)
    before: Status | None = None
    for status, (first, last) in zip(story, quarters, strict=True):
        day = first + timedelta(days=chance.randrange(max((last - first).days, 1)))
        when = timezone.make_aware(datetime.combine(day, time(9 + chance.randrange(8), chance.randrange(60))))
        if status is None or when >= clock.now():
            continue
        repeated = status == before and status in REPEATABLE and chance.random() < 0.3
        reached = None
        if measure.target is not None and not repeated:
            gained = (measure.target * chance.randrange(5, 30) / 100).quantize(Decimal(1))
            if status != Status.NOT_STARTED:
                reached = value = value + gained
        updates.append(
            ProgressUpdate(
                measure=measure,
                status=status,
                comment="" if repeated else chance.choice(WORDS[status]),
                next_step=STEPS.get(status, ""),
                evidence="The minutes of the closing meeting." if status == Status.COMPLETE else "",
                completed_on=day if status == Status.COMPLETE else None,
                value=reached,
                no_change=repeated,
                author=author,
                author_role=author.role,
                on_behalf_of=partner,
                recorded_at=when,
                is_demonstration=True,
            )
        )
        before = status
    return updates


def _speaker(measure: OutcomeMeasure) -> tuple[User, Partner]:
    """The demonstration person who leads the action first; for all together, City Growth staff."""
    lead = Lead.objects.filter(action=measure.action).select_related("partner").order_by("order").first()
    partner = lead.partner if lead else None
    author = User.objects.filter(partners=partner, is_active=True).first()
    staff = User.objects.filter(role=User.Role.STAFF, is_active=True).first()
    speaker = author or staff
    if speaker is None or partner is None:
        raise ValueError("There is nobody to report: run `manage.py prepare` first. Nothing was added.")
    return speaker, partner
