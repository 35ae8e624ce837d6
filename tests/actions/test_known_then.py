"""What was known then stays known: later renames, moves, corrections and late records change nothing before them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.action_history import ActionHistory
from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, SourceCell
from actions.plan import Plan
from actions.views.action_detail import MeasureHistory, _of_plan
from history.clock import MICROSECOND, end_of, plan_change, start_of
from partners.models import Partner, User
from reporting.calendar import plan_at
from reporting.exceptions import exceptions_of
from reporting.models import BoardMeeting
from strategy.models import Cluster, Theme
from tests.clock import recorded_at
from tests.conftest import Report
from tests.pages import page

NUMBER = 23  # two measures


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def noon(days: int) -> datetime:
    return start_of(day(days)) + timedelta(hours=12)


def at_end_of(days: int) -> Plan:
    return plan_at(end_of(day(days)))


def shown(plan: Plan, number: int) -> Any:
    """The row of an action as the list shows it."""
    [row] = plan.with_updates(plan.rows(plan.actions().filter(number=number)))
    return row


# Measures that move


def test_the_last_update_of_an_action_is_that_of_the_measures_it_had_then(report: Report) -> None:
    report(NUMBER, 1, "on-track", recorded_at=noon(-30))
    moved = report(NUMBER, 2, "off-track", recorded_at=noon(-20))
    with recorded_at(noon(-10)), plan_change(by=None, reason="Moved"):
        OutcomeMeasure.objects.filter(pk=moved.measure_id).update(action=Action.objects.get(number=1))
    before, after = at_end_of(-11), at_end_of(-10)
    assert shown(before, NUMBER).reported_at == shown(before, NUMBER).update.recorded_at == noon(-20)
    assert shown(before, 1).reported_at is None
    assert shown(after, NUMBER).reported_at == shown(after, NUMBER).update.recorded_at == noon(-30)
    assert (shown(after, 1).status, shown(after, 1).reported_at) == ("off-track", noon(-20))


def test_a_measure_added_in_march_changes_nothing_of_januarys_meeting(report: Report) -> None:
    report(1, 1, "on-track", recorded_at=noon(-60))
    with recorded_at(noon(-50)):
        BoardMeeting.objects.create(name="January", slug="january", held_on=day(-40))
    january, february = at_end_of(-40), at_end_of(-20)
    before = (january.counts(), shown(february, 1).meeting_status, shown(february, 1).direction)
    with recorded_at(noon(-10)), plan_change(by=None, reason="One more"):
        OutcomeMeasure.objects.create(action=Action.objects.get(number=1), order=2, text="More", year=2008)
    report(1, 2, "off-track", recorded_at=noon(-5))
    january, february = at_end_of(-40), at_end_of(-20)
    assert (january.counts(), shown(february, 1).meeting_status, shown(february, 1).direction) == before
    assert before[1:] == ("on-track", "same")
    now = shown(plan_at(), 1)
    assert (now.meeting_status, now.status, now.direction) == ("on-track", "off-track", "worse")


# Meetings


def test_a_meeting_recorded_late_changes_no_direction_before_it_was_recorded(report: Report) -> None:
    with recorded_at(noon(-90)):
        BoardMeeting.objects.create(name="First", slug="first", held_on=day(-60))
    report(1, 1, "complete", recorded_at=noon(-70))
    report(1, 1, "at-risk", recorded_at=noon(-50))

    def compared(days: int) -> tuple[Any, Any, list[str]]:
        plan = at_end_of(days)
        row = shown(plan, 1)
        reasons = [reason for one in exceptions_of(plan).first for reason in one.reasons]
        return row.meeting_status, row.direction, reasons

    before = compared(-11)
    assert before == ("complete", "worse", ["At risk", f"worse than on {day(-60):%-d %B %Y} (Complete)"])
    with recorded_at(noon(-10)), plan_change(by=None, reason="Recorded late"):
        BoardMeeting.objects.create(name="Second", slug="second", held_on=day(-40))
    assert compared(-11) == before
    assert compared(-10) == ("at-risk", "same", ["At risk"])


# Names


def test_an_update_keeps_the_names_of_its_author_and_partner(
    report: Report, lead: User, client: Client, staff: User
) -> None:
    report(1, 1, "at-risk", by=lead, comment="The trainer left")
    signed = "Lena Lead, Learning & Skills Council"
    User.objects.filter(pk=lead.pk).update(name="Lena Married")
    Partner.objects.filter(slug="learning-skills-council").update(name="Skills Agency")
    client.force_login(staff)
    found = page(client, "/actions/1/").one("main").text
    assert signed in found
    assert "Lena Married" not in found
    assert shown(plan_at(), 1).update.submitted_by == signed
    csv = b"".join(client.get("/actions/export.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert signed in csv
    assert "Lena Married" not in csv


def lines(number: int = NUMBER) -> list[str]:
    plan = Plan()
    history = ActionHistory(Action.objects.get(number=number).pk, plan)
    return [line for event in history.events() for line in event.lines]


def add_a_lead() -> None:
    action, partner = Action.objects.get(number=NUMBER), Partner.objects.get(slug="legi")
    Lead.objects.create(action=action, partner=partner, order=2)


MOVED = {
    "theme": lambda: Action.objects.filter(number=NUMBER).update(
        theme=Theme.objects.get(slug="spatial-issues")
    ),
    "cluster": lambda: Action.objects.filter(number=NUMBER).update(
        cluster=Cluster.objects.get(slug="retail")
    ),
    "lead": add_a_lead,
}


@pytest.mark.parametrize("what", MOVED)
@pytest.mark.usefixtures("framework")
def test_a_later_rename_rewords_no_line_of_the_history(what: str) -> None:
    with plan_change(by=None, reason="Moved"):
        MOVED[what]()
    line, *_ = before = lines()
    assert any(name in line for name in ("Spatial Issues", "Retail", "LEGI"))
    for model in (Theme, Cluster, Partner):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(name=f"Renamed {row.pk}")
    assert lines() == before


# Corrections


def pictured(plan: Plan) -> list[str]:
    """What the picture of action 1 shows, from left to right."""
    measure: MeasureHistory = _of_plan(plan, 1)["measures"][0]
    return [point.title.rpartition(": ")[2] for point in measure.picture.points] if measure.picture else []


def test_a_picture_shows_what_a_later_correction_replaces(report: Report) -> None:
    report(1, 1, "on-track", recorded_at=noon(-30))
    report(1, 1, "at-risk", recorded_at=noon(-20))
    wrong = report(1, 1, "off-track", recorded_at=noon(-10))
    report(1, 1, "on-track", recorded_at=noon(-5), corrects=wrong)
    assert pictured(at_end_of(-6)) == ["On track", "At risk", "Off track"]
    assert pictured(at_end_of(-5)) == pictured(plan_at()) == ["On track", "At risk", "On track"]


# Where it comes from


def changed(number: int) -> set[str]:
    plan = Plan()
    row = plan.row(number)
    return {one.cell.heading for one in ActionHistory(row.id, plan).provenance(row) if one.changed}


RENAMED: list[tuple[Callable[[], object], str]] = [
    (lambda: Theme.objects.filter(slug="access-to-labour").update(name="Labour"), "Theme"),
    (lambda: Cluster.objects.filter(slug="cross-cluster").update(name="Everywhere"), "Cluster"),
    (lambda: Partner.objects.filter(slug="leicester-city-growth").update(name="Growth"), "Suggested Lead"),
]


@pytest.mark.parametrize(("rename", "heading"), RENAMED)
@pytest.mark.usefixtures("framework")
def test_a_renamed_theme_cluster_or_partner_is_changed_since_the_import(
    rename: Callable[[], object], heading: str
) -> None:
    assert changed(NUMBER) == set()
    rename()
    assert changed(NUMBER) == {heading}


@pytest.mark.usefixtures("framework")
def test_measures_that_exchanged_their_words_are_changed_since_the_import() -> None:
    first, second = OutcomeMeasure.objects.filter(action__number=NUMBER).order_by("order")
    with plan_change(by=None, reason="Exchanged"):
        for measure, other in ((first, second), (second, first)):
            OutcomeMeasure.objects.filter(pk=measure.pk).update(text=other.text, target=other.target)
    assert changed(NUMBER) == {"Outcome Measure 2008"}


@pytest.mark.usefixtures("framework")
def test_an_action_that_moved_still_cites_its_own_cells(client: Client, staff: User) -> None:
    before = set(SourceCell.objects.filter(action__number=NUMBER).values_list("line", "column", "raw"))
    with plan_change(by=staff, reason="Moved"):
        MOVED["theme"]()
        MOVED["cluster"]()
    plan = Plan()
    row = plan.row(NUMBER)
    cells = [one.cell for one in ActionHistory(row.id, plan).provenance(row)]
    assert {(cell.line, cell.column, cell.raw) for cell in cells} == before
    read = {cell.heading: cell.mend for cell in cells}
    assert "“Access to Labour”" in read["Theme"]
    assert "“Cross-cluster”" in read["Cluster"]


@pytest.mark.usefixtures("framework")
def test_the_page_of_a_theme_cites_the_cells_it_was_imported_from(client: Client, board: User) -> None:
    client.force_login(board)

    def cited(slug: str) -> list[str]:
        cells = page(client, f"/themes/{slug}/").all("code")
        return [cell.text for cell in cells]

    themed = SourceCell.objects.filter(heading="Theme").exclude(raw="")
    action = themed.filter(raw="Access to Labour")[0].action
    assert action is not None
    before = cited("access-to-labour"), cited("spatial-issues")
    assert before[0] == ["Access to Labour"]
    with plan_change(by=None, reason="Moved"):
        Action.objects.filter(pk=action.pk).update(theme=Theme.objects.get(slug="spatial-issues"))
    assert (cited("access-to-labour"), cited("spatial-issues")) == before


# The boundary


def test_a_moment_of_a_whole_or_half_second_is_compared_to_the_microsecond(report: Report) -> None:
    """SQLite compares times as text: “.5” and “.500000” must not differ."""
    for micro in (0, 500_000):
        moment = (noon(-10) + timedelta(hours=micro / 500_000)).replace(microsecond=micro)
        report(1, 1, "on-track" if micro else "at-risk", recorded_at=moment)
        assert ProgressUpdate.objects.filter(recorded_at=moment).count() == 1
        then, after = plan_at(moment), plan_at(moment + MICROSECOND)
        assert shown(then, 1).reported_at != moment
        assert shown(after, 1).reported_at == moment
        assert [one.recorded_at for one in after.updates()][:1] == [moment]
        assert moment not in [one.recorded_at for one in then.updates()]
