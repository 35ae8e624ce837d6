"""Holds the pages and the file as at a day against what the oracle says was known at its end."""

import random
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.utils import timezone

from actions.models import Direction, Status
from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew
from tests.pages import Element, numbers, page
from tests.replay.comparison import compare_csv, signed
from tests.replay.oracle import WORST_FIRST, OfAction, Replay

STRENGTH = {"X": "strong", "O": "supporting"}
Expected = dict[int, OfAction]


def compare_pages(client: Client, day: date, replay: Replay, chance: random.Random) -> None:
    """List, home, four actions, a page of each way in, and the CSV, as at the end of `day`."""
    expected = {key: replay.action(key) for key in replay.state.actions}
    _compare_list(page(client, f"/actions/?per_page=100&as_at={day}"), replay, expected)
    _compare_home(page(client, f"/?as_at={day}"), replay, expected)
    for key in chance.sample(sorted(expected), 4):
        number = replay.state.actions[key]["number"]
        _compare_action(page(client, f"/actions/{number}/?as_at={day}"), replay, key, expected[key])
    _compare_ways_in(client, day, replay, chance)
    answer: Any = client.get(f"/actions/export.csv?as_at={day}")
    compare_csv(b"".join(answer.streaming_content), replay, expected)


def _tags(one: OfAction) -> str:
    """What stands in the Status column."""
    status = Status(one.status)
    words = [f"{status.symbol} {status.label}"]
    if one.measures > 1:
        words.append(f"{one.shown_by} of {one.measures} measures")
    if one.overdue:
        words.append("Update overdue")
    if one.past_target:
        words.append("Past target date")
    if one.direction and one.direction != "same":
        words.append(f"{Direction(one.direction).symbol} {Direction(one.direction).label}")
    return " ".join(words)


def _compare_list(found: Element, replay: Replay, expected: Expected) -> None:
    listed = {}
    for row in found.one("main").one("tbody").all("tr"):
        title, theme, cluster, lead, marks, tags, updated = (cell.text for cell in row.all("td"))
        listed[int(row.one("th").text)] = (title, theme, cluster, lead, marks, tags, updated)
    wanted = {}
    for key, one in expected.items():
        action, names = replay.state.actions[key], replay.state.names
        marks = replay.marks_of(key)
        wanted[action["number"]] = (
            action["title"],
            names["theme"][action["theme"]],
            names["cluster"][action["cluster"]],
            " / ".join(f"{name} {acceptance}" for name, acceptance in replay.leads_of(key)) or "No lead",
            ", ".join(f"{code} {mark}" for code, mark in marks.items()),
            _tags(one),
            f"{timezone.localtime(one.last['at']):%-d %b %Y}" if one.last else "never",
        )
    assert {number: _without_order(row) for number, row in listed.items()} == {
        number: _without_order(row) for number, row in wanted.items()
    }


def _without_order(row: tuple[str, ...]) -> tuple[Any, ...]:
    """Marks stand in the order of their keys, which the oracle does not know."""
    return (*row[:4], frozenset(row[4].split(", ")), *row[5:])


def _tiles(found: Element) -> dict[str, int]:
    tiles = found.one("main").one("ul", css="counts").all("a")
    return {_filter_of(one["href"]): int(one.one("span", css="counts__number").text) for one in tiles}


def _filter_of(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("status", ["overdue"])[0]


def _compare_tiles(found: Element, replay: Replay, keys: Iterable[int]) -> None:
    chosen = list(keys)
    counts = replay.counts(chosen)
    overdue = sum(replay.action(key).overdue for key in chosen)
    assert _tiles(found) == {name: counts.get(name, 0) for name in WORST_FIRST} | {"overdue": overdue}


def _compare_home(found: Element, replay: Replay, expected: Expected) -> None:
    _compare_tiles(found, replay, expected)
    cells = {}
    for row in found.one("main").one("table", css="xo-grid").all("tr"):
        if row.all("span", css="xo-grid__number"):
            number = int(row.one("span", css="xo-grid__number").text)
            cells[number] = [cell.text for cell in row.all("a", css="xo")]
    for key, one in expected.items():
        status = Status(one.status)
        marks = replay.marks_of(key)
        assert sorted(cells[replay.state.actions[key]["number"]]) == sorted(
            f"{mark} {status.symbol} {STRENGTH[mark]} for {code}, {status.label}"
            for code, mark in marks.items()
        )


def _compare_action(found: Element, replay: Replay, key: int, one: OfAction) -> None:
    main = found.one("main")
    assert main.one("h1").text.endswith(replay.state.actions[key]["title"])
    assert (
        main.all("strong", css="status")[0].text == f"{Status(one.status).symbol} {Status(one.status).label}"
    )
    measures = replay.measures_of(key)
    sections = main.all("section", css="measure")
    assert len(sections) == len(measures)
    for section, (measure, _, known) in zip(sections, measures, strict=True):
        assert section.all("strong", css="status")[0].text.endswith(Status(known.status).label)
        updates = list(reversed(replay.state.updates[measure]))
        history = section.all("li")
        assert len(history) == len(updates)
        for item, update in zip(history, updates, strict=True):
            assert signed(update) in item.text
            assert update["comment"] in item.text


def _compare_ways_in(client: Client, day: date, replay: Replay, chance: random.Random) -> None:
    """One theme, cluster, partner and vital few each: its name, its actions and their counts."""
    actions = replay.state.actions
    for kind, address, model in (
        ("theme", "themes", Theme), ("cluster", "clusters", Cluster), ("partner", "partners", Partner),
        ("vital_few", "vital-fews", VitalFew),
    ):  # fmt: skip
        row: Any = chance.choice(list(model._default_manager.order_by("pk")))
        name = replay.state.names[kind][row.pk]
        if kind == "partner":
            keys = {key for key in actions if name in dict(replay.leads_of(key))}
        elif kind == "vital_few":
            keys = {key for key in actions if name in replay.marks_of(key)}
        else:
            keys = {key for key, action in actions.items() if action[kind] == row.pk}
        found = page(client, f"/{address}/{row.code if kind == 'vital_few' else row.slug}/?as_at={day}")
        assert name in found.one("main").one("h1").text
        assert numbers(found.one("main")) == sorted(actions[key]["number"] for key in keys)
        _compare_tiles(found, replay, keys)
