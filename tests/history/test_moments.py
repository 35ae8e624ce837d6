"""What was read as at a moment never changes, whoever writes meanwhile and whatever their clocks say."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.actors import Actor

pytestmark = pytest.mark.untraced

NOW = timezone.now().replace(microsecond=0) + timedelta(minutes=5)


def at(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def two(actors: list[Actor]) -> list[Actor]:
    return actors[:2]


def test_a_late_commit_is_waited_for_and_changes_no_answer(two: list[Actor]) -> None:
    """An update stamped at 10:00 and committed at 10:12: “as at 10:10” is the same before and after."""
    writer, reader = two
    writer.run(f"clock_is({at(0)!r}); begin(); submit(7)")
    reader.run(f"clock_is({at(12)!r})")
    reader.start(f"answer = status_of(7, {at(10)!r})")
    assert reader.is_waiting()
    writer.run("commit()")
    assert reader.answer() == "on-track"
    assert reader.run(f"answer = status_of(7, {at(10)!r})") == "on-track"


def test_nothing_arrives_before_a_moment_that_was_read(two: list[Actor]) -> None:
    writer, reader = two
    reader.run(f"clock_is({at(12)!r})")
    assert reader.run(f"answer = status_of(7, {at(10)!r})") == "not-reported"
    stamp = writer.run(f"clock_is({at(5)!r}); answer = submit(7)")  # this one's clock is late
    assert datetime.fromisoformat(stamp) >= NOW + timedelta(minutes=10)
    assert reader.run(f"answer = status_of(7, {at(10)!r})") == "not-reported"
    assert reader.run("answer = status_of(7)") == "on-track"


def test_a_correction_counts_though_the_second_servers_clock_is_four_minutes_behind(two: list[Actor]) -> None:
    ahead, behind = two
    mistake = ahead.run(f"clock_is({at(0)!r}); answer = submit(7, 'off-track')")
    behind.run(f"clock_is({at(-4)!r}); from actions.models import ProgressUpdate")
    correction = behind.run("answer = submit(7, corrects=ProgressUpdate.objects.get())")
    assert correction > mistake
    for reader in two:
        reader.run(f"clock_is({at(40)!r})")
        assert reader.run("answer = status_of(7)") == "on-track"
        assert reader.run(f"answer = status_of(7, {correction!r})") == "off-track"
        assert reader.run(f"answer = status_of(7, {at(30)!r})") == "on-track"


def test_stamps_are_in_the_order_of_commits_and_never_alike(two: list[Actor]) -> None:
    for one in two:
        one.run(f"clock_is({at(0)!r})")
    stamps = [two[number % 2].run(f"answer = submit({number})") for number in range(1, 9)]
    assert stamps == sorted(set(stamps))


def test_the_writers_clock_is_ignored(two: list[Actor]) -> None:
    writer, _ = two
    code = (
        "from datetime import datetime, UTC; answer = submit(7, recorded_at=datetime(2001, 1, 1, tzinfo=UTC))"
    )
    assert writer.run(code) > timezone.now().isoformat()[:13]


PAGE = """
from history import clock
from reporting.calendar import plan_at
reading = clock.snapshot(); reading.__enter__()
plan = plan_at(); found = list(plan.actions())
"""
COMMITTED = """
from actions.models import Action, Lead
from history.clock import plan_change
from partners.models import Partner
with plan_change(by=None, reason="A new lead"):
    new = Partner.objects.create(name="New partner", slug="new", order=99)
    Lead.objects.create(action=Action.objects.get(number=7), partner=new, order=2)
    Action.objects.filter(number=7).update(title="Otherwise")
"""
READ_ON = """
rows = plan.rows(found)
seven = next(row for row in rows if row.number == 7)
answer = [seven.title, seven.leads_in_words]
"""


def test_a_page_reads_one_state_of_the_database(two: list[Actor]) -> None:
    """A partner and a lead are committed between two queries of a page, which sees neither."""
    writer, reader = two
    before = reader.run(
        "from reporting.calendar import plan_at; row = plan_at().row(7); answer = [row.title, row.leads_in_words]"
    )
    reader.run(PAGE)
    writer.run(COMMITTED)
    assert reader.run(READ_ON) == before
    after = reader.run(f"reading.__exit__(None, None, None)\n{PAGE}{READ_ON}")
    assert after == ["Otherwise", f"{before[1]}/New partner"]


REQUEST = """
import json
import time
from pathlib import Path
from django.http import JsonResponse
from django.test import RequestFactory
from reporting.middleware import PlanOfTheRequest
def view(request):
    found = list(request.plan.actions())
    Path({began!r}).touch()
    while not Path({committed!r}).exists():
        time.sleep(0.02)
    seven = next(row for row in request.plan.rows(found) if row.number == 7)
    return JsonResponse([seven.title, seven.leads_in_words], safe=False)
