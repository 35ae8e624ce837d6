"""Generated histories, replayed by an independent oracle: every figure, now and as at any moment."""

import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client

from actions.check import FigureCheck, faults
from history import clock, memo
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import PublishedPaper
from reporting.papers import differences, publish_missing
from reporting.periods import closings
from tests.clock import set_clock
from tests.replay.comparison import compare
from tests.replay.oracle import Replay
from tests.replay.pages import compare_files, compare_pages
from tests.replay.papers import compare_movement, compare_paper, compare_shown
from tests.replay.state import end_of, london_day
from tests.replay.tally import compared
from tests.replay.world import World

pytestmark = pytest.mark.untraced

HISTORIES = int(os.environ.get("REPLAYS", "0"))
# Two in `make test`, another one on each database.
SEEDS = range(HISTORIES) if HISTORIES else (0,) if connection.vendor == "sqlite" else (1,)
DEEDS = 60
OCCASIONS = ("now", "closed", "day", "since")
ENDINGS = (("csv", "xlsx"), ("xlsx", "csv"))  # of the lists' files, and of the board's


class Occasion(NamedTuple):
    """What the pages are asked for: `plan` in the address of a page of the plan, `board` in that of the board page."""

    plan: str
    plan_moment: datetime
    board: str
    board_moment: datetime
    since: date | None = None


@pytest.fixture(autouse=True)
def clock_goes_right_again(db: None) -> Iterator[None]:
    yield
    set_clock(None)


@pytest.fixture(autouse=True)
def total(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the number of values compared where a long run can be asked for it."""
    yield
    if where := os.environ.get("REPLAY_TOTAL"):
        Path(where).write_text(
            f"{request.node.name}: {compared['values']:,} values so far\n", encoding="utf-8"
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_is_what_happened(seed: int, staff: User, other_joint_lead: User, lead: User) -> None:
    world = World(seed, [staff, other_joint_lead, lead])
    world.live(DEEDS)
    assert list(FigureCheck().differences()) == []
    assert faults() == []
    chance = random.Random(seed)
    now = plan_at().moment
    moments = [now, *_moments(world, now, chance)]
    for moment in moments:
        memo.forget()
        plan, replay = plan_at(None if moment == now else moment), Replay(world.happened, moment)
        compare(plan, replay)
        compare_paper(plan, replay)
    one, other = sorted(chance.sample(moments, 2))
    then, replay = Replay(world.happened, one), Replay(world.happened, other)
    compare_movement(plan_at(other), plan_at(one), replay, then)
    kind, files = OCCASIONS[seed % 4], ENDINGS[(seed + seed // 4) % 2]
    if kind == "closed":
        publish_missing()
    _compare_papers(world, complete=kind == "closed")
    client = Client()
    client.force_login(staff)
    asked = _occasion(kind, world, now, chance)
    replay = Replay(world.happened, asked.plan_moment)
    compare_pages(client, asked.plan, replay, chance)
    compare_files(client, asked.plan, replay, files[0])
    replay = Replay(world.happened, asked.board_moment, asked.since)
    compare_shown(client, asked.board, replay, files[1])


def _moments(world: World, now: datetime, chance: random.Random) -> list[datetime]:
    """At an event (which is not known yet then) or right after it, at a closing, and at the end of a day."""
    at = chance.choice(world.happened[1:]).at + chance.choice((0, 1)) * clock.MICROSECOND
    closed = chance.choice(Replay(world.happened, now).state.closings)
    return [at, closed["at"], end_of(_a_day(world, now, chance))]


def _a_day(world: World, now: datetime, chance: random.Random) -> date:
    """A day that is over, from that of the first event on."""
    first = london_day(world.happened[1].at)
    return first + timedelta(days=chance.randrange(0, max((london_day(now) - first).days, 1)))


def _occasion(kind: str, world: World, now: datetime, chance: random.Random) -> Occasion:
    if kind == "now":
        return Occasion("", now, "meeting=now", now)
    state = Replay(world.happened, now).state
    if kind == "closed":
        served = [one for one in state.closings if one["meeting"]]
        meeting = chance.choice(served)["meeting"]
        moment = max(one["at"] for one in served if one["meeting"] == meeting)
        day = london_day(moment)
        query = f"meeting={state.meetings[meeting]['slug']}"
        return Occasion(f"as_at={day}", min(end_of(day), now), query, moment)
    day = _a_day(world, now, chance)
    query, moment = f"as_at={day}", end_of(day)
    if kind == "day":
        return Occasion(query, moment, query, moment)
    since = day - timedelta(days=chance.randrange(1, 60))
    return Occasion(query, moment, f"{query}&since={since}", moment, since)


def _compare_papers(world: World, *, complete: bool) -> None:
    """The papers published: of which closings (`complete`: all), and their figures as the history gives them again."""
    known = [(one["period"], one["at"]) for one in Replay(world.happened, plan_at().moment).state.closings]
    versions = {one: len({at for key, at in known if key == one[0] and at <= one[1]}) for one in known}
    assert {(one.period_id, one.moment): one.version for one in closings()} == versions
    found = {(one.period_id, one.moment): one for one in PublishedPaper.objects.all()}
    assert set(found) == set(versions) if complete else set(found) <= set(versions)
    for closing, paper in found.items():
        assert paper.version == versions[closing]
        assert differences(paper) == []
