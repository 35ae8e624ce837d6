"""`manage.py check_figures` and the health check: sound portals pass, and every kind of forgery is found."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models import F
from django.test import Client
from django.utils import timezone

from actions import check
from actions.models import (
    Action,
    ActionVersion,
    KnownAction,
    KnownMeasure,
    Lead,
    LeadVersion,
    OutcomeMeasure,
    OutcomeMeasureVersion,
    ProgressUpdate,
    Relationship,
    RelationshipVersion,
)
from history import check as history_check
from history import triggers
from history.clock import plan_change
from history.dialect import PREFIX
from partners.models import Partner
from reporting.models import BoardMeetingVersion, ReportingPeriod, ReportingPeriodVersion
from strategy.models import Cluster, Theme, ThemeVersion, VitalFew
from tests.conftest import Report

WHEN = r"\d+ [A-Z][a-z]+ \d{4} \d\d:\d\d"


def run() -> tuple[list[str], str]:
    """The differences the command lists, and its last line."""
    out = StringIO()
    try:
        call_command("check_figures", stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    *lines, last = out.getvalue().splitlines()
    return lines, last


def unguarded(model: type[models.Model]) -> None:
    """Remove every trigger of a table for the rest of this test."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # a table with checks still to come is not altered
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            return
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s",
            [table, f"{PREFIX}%"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def finds(pattern: str) -> list[str]:
    """The differences, of which one must match the pattern."""
    lines, last = run()
    assert any(re.fullmatch(pattern, line) for line in lines), lines
    count = "1 difference" if len(lines) == 1 else f"{len(lines)} differences"
    assert re.fullmatch(rf"[\d,]+ figures compared, {count} \(above\)\.", last)
    return lines


@pytest.fixture
def reported(report: Report, staff: Any) -> None:
    """Updates of every kind, and changes to the plan."""
    first = report(1, 1, "at-risk")
    report(1, 1, "on-track", corrects=first)
    report(1, 1, "on-track", comment="", no_change=True)
    for status in ("not-started", "off-track", "at-risk", "complete", "closed"):
        report(2, 1, status)
    report(23, 2, "off-track")
    report(23, 1, "on-track")
    with plan_change(by=staff, reason="Agreed"):
        measure = OutcomeMeasure.objects.get(action__number=3)
        measure.target, measure.target_date = Decimal(10), date(2008, 3, 31)
        measure.save()
    report(3, 1, "on-track", value=Decimal("4.5"))
    Action.objects.filter(number=4).update(theme=Theme.objects.last(), cluster=Cluster.objects.first())
    Lead.objects.filter(action__number=5).update(acceptance="accepted")
    Lead.objects.filter(action__number=6).update(acceptance="declined")
    Relationship.objects.filter(action__number=7).delete()
    Relationship.objects.create(
        action=Action.objects.get(number=7), vital_few=VitalFew.objects.get(code="VF2"), strength="X"
    )
    added = OutcomeMeasure.objects.create(action_id=measure.action_id, order=2, text="Also", year=2008)
    OutcomeMeasure.objects.filter(pk=added.pk).update(order=5)
    added.delete()
    OutcomeMeasure.objects.filter(action__number=23, order=2).update(
        action=Action.objects.get(number=8), order=2
    )
    Partner.objects.filter(slug="universities").update(name="The universities")


# Sound


def test_an_empty_portal_has_nothing_to_compare(empty_portal: None) -> None:
    assert run() == ([], "0 figures compared, no differences.")
    assert check.faults() == []


def test_the_framework_is_sound(framework: None) -> None:
    lines, last = run()
    assert lines == []
    assert re.fullmatch(r"[\d,]+ figures compared, no differences\.", last)
    assert check.faults() == []


@pytest.mark.usefixtures("reported", "period")
def test_a_portal_in_use_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, last = run()
    assert lines == []
    assert check.faults() == []
    monkeypatch.setattr(history_check, "KEYS_AT_ONCE", 3)  # in many ranges, and exactly the same
    assert run() == ([], last)


@pytest.mark.usefixtures("reported")
def test_everything_of_an_edit_without_a_change_has_one_stamp() -> None:
    lead = Lead.objects.filter(action__number=9).first()
    assert lead is not None
    Lead.objects.filter(pk=lead.pk).delete()
    [ended] = LeadVersion.objects.filter(row_id=lead.pk)
    assert KnownAction.objects.open().get(number=9).known_from == ended.known_until


# Forged figures


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize(
    ("model", "changed", "found"),
    [
        (KnownAction, {"rank": 4}, r"rank is 4, worked out 2"),
        (KnownAction, {"number": 77}, r"number is 77, worked out 7"),
        (KnownAction, {"theme": 99}, r"theme is 99, worked out \d+"),
        (KnownAction, {"cluster": 99}, r"cluster is 99, worked out \d+"),
        (KnownAction, {"leads": " 1a "}, r"leads is “ 1a ”, worked out “ \d+s ”"),
        (KnownAction, {"marks": ""}, r"marks is “”, worked out “ \d+X ”"),
        (KnownAction, {"measures": 3}, r"measures is 3, worked out 1"),
        (KnownAction, {"shown_by": 0}, r"shown_by is 0, worked out 1"),
        (KnownAction, {"worst_measure": None}, r"worst_measure is nothing, worked out \d+"),
        (KnownAction, {"silent_since": None}, r"silent_since is nothing, worked out 1 January 1900 .*"),
        (KnownAction, {"target_date": date(2008, 1, 2)}, r"target_date is 2008-01-02, worked out nothing"),
        (KnownMeasure, {"rank": 0}, r"rank is 0, worked out 2"),
        (KnownMeasure, {"order": 2}, r"order is 2, worked out 1"),
        (KnownMeasure, {"action": 99}, r"action is 99, worked out \d+"),
        (KnownMeasure, {"target_date": date(2008, 1, 2)}, r"target_date is 2008-01-02, worked out nothing"),
        (KnownMeasure, {"value": 5}, r"value is 5\.00, worked out nothing"),
        (KnownMeasure, {"before_value": 5}, r"before_value is 5\.00, worked out nothing"),
    ],
)
@pytest.mark.untraced
def test_a_forged_figure_is_found(model: Any, changed: dict[str, Any], found: str) -> None:
    unguarded(model)
    key = Action.objects.get(number=7).pk
    assert model.objects.open().filter(action=key).update(**changed) == 1
    what = "Action 7" if model is KnownAction else "Action 7, measure 1"
    assert len(finds(rf"{what}, known since {WHEN}: {found}\.")) == 1


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("model", [KnownAction, KnownMeasure])
@pytest.mark.parametrize("column", ["update_id", "words_id", "reported_at", "troubled_since"])
@pytest.mark.untraced
def test_a_figure_of_the_past_that_names_another_update_is_found(model: Any, column: str) -> None:
    """The known row of an update in trouble between two that were not."""
    unguarded(model)
    key = Action.objects.get(number=2).pk
    row = model.objects.filter(action=key, rank=0).get()
    other = model.objects.filter(action=key, rank=1).get()
    value = getattr(other, column) if column != "troubled_since" else row.troubled_since - timedelta(days=1)
    model.objects.filter(pk=row.pk).update(**{column: value})
    what = "Action 2" if model is KnownAction else "Action 2, measure 1"
    named = column.removesuffix("_id")
    assert len(finds(rf"{what}, known since {WHEN}: {named} is .+, worked out .+\.")) == 1


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("column", ["before_words_id", "before_troubled_since"])
@pytest.mark.untraced
def test_what_a_correction_goes_back_to_is_compared(column: str) -> None:
    unguarded(KnownMeasure)
    key = Action.objects.get(number=2).pk
    row = KnownMeasure.objects.filter(action=key, rank=1).get()
    assert getattr(row, column) is not None
    KnownMeasure.objects.filter(pk=row.pk).update(**{column: None})
    named = column.removesuffix("_id")
    finds(rf"Action 2, measure 1, known since {WHEN}: {named} is nothing, worked out .+\.")


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("model", [KnownAction, KnownMeasure])
@pytest.mark.untraced
def test_figures_known_from_another_time_are_found(model: Any) -> None:
    unguarded(model)
    key = Action.objects.get(number=2).pk
    row = model.objects.filter(action=key, rank=0).get()
    row.known_from -= timedelta(microseconds=1)
    row.save()
    what = "Action 2" if model is KnownAction else "Action 2, measure 1"
    finds(rf"{what}, known since {WHEN}: 2 rows, worked out 1\.")


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize(("model", "of"), [(KnownAction, "Action 2"), (KnownMeasure, "Action 2, measure 1")])
def test_figures_that_are_gone_are_found(model: Any, of: str) -> None:
    unguarded(model)
    model.objects.open().filter(action=Action.objects.get(number=2).pk).delete()
    assert len(finds(rf"{of}, known since {WHEN}: 0 rows, worked out 1\.")) == 1
    assert len(check.faults()) == 1


@pytest.mark.usefixtures("reported")
def test_figures_of_what_never_was_are_found() -> None:
    for model in (KnownAction, KnownMeasure):
        unguarded(model)
        forged = model.objects.open().filter(action=Action.objects.get(number=2).pk).get()
        forged.pk, forged.action_id = None, 4711
        if isinstance(forged, KnownMeasure):
            forged.measure_id = 4711
        forged.save(force_insert=True)
    finds(rf"The action with key 4711, known since {WHEN}: 1 row, worked out 0\.")
    finds(rf"The measure with key 4711, known since {WHEN}: 1 row, worked out 0\.")
    assert check.faults() == [
        "There are 32 actions, and figures of 33.",
        "There are 33 outcome measures, and figures of 34.",
    ]


@pytest.mark.usefixtures("reported")
def test_figures_of_one_instead_of_another_are_found_at_a_glance() -> None:
    unguarded(KnownAction)
    KnownAction.objects.open().filter(number=2).update(action=4711)
    assert check.faults() == ["1 of 32 actions have no figures."]


# Forged updates and versions


@pytest.mark.usefixtures("reported")
def test_an_update_slipped_in_is_found(report: Report) -> None:
    unguarded(ProgressUpdate)
    ProgressUpdate.objects.filter(pk=report(9, 1, "complete").pk).update(recorded_at=timezone.now())
    finds(rf"Action 9, known since {WHEN}: rank is 2, worked out 5\.")


@pytest.mark.usefixtures("reported")
def test_an_update_reworded_by_another_status_is_found() -> None:
    unguarded(ProgressUpdate)
    ProgressUpdate.objects.filter(measure__action__number=2, status="at-risk").update(status="on-track")
    finds(rf"Action 2, measure 1, known since {WHEN}: rank is 1, worked out 4\.")


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize(
    ("version", "of", "change", "found"),
    [
        (ActionVersion, {"number": 7}, {"number": 70}, "number is 7, worked out 70"),
        (LeadVersion, {"action__number": 5}, {"acceptance": "declined"}, "leads is “ .+ ”, worked out “”"),
        (
            RelationshipVersion,
            {"action__number": 7},
            {"strength": "O"},
            "marks is “ .+X ”, worked out “ .+O ”",
        ),
        (
            OutcomeMeasureVersion,
            {"action__number": 7},
            {"target_date": date(2008, 1, 2)},
            "target_date is nothing, worked out 2008-01-02",
        ),
    ],
)
def test_a_forged_version_is_found(
    version: Any, of: dict[str, Any], change: dict[str, Any], found: str
) -> None:
    unguarded(version)
    assert version.objects.open().filter(**of).update(**change)
    lines = finds(rf"Action \d+, known since {WHEN}: {found}\.")
    [name] = change
    assert any(
        re.fullmatch(rf"[A-Z].+ with key \d+: {name} is .+, its history has .+\.", line) for line in lines
    )
    assert re.fullmatch(r"The history differs for \d+ of \d+ .+\.", " ".join(check.faults()))


@pytest.mark.usefixtures("reported", "period")
def test_a_live_row_changed_past_its_history_is_found() -> None:
    unguarded(Theme)
    unguarded(ReportingPeriod)
    theme = Theme.objects.all()[0]
    Theme.objects.filter(pk=theme.pk).update(name="Another")
    ReportingPeriod.objects.update(opened_at=None)
    lines, _ = run()
    period = ReportingPeriodVersion.objects.open().get()
    opened = f"{timezone.localtime(period.opened_at):%-d %B %Y %H:%M:%S.%f}"
    assert lines == [
        f"Theme with key {theme.pk}: name is “Another”, its history has “{theme.name}”.",
        f"Reporting period with key {period.row_id}: opened_at is nothing, its history has {opened}.",
    ]
    assert check.faults() == [
        "The history differs for 1 of 4 themes.",
        "The history differs for 1 of 1 reporting periods.",
    ]


@pytest.mark.usefixtures("reported")
def test_a_version_ended_opened_or_doubled_by_hand_is_found() -> None:
    for model in (ThemeVersion, BoardMeetingVersion, LeadVersion):
        unguarded(model)
    theme = ThemeVersion.objects.open()[0]
    ThemeVersion.objects.filter(pk=theme.pk).update(known_until=F("known_from") + timedelta(days=1))
    now = timezone.now()
    BoardMeetingVersion.objects.create(
        row_id=8, name="Not held", slug="not-held", held_on=now, known_from=now
    )
    lead = LeadVersion.objects.open().filter(action__number=1).get()
    earlier, lead.pk = lead.known_from + timedelta(days=1), None
    lead.known_from, lead.known_until = earlier, earlier + timedelta(days=1)
    lead.save(force_insert=True)
    finds(rf"Theme with key {theme.row_id}: its history has no open version\.")
    finds(r"Board meeting with key 8: its history has an open version, but there is no such row\.")
    finds(rf"Lead with key {lead.row_id}: the version of .+ begins before the one before it ends\.")
    finds(rf"Action 1, known since {WHEN}: leads is “ \d+s ”, worked out “ (\d+s)  \1 ”\.")
    assert check.faults() == [
        "There are 4 themes and 3 open versions.",
        "There are 0 board meetings and 1 open versions.",
    ]


@pytest.mark.usefixtures("reported")
def test_in_a_large_table_rows_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(Theme)
    Theme.objects.filter(pk=Theme.objects.all()[0].pk).update(name="Another")
    monkeypatch.setattr(history_check, "COMPARED_AT_MOST", 3)
    assert check.faults() == []


# Health


def test_health_tells_where_to_look(
    client: Client, framework: None, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(40):
        assert client.get("/health/ready").json()["status"] == "ready"
    unguarded(KnownAction)
    KnownAction.objects.open().filter(number=2).delete()
    triggers.install(connection)
    response = client.get("/health/ready")
    reason = "run `manage.py check_figures`: the plan does not agree with its history"
    assert (response.status_code, response.json()["reason"]) == (503, reason)


@pytest.mark.parametrize(
    "forge",
    [
        lambda: Theme.objects.filter(pk=Theme.objects.all()[0].pk).update(name="Another"),
        lambda: (
            ThemeVersion.objects.open().filter(pk=ThemeVersion.objects.open()[0].pk).update(name="Another")
        ),
        lambda: ThemeVersion.objects.open().filter(pk=ThemeVersion.objects.open()[0].pk).delete(),
    ],
    ids=["live row", "version", "no version"],
)
@pytest.mark.usefixtures("framework")
def test_health_and_the_check_compare_live_rows_with_open_versions(
    client: Client, forge: Callable[[], object]
) -> None:
    """Every trigger is in its place again, and still the forgery is found."""
    unguarded(Theme)
    unguarded(ThemeVersion)
    forge()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in (Theme, ThemeVersion):
                cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ENABLE TRIGGER USER')
    triggers.install(connection)
    assert client.get("/health/ready").status_code == 503
    lines, _ = run()
    assert any(line.startswith("Theme with key ") for line in lines)
