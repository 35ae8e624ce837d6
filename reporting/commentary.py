"""Comments to look at again before a paper is published: too short, repeated, or without what the board needs."""

from dataclasses import dataclass

from actions.models import ProgressUpdate, Status
from actions.plan import Plan
from actions.rows import MeasureState

SHORTEST = 40  # characters


@dataclass(frozen=True)
class WeakComment:
    """A measure whose last update says too little, and why."""

    measure: MeasureState
    update: ProgressUpdate
    why: str


def weak_comments(plan: Plan) -> list[WeakComment]:
    """Of the measures that are Off track or At risk, and of those updated in the open period."""
    reported = plan.actions().filter(reported_at__gte=plan.opens) | plan.actions().filter(
        rank__in=(Status.OFF_TRACK.rank, Status.AT_RISK.rank)
    )
    rows = plan.with_measures(plan.rows(reported), all_updates=True)
    found = []
    for measure in (measure for row in rows for measure in row.measures):
        words = measure.words
        if words and (why := _why(measure, words)):
            found.append(WeakComment(measure, words, why))
    return found


def _why(measure: MeasureState, words: ProgressUpdate) -> str:
    earlier = [one for one in measure.updates if one.recorded_at < words.recorded_at and one.comment]
    if earlier and earlier[0].comment.strip() == words.comment.strip() and words.comment.strip():
        return "repeats the comment before it"
    if measure.status == Status.AT_RISK and len(words.next_step.strip()) < SHORTEST:
        return "has no recovery step, or a very short one"
    if measure.status == Status.OFF_TRACK and len(words.next_step.strip()) < SHORTEST:
        return "does not say what is needed from the board, or says very little"
    if not measure.status.is_final and len(words.comment.strip()) < SHORTEST:
        return f"is under {SHORTEST} characters"
    return ""
