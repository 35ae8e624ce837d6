"""What has changed between two moments: every action once, with counts that add up to those of both."""

from datetime import date, timedelta
from typing import Any

import pytest

from actions.models import Action, Direction, Lead, OutcomeMeasure, Relationship
from actions.models.status import WORST_FIRST
from history import clock
from history.clock import plan_change
from partners.models import Partner, User
from reporting.calendar import plan_at
from reporting.paper.moved import WAYS, movement_of, way_of
from tests.clock import days_ago, recorded_at
from tests.conftest import LOADED

pytestmark = pytest.mark.usefixtures("framework")


def moments() -> Any:
    """The moment that is now, made sure of."""
    now = clock.now()
    clock.settle(now)
    return now


def test_every_way_is_counted_once_and_the_sums_are_the_counts_of_both_moments(report: Any) -> None:
    for number, status in (
        (1, "on-track"),
        (2, "off-track"),
        (3, "at-risk"),
        (4, "on-track"),
        (5, "off-track"),
    ):
        report(number, 1, status)
    report(6, 1, "closed")
    then = moments()
    for number, status in ((1, "at-risk"), (2, "on-track"), (3, "complete"), (5, "closed"), (7, "on-track")):
        report(number, 1, status)
    report(6, 1, "on-track")
    moved = movement_of(plan_at(), plan_at(then))
    assert moved.counts == dict.fromkeys(WAYS, 0) | {
        "worse": 1, "better": 2, "closed": 1, "new": 1, "reopened": 1, "same": 26,
    }  # fmt: skip
    assert moved.adds_up
    assert moved.completed == 1
    assert [(one.row.number, one.way) for one in moved.moves if one.way == "closed"] == [(5, "closed")]
    assert sum(moved.counts.values()) == moved.before.total == moved.now.total == 32


def test_ways_agree_with_the_direction_that_lists_show() -> None:
    for before in WORST_FIRST:
        for now in WORST_FIRST:
            way, shown = way_of(before.rank, now.rank), Direction.between(before, now)
            expected = {"closed": Direction.SAME, "reopened": Direction.SAME}.get(way, shown)
            assert expected == shown
            if way in ("worse", "better", "new", "same"):
                assert way == shown.value


def test_an_action_added_and_one_removed_are_said(report: Any) -> None:
    then = moments()
    with plan_change(by=None, reason="A new action"):
        like = Action.objects.get(number=1)
        made = Action.objects.create(
            number=33, title="New", theme=like.theme, cluster=like.cluster, outcome_text="More"
        )
    moved = movement_of(plan_at(), plan_at(then))
    assert (moved.counts["added"], moved.counts["removed"], moved.before.total, moved.now.total) == (
        1,
        0,
        32,
        33,
    )
    assert moved.adds_up
    later = moments()
    with plan_change(by=None, reason="Away again"):
        made.delete()
    moved = movement_of(plan_at(), plan_at(later))
    assert (moved.counts["removed"], moved.now.total) == (1, 32)
    assert moved.adds_up
    assert [edit.line for edit in moved.edits] == ["Action removed: “33”"]


def test_edits_say_what_who_when_and_why(staff: User) -> None:
    measure = OutcomeMeasure.objects.get(action__number=7)
    with recorded_at(days_ago(90)), plan_change(by=staff, reason="Dates"):
        OutcomeMeasure.objects.filter(pk=measure.pk).update(target_date=date(2008, 3, 31))
    then = moments()
    with plan_change(by=staff, reason="The bid was late"):
        OutcomeMeasure.objects.filter(pk=measure.pk).update(revised_date=date(2008, 6, 30))
    with plan_change(by=staff, reason="Tidied"):
        Action.objects.filter(number=8).update(title="Other words")
        Lead.objects.filter(action__number=9, order=1).update(acceptance="accepted")
        Relationship.objects.filter(action__number=10, vital_few__code="VF1").delete()
        Partner.objects.filter(slug="legi").update(name="LEGI programme")
    moved = movement_of(plan_at(), plan_at(then))
    [dates] = moved.date_edits
    assert (dates.number, dates.who, dates.why) == (7, "Sam Staff", "The bid was late")
    assert dates.dates is not None
    assert (dates.dates.original, dates.dates.previous, dates.dates.new) == (
        date(2008, 3, 31), date(2008, 3, 31), date(2008, 6, 30),
    )  # fmt: skip
    lines = {edit.number: edit.line for edit in moved.other_edits}
    assert lines[8].endswith("→ “Other words”")
    assert "“Suggested” → “Accepted”" in lines[9]
    assert all(edit.why == "Tidied" for edit in moved.other_edits)
    assert moved.edit_count == len(moved.edits)
    assert movement_of(plan_at(then), plan_at(then)).edits == []


