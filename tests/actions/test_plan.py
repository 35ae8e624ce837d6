"""The plan as at a moment: what it reads then and now, and what it computes: status, due, overdue, past, direction."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from actions.calendar import Calendar, Meeting, Period
from actions.models import (
    Action,
    ActionVersion,
    Direction,
    Lead,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    RelationshipVersion,
    Status,
)
from actions.models.known import NEVER
from actions.models.status import WORST_FIRST
from actions.plan import Plan
from history.clock import MICROSECOND, end_of, plan_change, start_of
from history.models import VERSIONS, PlanChange
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.clock import database_clock, recorded_at
from tests.conftest import Report

LONDON = ZoneInfo("Europe/London")
NUMBER = 23  # two measures, one of them numeric, all five vital fews


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def noon(days: int) -> datetime:
    return start_of(day(days)) + timedelta(hours=12)


def read(plan: Plan) -> dict[str, Any]:
    """All that a page could show of action 23, and of the plan around it, as plain values."""
    row = plan.row(NUMBER)
    return {
        "title": row.title,
        "outcome": row.outcome_text,
        "theme": row.theme.name,
        "cluster": row.cluster.name,
        "leads": row.leads_in_words,
        "marks": row.marks,
        "measures": [
            (m.measure.order, m.measure.text, m.measure.target, m.measure.target_date, m.measure.revised_date)
            for m in row.measures
        ],
        "around": [
            [str(one) for one in rows]
            for rows in (plan.vital_fews, plan.themes, plan.clusters, plan.partners)
        ],
        "size": plan.size,
        "heading": plan.outcome_heading,
        "mine": [version.number for version in plan.actions().filter(theme=row.theme.row_id)],
    }


def mine(model: type[Any]) -> Any:
    return model.objects.filter(action__number=NUMBER)


def add_a_lead() -> None:
    legi = Partner.objects.get(slug="legi")
    Lead.objects.create(action=Action.objects.get(number=NUMBER), partner=legi, order=2)


def move_to_another_theme() -> None:
    Action.objects.filter(number=NUMBER).update(theme=Theme.objects.get(slug="spatial-issues"))


def move_to_another_cluster() -> None:
    Action.objects.filter(number=NUMBER).update(cluster=Cluster.objects.get(slug="retail"))


def add_a_measure() -> None:
    OutcomeMeasure.objects.create(
        action=Action.objects.get(number=NUMBER), order=3, text="Five trips", year=2009, target=5
    )


def add_an_action() -> None:
    first = Action.objects.get(number=1)
    Action.objects.create(
        number=33, title="New", theme=first.theme, cluster=first.cluster, outcome_text="More"
    )


CHANGES: dict[str, Callable[[], object]] = {
    "wording": lambda: Action.objects.filter(number=NUMBER).update(title="Otherwise"),
    "outcome text": lambda: Action.objects.filter(number=NUMBER).update(outcome_text="Otherwise"),
    "theme": move_to_another_theme,
    "cluster": move_to_another_cluster,
    "lead added": add_a_lead,
    "lead accepted": lambda: mine(Lead).update(acceptance="accepted"),
    "lead declined": lambda: mine(Lead).update(acceptance="declined"),
    "lead removed": lambda: mine(Lead).get().delete(),
    "relationship changed": lambda: mine(Relationship).filter(vital_few__code="VF1").update(strength="O"),
    "relationship removed": lambda: mine(Relationship).filter(vital_few__code="VF1").delete(),
    "measure reworded": lambda: mine(OutcomeMeasure).filter(order=1).update(text="Otherwise"),
    "measure retargeted": lambda: mine(OutcomeMeasure).filter(order=2).update(target=7),
    "measure dated": lambda: mine(OutcomeMeasure).update(target_date=date(2008, 12, 31)),
    "measure added": add_a_measure,
    "measure removed": lambda: mine(OutcomeMeasure).filter(order=1).delete(),
    "partner renamed": lambda: Partner.objects.filter(slug="leicester-city-growth").update(name="Growth"),
    "theme renamed": lambda: Theme.objects.filter(slug="access-to-labour").update(name="Labour"),
    "cluster renamed": lambda: Cluster.objects.filter(slug="cross-cluster").update(name="Everywhere"),
    "vital few renamed": lambda: VitalFew.objects.filter(code="VF1").update(name="Vision"),
    "another theme": lambda: Theme.objects.create(name="New", slug="new", order=9),
    "another action": add_an_action,
}


# --- Then and now, with the same interface -------------------------------


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_read_after_it_and_not_before(framework: None, staff: User, name: str) -> None:
    before = read(Plan())
    with recorded_at(noon(1)), plan_change(by=staff, reason="Said so"):
        CHANGES[name]()
    after = read(Plan())
    assert after != before
    assert read(Plan(moment=end_of(day(0)))) == before
    assert read(Plan(moment=noon(1))) == before  # what was known just before
    assert read(Plan(moment=noon(1) + timedelta(microseconds=1))) == after
    assert read(Plan(moment=end_of(day(1)))) == after


def test_each_of_several_changes_is_read_in_its_own_time(framework: None, staff: User) -> None:
    titles = [Plan().row(1).title]
    for days in (1, 2, 3):
        with recorded_at(noon(days)), plan_change(by=staff, reason="Again"):
            Action.objects.filter(number=1).update(title=f"On day {days}")
        titles.append(f"On day {days}")
    assert [Plan(moment=end_of(day(days))).row(1).title for days in range(4)] == titles


def test_before_the_framework_was_loaded_the_plan_is_empty(framework: None) -> None:
    plan = Plan(moment=start_of(date(2008, 1, 1)))
    assert (plan.size, plan.vital_fews, plan.partners, plan.rows(plan.actions())) == (0, [], [], [])
    assert plan.outcome_heading == "Outcome Measure"
    with pytest.raises(ActionVersion.DoesNotExist):
        plan.row(1)


def test_what_was_replaced_within_its_own_change_was_never_known(framework: None, staff: User) -> None:
    original = Plan().row(1).title
    with recorded_at(noon(1)), plan_change(by=staff, reason="Twice"):
        Action.objects.filter(number=1).update(title="First thought")
        Action.objects.filter(number=1).update(title="Second thought")
    for seconds in range(-2, 3):
        assert Plan(moment=noon(1) + timedelta(seconds=seconds)).row(1).title != "First thought"
    assert list(
        ActionVersion.objects.filter(number=1).order_by("known_from").values_list("title", flat=True)
    ) == [
        original,
        "Second thought",
    ]


def test_a_declined_lead_leads_no_more_and_an_accepted_one_says_so(framework: None) -> None:
    Lead.objects.filter(action__number=9, partner__slug="universities").update(acceptance="declined")
    Lead.objects.filter(action__number=9, partner__slug="leicester-city-growth").update(acceptance="accepted")
    row = Plan().row(9)
    assert row.leads_in_words == "Leicester City Growth (accepted)"
    assert Lead.objects.filter(action__number=9).count() == 2


def test_measures_of_several_years_leave_the_year_out_of_the_heading(framework: None) -> None:
    assert Plan().outcome_heading == "Outcome Measure 2008"
    add_a_measure()
    assert Plan().outcome_heading == "Outcome Measure"


# --- Every way to change a row is recorded -------------------------------


def update_in_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE actions_action SET title = 'Otherwise' WHERE number = 1")


def save() -> None:
    action = Action.objects.get(number=1)
    action.title = "Otherwise"
    action.save()


def bulk_update() -> None:
    action = Action.objects.get(number=1)
    action.title = "Otherwise"
    Action.objects.bulk_update([action], ["title"])


@pytest.mark.parametrize(
    "change",
    [save, bulk_update, update_in_sql, lambda: Action.objects.filter(number=1).update(title="Otherwise")],
)
def test_a_change_outside_of_a_plan_change_is_recorded_without_an_author(
    framework: None, change: Callable[[], None]
) -> None:
    original, before = Plan().row(1).title, timezone.now()
    change()
    assert Plan(moment=before).row(1).title == original
    assert Plan().row(1).title == "Otherwise"
    version = ActionVersion.objects.open().get(number=1)
    assert version.change is None
    assert before < version.known_from <= timezone.now()
    old = ActionVersion.objects.get(number=1, known_until__isnull=False)
    assert (old.known_until, old.end_change, old.change.kind) == (
        version.known_from,
        None,
        PlanChange.Kind.IMPORT,
    )


@pytest.mark.parametrize("how", ["bulk_create", "sql"])
def test_rows_made_and_deleted_by_any_means_leave_their_history(framework: None, how: str) -> None:
    action, vital_few = Action.objects.get(number=2), VitalFew.objects.get(code="VF1")
    if how == "bulk_create":
        Relationship.objects.bulk_create([Relationship(action=action, vital_few=vital_few, strength="X")])
        Relationship.objects.filter(action=action, vital_few=vital_few)._raw_delete("default")
    else:
        with connection.cursor() as cursor:
            values = [action.pk, vital_few.pk]
            cursor.execute(
                "INSERT INTO actions_relationship (action_id, vital_few_id, strength) VALUES (%s, %s, 'X')",
                values,
            )
            cursor.execute(
                "DELETE FROM actions_relationship WHERE action_id = %s AND vital_few_id = %s", values
            )
    version = RelationshipVersion.objects.get(action=action, vital_few=vital_few)
    assert version.known_until is not None
    assert (version.strength, version.change, version.end_change) == ("X", None, None)


def test_a_plan_change_lends_its_author_to_all_that_is_changed_in_it(framework: None, staff: User) -> None:
    with plan_change(by=staff, reason="Agreed in May") as change:
        Action.objects.filter(number=1).update(title="Otherwise")
        update_in_sql()
        mine(Relationship).filter(vital_few__code="VF1").delete()
    assert ActionVersion.objects.open().get(number=1).change == change
    assert ActionVersion.objects.get(number=1, known_until__isnull=False).end_change == change
    assert RelationshipVersion.objects.get(known_until__isnull=False).end_change == change
    Action.objects.filter(number=2).update(title="Later")
    assert ActionVersion.objects.open().get(number=2).change is None


def test_saving_what_stands_already_leaves_no_history(framework: None, staff: User) -> None:
    before = [version.objects.count() for version in VERSIONS]
    with plan_change(by=staff, reason="Nothing"):
        for model in (Action, Lead, Relationship, OutcomeMeasure, Theme, Partner):
            model.objects.all()[0].save()
    assert [version.objects.count() for version in VERSIONS] == before


# --- Status --------------------------------------------------------------


def test_statuses_stand_worst_first() -> None:
    assert [status.label for status in WORST_FIRST] == [
        "Off track",
        "At risk",
        "Not yet reported",
        "Not started",
        "On track",
        "Complete",
        "Closed, not completed",
    ]
    assert [status.symbol for status in WORST_FIRST] == list("✕▲–○✓■⁄")


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (None, None, ("not-reported", 1, 2)),
        (None, "on-track", ("not-reported", 1, 1)),
        (None, "at-risk", ("at-risk", 2, 1)),
        ("on-track", "off-track", ("off-track", 2, 1)),
        ("at-risk", "off-track", ("off-track", 2, 1)),
        ("not-started", "on-track", ("not-started", 1, 1)),
        ("complete", "closed", ("complete", 1, 1)),
        ("complete", "complete", ("complete", 1, 2)),
        ("closed", "closed", ("closed", 1, 2)),
        ("on-track", "complete", ("on-track", 1, 1)),
    ],
)
def test_an_action_shows_the_worst_of_its_measures_and_says_how_many(
    report: Report, first: str | None, second: str | None, shown: tuple[str, int, int]
) -> None:
    for order, status in ((1, first), (2, second)):
        if status:
            report(NUMBER, order, status)
    row = Plan().row(NUMBER)
    assert (row.status, row.worst_measure.measure.order, row.shown_by) == shown
    assert row.update == row.worst_measure.update


def test_the_last_update_counts_and_of_two_at_once_the_later_row(report: Report) -> None:
    report(1, status="on-track", recorded_at=noon(-2))
    report(1, status="off-track", recorded_at=noon(-1))
    assert Plan().row(1).status == Status.OFF_TRACK
    with database_clock(timezone.now()):
        first = report(1, status="at-risk")
        last = report(1, status="complete")
        assert last.recorded_at == first.recorded_at + MICROSECOND
        assert Plan().row(1).update == last


def test_an_update_dated_before_the_last_one_is_stamped_after_it_and_counts(report: Report) -> None:
    first = report(1, status="off-track")
    second = ProgressUpdate.objects.create(
        measure=first.measure,
        status="on-track",
        comment="Written with a date of its own",
        author=first.author,
        author_role=first.author_role,
        on_behalf_of=first.on_behalf_of,
        recorded_at=first.recorded_at - timedelta(days=1),
    )
    second.refresh_from_db()
    assert second.recorded_at > first.recorded_at
    assert Plan().row(1).status == Status.ON_TRACK
    assert list(ProgressUpdate.objects.newest_first()) == [second, first]


@pytest.mark.parametrize("minutes", [-4, -60, 60])
def test_a_correction_counts_though_the_clock_is_set_back_between_the_two(
    report: Report, minutes: int
) -> None:
    now = timezone.now()
    with database_clock(now):
        wrong = report(1, status="off-track")
    with database_clock(now + timedelta(minutes=minutes)):  # another server's, or after it was put right
        right = report(1, status="on-track", corrects=wrong)
        assert Plan().row(1).update == right
    assert right.recorded_at == max(wrong.recorded_at + MICROSECOND, now + timedelta(minutes=minutes))
    assert Plan(moment=right.recorded_at).row(1).update == wrong
    assert Plan(moment=right.recorded_at + MICROSECOND).row(1).update == right


def test_with_a_clock_an_hour_ahead_now_is_as_at_now(report: Report) -> None:
    with database_clock(timezone.now() + timedelta(hours=1)):
        report(1, status="off-track")
        present = Plan()
        assert Plan(moment=present.moment).row(1).status == present.row(1).status == Status.OFF_TRACK
    present = Plan()  # the clock is right again, and what was stamped ahead of it is known
    assert Plan(moment=present.moment).row(1).status == present.row(1).status == Status.OFF_TRACK


def test_at_a_moment_only_what_was_reported_before_it_counts(report: Report) -> None:
    report(1, status="at-risk", recorded_at=noon(1))
    report(1, status="on-track", recorded_at=noon(2))
    plans = [Plan(moment=moment) for moment in (noon(1), end_of(day(1)), noon(2), end_of(day(2)))]
    assert [plan.row(1).status for plan in plans] == ["not-reported", "at-risk", "at-risk", "on-track"]
    for plan in (*plans, Plan()):
        assert plan.status_counts().shares == plan.counts().shares
    assert Plan(moment=end_of(day(1))).updates().count() == 1


def test_what_the_database_sorts_and_filters_by_agrees_with_what_is_shown(report: Report) -> None:
    for number, status in enumerate(WORST_FIRST, start=1):
        if status != Status.NOT_REPORTED:
            report(number, status=status)
    report(NUMBER, 2, "off-track")
    OutcomeMeasure.objects.filter(action__number__in=(2, 4, 6, 7, NUMBER)).update(target_date=day(-1))
    plan = Plan(Calendar(period=Period("Late", day(-9), day(-2), day(9))))
    rows = plan.with_measures(plan.rows(plan.actions()))
    assert [WORST_FIRST[row.known.rank] for row in rows] == [row.status for row in rows]
    for condition, shown in (
        (plan.awaited, "awaited"),
        (plan.overdue, "overdue"),
        (plan.past_target, "past_target"),
    ):
        chosen = plan.actions().filter(condition).values_list("number", flat=True)
        assert list(chosen) == [row.number for row in rows if getattr(row, shown)]
    assert {row.overdue for row in rows} == {row.past_target for row in rows} == {True, False}
    for row in rows:
        worst = min(row.measures, key=lambda measure: (measure.status.rank, measure.measure.order))
        assert row.worst_measure is worst
        assert row.reported_at == (worst.update.recorded_at if worst.update else None)
        assert row.known.reported_at == (row.reported_at or NEVER)
    ordered = [row.number for row in plan.rows(plan.actions().order_by("rank", "number"))]
    assert ordered[:4] == [1, NUMBER, 2, 3]


def test_an_action_without_measures_is_not_yet_reported_and_nothing_is_awaited(framework: None) -> None:
    add_an_action()
    plan = Plan(
        Calendar(Period("Late", day(-9), day(-2), day(9)), last_meeting=Meeting("May", "may", day(-1)))
    )
    row = plan.row(33)
    assert (row.measures, row.leads, row.marks) == ([], [], {})
    assert (row.status, row.shown_by, row.worst_measure, row.update) == (Status.NOT_REPORTED, 0, None, None)
    assert (row.awaited, row.overdue, row.past_target, row.direction) == (False, False, False, None)
    assert row.known.rank == Status.NOT_REPORTED.rank
    assert not plan.actions().filter(plan.overdue, number=33).exists()


# --- Due and overdue -----------------------------------------------------

ROUND = Period("Round", opens=day(1), due=day(10), closes=day(20))


def lateness(moment: datetime, period: Period | None = ROUND) -> tuple[bool, bool, bool]:
    """Whether action 1 is awaited, due and overdue."""
    row = Plan(Calendar(period=period), moment).row(1)
    [measure] = row.measures
    assert (row.awaited, row.overdue) == (measure.awaited, measure.overdue)
    return measure.awaited, measure.due, measure.overdue


def test_an_update_is_overdue_only_after_the_last_day_on_which_it_is_due(framework: None) -> None:
    assert lateness(end_of(day(1))) == (True, True, False)
    assert lateness(end_of(day(10))) == (True, True, False)
    assert lateness(end_of(day(10)) + timedelta(microseconds=1)) == (True, False, True)
    assert lateness(end_of(day(30))) == (True, False, True)


def test_nothing_is_due_without_an_open_period(framework: None) -> None:
    assert lateness(end_of(day(30)), None) == (False, False, False)


@pytest.mark.parametrize(
    ("recorded", "awaited"),
    [
        (start_of(ROUND.opens) - timedelta(microseconds=1), True),
        (start_of(ROUND.opens), False),
        (end_of(ROUND.due), False),
        (end_of(day(15)), True),  # not known yet at the moment of the question
    ],
)
def test_only_a_report_within_the_period_answers_it(
    report: Report, recorded: datetime, awaited: bool
) -> None:
    report(1, status="at-risk", recorded_at=recorded)
    assert lateness(end_of(day(15))) == (awaited, False, awaited)


def test_no_change_is_an_answer_and_the_last_status_stays_with_silence(report: Report) -> None:
    report(1, recorded_at=noon(0))
    assert lateness(end_of(day(15)))[2]
    assert Plan(Calendar(period=ROUND), end_of(day(15))).row(1).status == Status.ON_TRACK
    report(1, no_change=True, comment="", recorded_at=noon(2))
    assert lateness(end_of(day(15))) == (False, False, False)


@pytest.mark.parametrize("status", ["complete", "closed"])
def test_nothing_is_awaited_of_what_is_complete_or_closed(report: Report, status: str) -> None:
    report(1, status=status, recorded_at=noon(0))
    assert lateness(end_of(day(15))) == (False, False, False)


def test_an_action_is_overdue_where_one_of_its_measures_is(report: Report) -> None:
    report(NUMBER, 1, recorded_at=noon(2))
    plan = Plan(Calendar(period=ROUND), end_of(day(15)))
    assert [measure.overdue for measure in plan.row(NUMBER).measures] == [False, True]
    assert plan.row(NUMBER).overdue
    assert plan.actions().filter(plan.overdue, number=NUMBER).exists()


# --- Past its target date ------------------------------------------------


def past_target(moment: datetime) -> bool:
    return Plan(moment=moment).row(1).past_target


def test_a_measure_is_past_its_target_date_from_the_next_day_on(framework: None) -> None:
    assert not past_target(end_of(day(300)))
    OutcomeMeasure.objects.filter(action__number=1).update(target_date=day(5))
    assert not past_target(end_of(day(5)))
    assert past_target(end_of(day(6)))


def test_a_revised_date_turns_nothing_green(framework: None) -> None:
    OutcomeMeasure.objects.filter(action__number=1).update(target_date=day(5), revised_date=day(50))
    assert past_target(end_of(day(6)))
    [measure] = Plan().row(1).measures
    assert (measure.measure.target_date, measure.measure.revised_date) == (day(5), day(50))


@pytest.mark.parametrize("status", [status for status in Status if status != Status.NOT_REPORTED])
def test_only_what_is_complete_or_closed_is_never_past_its_date(report: Report, status: Status) -> None:
    OutcomeMeasure.objects.filter(action__number=1).update(target_date=day(5))
    report(1, status=status)
    assert past_target(end_of(day(6))) == (status not in ("complete", "closed"))


# --- Direction -----------------------------------------------------------

STEPS = ["off-track", "at-risk", "not-started", "on-track", "complete"]


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("now", Status)
def test_direction_between_any_two_statuses(before: Status, now: Status) -> None:
    if before == Status.NOT_REPORTED:
        expected = Direction.SAME if now == Status.NOT_REPORTED else Direction.NEW
    elif Status.CLOSED in (before, now) or before == now:
        expected = Direction.SAME
    elif now == Status.NOT_REPORTED:
        return  # a report is never undone
    else:
        expected = Direction.BETTER if STEPS.index(now) > STEPS.index(before) else Direction.WORSE
    assert Direction.between(before, now) == expected


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [
        (None, None, "same"),
        (None, "off-track", "new"),
        ("on-track", None, "same"),
        ("on-track", "at-risk", "worse"),
        ("at-risk", "on-track", "better"),
        ("complete", "on-track", "worse"),
        ("off-track", "closed", "same"),
    ],
)
def test_direction_is_measured_from_the_end_of_the_day_of_the_last_meeting(
    report: Report, before: str | None, now: str | None, direction: str
) -> None:
    held_on = day(-5)
    if before:
        report(1, status=before, recorded_at=end_of(held_on) - timedelta(microseconds=1))
    if now:
        report(1, status=now, recorded_at=end_of(held_on))
    row = Plan(Calendar(last_meeting=Meeting("May", "may", held_on))).row(1)
    assert row.direction == direction
    assert row.meeting_status == (before or "not-reported")
    assert row.measures[0].direction == direction


def test_the_direction_of_an_action_compares_the_worst_of_its_measures(report: Report) -> None:
    report(NUMBER, 1, "off-track", recorded_at=noon(-9))
    report(NUMBER, 2, "on-track", recorded_at=noon(-9))
    report(NUMBER, 1, "closed")
    row = Plan(Calendar(last_meeting=Meeting("May", "may", day(-5)))).row(NUMBER)
    assert (row.meeting_status, row.status, row.direction) == ("off-track", "on-track", "better")
    assert [measure.direction for measure in row.measures] == ["same", "same"]


def test_without_a_meeting_there_is_no_direction(report: Report) -> None:
    report(1)
    row = Plan().row(1)
    assert (row.direction, row.meeting_status, row.measures[0].direction) == (None, None, None)


# --- The end of a day ----------------------------------------------------


@pytest.mark.parametrize(
    ("date_", "start", "end"),
    [
        (date(2025, 1, 15), datetime(2025, 1, 15, tzinfo=UTC), datetime(2025, 1, 16, tzinfo=UTC)),
        (date(2025, 7, 1), datetime(2025, 6, 30, 23, tzinfo=UTC), datetime(2025, 7, 1, 23, tzinfo=UTC)),
        (date(2025, 3, 30), datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 3, 30, 23, tzinfo=UTC)),
        (date(2025, 10, 26), datetime(2025, 10, 25, 23, tzinfo=UTC), datetime(2025, 10, 27, tzinfo=UTC)),
    ],
)
def test_a_day_starts_and_ends_by_the_clock_of_london(date_: date, start: datetime, end: datetime) -> None:
    assert (start_of(date_), end_of(date_)) == (start, end)
    assert Plan(moment=end_of(date_)).today == date_
    assert Plan(moment=start_of(date_)).today == date_ - timedelta(days=1)


def test_half_past_eleven_in_summer_is_still_that_day_and_half_past_midnight_is_not(report: Report) -> None:
    summer = date(timezone.localdate().year + 1, 7, 1)
    late = datetime(summer.year, 7, 1, 23, 30, tzinfo=LONDON)
    report(1, status="at-risk", recorded_at=late)
    report(2, status="at-risk", recorded_at=late + timedelta(hours=1))
    assert (late.astimezone(UTC).hour, (late + timedelta(hours=1)).astimezone(UTC).day) == (
        22,
        1,
    )  # both UTC's 1st
    then, next_day = Plan(moment=end_of(summer)), Plan(moment=end_of(summer + timedelta(days=1)))
    assert [then.row(number).status for number in (1, 2)] == ["at-risk", "not-reported"]
    assert [next_day.row(number).status for number in (1, 2)] == ["at-risk", "at-risk"]


def test_as_it_stands_a_plan_knows_of_today(framework: None) -> None:
    assert Plan().today == timezone.localdate()


# --- Queries -------------------------------------------------------------


@pytest.mark.parametrize("moment", [None, "then"])
@pytest.mark.parametrize("numbers", [range(1, 2), range(1, 33)])
def test_the_queries_do_not_grow_with_the_number_of_actions(
    report: Report, django_assert_num_queries: Any, numbers: range, moment: str | None
) -> None:
    for measure in OutcomeMeasure.objects.filter(action__number__in=numbers):
        report(measure.action.number, measure.order)
    calendar = Calendar(ROUND, last_meeting=Meeting("May", "may", day(-5)))
    plan = Plan(calendar, end_of(day(1)) if moment else None)
    names = (plan.vital_fews, plan.themes, plan.clusters, plan.partners)
    assert all(names)
    # what is known, the actions, what was known at the meeting
    with django_assert_num_queries(3):
        rows = plan.rows(plan.actions().filter(number__in=list(numbers)))
        shown = [(row.leads_in_words, row.theme.name, row.status, row.direction, row.marks) for row in rows]
    # what is known of the measures, the measures, their updates, what was known of them at the meeting
    with django_assert_num_queries(4):
        rows = plan.with_measures(rows)
        written = [row.update.submitted_by for row in rows if row.update]
    # their updates; and the measures that they show, which the present remembers
    with django_assert_num_queries(2 if moment else 1):
        plan.with_updates(rows)
    assert len(shown) == len(written) == len(numbers)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans a table of 32 rows")
@pytest.mark.usefixtures("framework")
def test_sqlite_reads_a_page_from_an_index_in_its_order() -> None:
    """Without statistics it preferred an index by time, and sorted the whole plan for a page of 25."""
    now, then = Plan().actions(), Plan(moment=end_of(day(-1))).actions()
    for order in ("number", "rank", "reported_at"):
        in_order = now.order_by(*dict.fromkeys((order, "number")), "action_id")
        page = in_order[25:30].explain()
        assert "USING INDEX known_action_" in page
        assert "TEMP B-TREE" not in page
    assert "known_action_theme (theme_id=?)" in now.filter(theme=1).explain()
    earlier = then.explain()
    assert "known_action_open_since (known_from<?)" in earlier
    assert "known_action_ended (known_until>?)" in earlier
