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
    words = [status.label]
    if one.measures > 1:
        words.append(f"{one.shown_by} of {one.measures} measures")
    if one.overdue:
        words.append("Update overdue")
    if one.past_target:
        words.append("Past target date")
    return " ".join(words)


def _compare_list(found: Element, replay: Replay, expected: Expected) -> None:
    codes = [head.text.split()[0] for head in found.one("main").one("thead").all("th")][3:-4]
    listed, wanted = {}, {}
    for row in found.one("main").one("tbody").all("tr"):
        title, lead, *marks, tags, direction, updated, _ = row.all("td")
        said = {code: cell.text for code, cell in zip(codes, marks, strict=True) if cell.text}
        cells = (lead.text, tags.text, direction.text, updated.text)
        listed[int(row.one("th").text)] = (title.one("a").text, said, *cells)
    for key, one in expected.items():
        action = replay.state.actions[key]
        wanted[action["number"]] = (
            action["title"],
            replay.marks_of(key),
            _leads(replay, key),
            _tags(one),
            _direction(one),
            f"{timezone.localtime(one.last['at']):%-d %b %Y}" if one.last else "",
        )
    assert listed == wanted


def _leads(replay: Replay, key: int) -> str:
    leads = [f"{name} ✓ accepted" if how == "accepted" else name for name, how in replay.leads_of(key)]
    return " / ".join(leads) or "No lead"


def _direction(one: OfAction) -> str:
    if not one.direction or one.direction == "same":
        return ""
    return str(Direction(one.direction).label)  # the style sheet has the symbol


def _tiles(found: Element) -> dict[str, int]:
    if not found.one("main").all("ul", css="counts"):
        return {}
    tiles = found.one("main").one("ul", css="counts").all("a")
    return {_filter_of(one["href"]): int(one.one("span", css="counts__number").text) for one in tiles}


def _filter_of(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("status", ["overdue"])[0]


def _compare_tiles(found: Element, replay: Replay, keys: Iterable[int]) -> None:
    chosen = list(keys)
    counts = replay.counts(chosen)
    overdue = sum(replay.action(key).overdue for key in chosen)
    expected = {name: counts.get(name, 0) for name in WORST_FIRST} | {"overdue": overdue}
    assert _tiles(found) == {name: count for name, count in expected.items() if count}


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
        number = replay.state.actions[key]["number"]
        assert sorted(cells[number]) == sorted(
            f"{mark} {status.symbol} {STRENGTH[mark]} for {code}, {status.label}: action {number}"
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
    told = [item for item in main.walk() if item.get("id").startswith("report-")]
    by_id = {item["id"]: item.text for item in told}
    assert len(by_id) == sum(len(replay.state.updates[measure]) for measure, _, _ in measures)
    for section, (measure, _, known) in zip(sections, measures, strict=True):
        assert section.all("strong", css="status")[0].text.endswith(Status(known.status).label)
        for update in replay.state.updates[measure]:
            said = by_id[f"report-{update['pk']}"]
            assert signed(update) in said
            assert update["comment"] in said


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
