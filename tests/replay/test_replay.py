"""Generated histories, replayed by an independent oracle: every figure, now and as at any moment."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from actions.check import FigureCheck, faults
from history import clock, memo
from partners.models import User
from reporting.calendar import plan_at
from tests.clock import set_clock
from tests.replay.comparison import compare
from tests.replay.oracle import Replay, end_of, london_day
from tests.replay.pages import compare_pages
from tests.replay.papers import compare_movement, compare_paper, compare_shown
from tests.replay.world import World

pytestmark = pytest.mark.untraced

HISTORIES = int(os.environ.get("REPLAYS", "5"))
DEEDS = 60
MOMENTS = 4


@pytest.fixture(autouse=True)
def clock_goes_right_again(db: None) -> Iterator[None]:
    yield
    set_clock(None)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_figure_is_what_happened(seed: int, staff: User, other_joint_lead: User, lead: User) -> None:
    world = World(seed, [staff, other_joint_lead, lead])
    world.live(DEEDS)
    assert list(FigureCheck().differences()) == []
    assert faults() == []
    now = plan_at()
    compare(now, Replay(world.happened, now.moment))
    compare_paper(now, Replay(world.happened, now.moment))
    chance = random.Random(seed)
    first = world.happened[1].at
    moments = [one.at + clock.MICROSECOND for one in chance.sample(world.happened[1:], 2)]
    moments.append(
        chance.choice(world.happened[1:]).at
    )  # what was recorded at that very moment is not known yet
    days = (now.moment - first).days
    moments += [
        end_of(london_day(first) + timedelta(days=chance.randrange(0, days))) for _ in range(MOMENTS - 3)
    ]
    for moment in moments:
        memo.forget()
        compare(plan_at(moment), Replay(world.happened, moment))
        compare_paper(plan_at(moment), Replay(world.happened, moment))
    one, other = sorted(chance.sample(moments, 2))
    compare_movement(plan_at(other), plan_at(one), Replay(world.happened, other), Replay(world.happened, one))
    day = london_day(moments[-1] - clock.MICROSECOND)
    client = Client()
    client.force_login(staff)
    compare_pages(client, day, Replay(world.happened, end_of(day)), chance)
    compare_shown(client, day, end_of(day))
