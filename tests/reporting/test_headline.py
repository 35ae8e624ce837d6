"""The headline: good English whatever the numbers, and partners named only where they stand out."""

from types import SimpleNamespace
from typing import Any

import pytest

from actions.models import Status
from reporting.paper.headline import headline_of

pytestmark = pytest.mark.once


def paper(*, off_track: int = 0, at_risk: int = 0, total: int = 32, overdue: int = 0, **more: Any) -> Any:
    """A paper of these figures, without a meeting before; `led` says how many overdue actions each partner leads."""
    counts = SimpleNamespace(
        by_rank={Status.OFF_TRACK.rank: off_track, Status.AT_RISK.rank: at_risk}, total=total, overdue=overdue
    )
    led = sorted(more.get("led", {}).items(), key=lambda pair: -pair[1])
    return SimpleNamespace(
        counts=counts,
        moved=None,
        since=None,
        request_count=more.get("requests", 0),
        plan=SimpleNamespace(calendar=SimpleNamespace(period=more.get("period", "Autumn round"))),
        silent=[SimpleNamespace(partner=SimpleNamespace(name=name), count=count) for name, count in led],
    )


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"off_track": 4, "at_risk": 4}, "4 of 32 actions are off track and 4 at risk; "),
        ({"off_track": 1, "at_risk": 4}, "1 of 32 actions is off track and 4 are at risk; "),
        ({"off_track": 4}, "4 of 32 actions are off track and none at risk; "),
        ({"at_risk": 5}, "No action is off track and 5 of 32 are at risk; "),
        ({"at_risk": 1}, "No action is off track and 1 of 32 is at risk; "),
        ({}, "None of the 32 actions is off track or at risk; "),
        ({"total": 1}, "No action is off track or at risk; "),
    ],
)
def test_numbers_of_nought_and_one_are_english(figures: dict[str, int], words: str) -> None:
    assert headline_of(paper(**figures)).startswith(words)


@pytest.mark.parametrize(
    ("overdue", "led", "words"),
    [
        (11, {"X": 6, "Y": 4, "Z": 1}, "11 actions have an update overdue, 6 of them led by X."),
        (7, {"X": 2, "Y": 2, "Z": 1}, "7 actions have an update overdue: X and Y lead 2 each."),
        (7, {"X": 2, "Y": 2, "Z": 2}, "7 actions have an update overdue."),
        (7, {}, "7 actions have an update overdue."),
        (3, {"X": 3, "Y": 1}, "3 actions have an update overdue, all of them led by X."),
        (1, {"X": 1, "Y": 1}, "1 action has an update overdue, led by X and Y."),
        (0, {}, "no update is overdue."),
    ],
)
def test_partners_are_named_who_have_more_overdue_updates_than_others(
    overdue: int, led: dict[str, int], words: str
) -> None:
    assert headline_of(paper(overdue=overdue, led=led)).endswith(f"; {words}")


def test_without_an_open_period_no_update_is_due() -> None:
    assert headline_of(paper(period=None)).endswith("; no reporting period is open, so no update is due.")