def test_a_measure_that_moved_to_another_action_is_removed_and_added() -> None:
    """What is edited before and after counts for the action that the measure had then."""
    then = moments()
    measure = OutcomeMeasure.objects.get(action__number=6)
    rows = OutcomeMeasure.objects.filter(pk=measure.pk)
    for reason, values in (
        ("Before", {"text": "Said before"}),
        ("Moved", {"action": Action.objects.get(number=20), "order": 2}),
        ("After", {"text": "Said after"}),
    ):
        with plan_change(by=None, reason=reason):
            rows.update(**values)
    edits = movement_of(plan_at(), plan_at(then)).edits
    assert [(one.number, one.line, one.why) for one in edits] == [
        (20, "Measure 2, wording: “Said before” → “Said after”", "After"),
        (6, "Measure 1 removed: “Said before”", "Moved"),
        (20, "Measure 2 added: “Said before”", "Moved"),
        (6, f"Measure 1, wording: “{measure.text}” → “Said before”", "Before"),
    ]


def test_loading_the_plan_is_no_edit_even_of_an_action_edited_later() -> None:
    before = LOADED - timedelta(days=1)
    with plan_change(by=None, reason="Reworded"):
        Action.objects.filter(number=6).update(title="Said")
    [edit] = movement_of(plan_at(), plan_at(before)).edits
    assert edit.why == "Reworded"


def test_a_status_that_an_edit_moved_names_no_update_and_when_it_moved(report: Any) -> None:
    """The update that shows it now was known before; later edits of the action do not matter."""
    report(6, 1, "complete")
    report(20, 1, "off-track")
    then = moments()
    with plan_change(by=None, reason="Moved") as change:
        OutcomeMeasure.objects.filter(action__number=20).update(action=Action.objects.get(number=6), order=2)
    with plan_change(by=None, reason="Led by another"):
        Lead.objects.filter(action__number=6).update(acceptance="accepted")
    [move] = [one for one in movement_of(plan_at(), plan_at(then)).moves if one.row.number == 6]
    assert (move.before.value, move.row.status.value, move.update) == ("complete", "off-track", None)
    assert (move.when, move.by) == (change.recorded_at, "Change to the plan")


def test_a_move_names_the_update_that_made_it_and_not_what_was_said_later(report: Any) -> None:
    """The status is confirmed later: who, when and the comment are those of the update that changed it."""
    report(1, 1, "on-track")
    report(2, 1, "on-track")
    then = moments()
    made = report(1, 1, "at-risk", comment="The bid is late")
    wrong = report(2, 1, "at-risk", comment="A slip of the pen")
    report(1, 1, "at-risk", comment="Still late")
    corrected = report(2, 1, "at-risk", comment="The crane broke", corrects=wrong)
    report(2, 1, "at-risk", comment="The crane is still broken")
    first, second = movement_of(plan_at(), plan_at(then)).moves
    assert (first.row.number, first.update, first.words, first.when) == (
        1, made, "The bid is late", made.recorded_at,
    )  # fmt: skip
    assert (second.row.number, second.update, second.words, second.when) == (
        2, corrected, "The crane broke", wrong.recorded_at,
    )  # fmt: skip