answer = json.loads(PlanOfTheRequest(view)(RequestFactory().get("/actions/")).content)
"""


def test_every_request_that_reads_does_so_in_one_snapshot(two: list[Actor], tmp_path: Path) -> None:
    writer, reader = two
    began, committed = tmp_path / "began", tmp_path / "committed"
    reader.start(REQUEST.format(began=str(began), committed=str(committed)))
    while not began.exists():
        assert reader.is_waiting(0.05)
    writer.run(COMMITTED)
    committed.touch()
    title, leads = reader.answer()
    assert title != "Otherwise"
    assert "New partner" not in leads


LEFT_OPEN = """
from django.db import transaction
from history.models import PlanChange
with transaction.atomic():
    PlanChange.objects.create(reason="Never ended")
"""


def test_a_change_left_open_cannot_be_committed(two: list[Actor]) -> None:
    writer, reader = two
    assert writer.fails(LEFT_OPEN).startswith("IntegrityError")
    assert reader.run("from history.models import Clock; answer = Clock.objects.get().change_id") is None
    writer.run(COMMITTED)


PAST = """
from datetime import datetime, UTC
from history import clock
with clock.the_past("import") as at:
    at(datetime(2008, 3, 31, 12, tzinfo=UTC))
"""


def test_the_past_is_written_through_one_door_and_only_before_there_is_progress(two: list[Actor]) -> None:
    writer, _ = two
    writer.run(PAST)
    writer.run("submit(7)")
    assert "nobody has reported yet" in writer.fails(PAST)
    assert "a stamp is never earlier" in writer.fails(
        "from history.models import Clock; Clock.objects.update(stamp=1)"
    )


def test_nobody_sets_the_clock_ahead(two: list[Actor]) -> None:
    writer, _ = two
    writer.run("from django.db.models import F; from history.models import Clock")
    code = "Clock.objects.update(stamp=F('stamp') + 10**12)"
    assert "a stamp is never later than the clock" in writer.fails(code)


# a migration

MIGRATING = """
from django.db import connection
from django.utils import timezone
from history import triggers
triggers.make_way(connection)
"""


IMPATIENT = """
from django.db import connection
from django.utils import timezone
connection.close()
connection.settings_dict["OPTIONS"]["timeout"] = 0.3
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL changes tables with their triggers")
def test_nobody_writes_while_a_migration_has_taken_the_triggers_away(two: list[Actor]) -> None:
    migration, writer = two
    writer.run(IMPATIENT)
    migration.run(MIGRATING)
    assert "locked" in writer.fails("submit(7)")
    migration.run("triggers.install(connection); triggers.let_in(connection)")
    writer.run("submit(7)")
    assert writer.run("answer = status_of(7)") == "on-track"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL changes tables with their triggers")
def test_a_migration_beside_a_running_portal_is_refused_in_words(two: list[Actor]) -> None:
    migration, portal = two
    portal.run("answer = status_of(7)")
    migration.run(IMPATIENT)
    code = "from history.apps import drop_triggers; drop_triggers('default', plan=['anything'])"
    assert migration.fails(code).startswith("CommandError: Something else has the database open")
    portal.run("submit(7)")


# A breath between two updates: SQLite's writers queue by chance, and without one a process can starve the others.
SUBMIT_MANY = """
import time
for number in range({first}, 33, {step}):
    submit(number, "at-risk", comment="by {first}")
    time.sleep(0.02)
    submit(number, comment="by {first} again")
    time.sleep(0.02)
"""


# all on one action, each after what the one before submitted
SUBMIT_FIVE = """
import time
from actions.updates import UpdatedSince
answer = 0
while answer < 5:
    try:
        submit(7)
        answer += 1
    except UpdatedSince:
        pass
    time.sleep(0.02)
"""


def test_after_many_writers_at_once_every_figure_agrees(actors: list[Actor]) -> None:
    for first, one in enumerate(actors, start=1):
        one.start(SUBMIT_MANY.format(first=first, step=len(actors)))
    for one in actors:
        one.answer()
    for one in actors:
        one.start(SUBMIT_FIVE)
    assert [one.answer() for one in actors] == [5] * 4
    counted = "from actions.models import ProgressUpdate; answer = ProgressUpdate.objects.count()"
    assert actors[0].run(counted) == 64 + 20
    actors[0].run("from actions.check import FigureCheck, faults")
    assert actors[0].run("answer = [list(FigureCheck().differences()), faults()]") == [[], []]
