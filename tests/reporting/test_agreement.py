"""Generated plans with generated progress: filters, lists, grid, coverage and files give the same actions.

What they should give is worked out here in plain Python, from what was loaded and what was reported.
"""

import csv
import io
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, Relationship, Status
from actions.seeding import load
from partners.models import User
from strategy.framework_fixture import as_json
from strategy.framework_table import parse
from strategy.models import Cluster, Theme, VitalFew
from tests.conftest import FRAMEWORK
from tests.pages import Element, numbers, page
from tests.strategy.generated import framework_document

pytestmark = pytest.mark.untraced

PLANS = int(os.environ.get("PLANS", "1"))
FILTERS = 2  # of a plan
ACTIONS_AT_MOST = 50
STATUSES = ("not-started", "on-track", "at-risk", "off-track", "complete", "closed")
FOLLOWED = 4  # links of a page that are opened, chosen by chance


@dataclass(frozen=True)
class Known:
    """An action as loaded, with the ranks of its measures as reported."""

    number: int
    theme: str
    cluster: str
    leads: frozenset[str]
    marks: dict[str, str]
    measures: tuple[str, ...]

    @property
    def status(self) -> str:
        return min(self.measures, key=lambda value: Status(value).rank) if self.measures else "not-reported"


Query = list[tuple[str, str]]


def wanted(query: Query, one: Known) -> bool:
    """Whether a list with this query shows the action, by what the words of the parameters mean."""
    several: dict[str, set[str]] = {}
    for name, value in query:
        several.setdefault(name, set()).add(value)
    code = next(iter(several.get("vital_few", set())), "")
    mark = {"strong": "X", "supporting": "O"}.get(next(iter(several.get("strength", set())), ""), "")
    marks = {code: one.marks.get(code)} if code else one.marks
    clusters = several.get("cluster", set()) | ({"cross-cluster"} if "cross_cluster" in several else set())
    return (
        (not (code or mark) or any(found and (not mark or found == mark) for found in marks.values()))
        and ("cluster" not in several or one.cluster in clusters)
        and ("theme" not in several or one.theme in several["theme"])
        and ("lead" not in several or bool(one.leads & several["lead"]))
        and ("status" not in several or one.status in several["status"])
    )


def known_actions() -> list[Known]:
    last = {
        update.measure_id: update.status for update in ProgressUpdate.objects.order_by("recorded_at", "pk")
    }
    leads: dict[int, set[str]] = {}
    for action, slug in Lead.objects.values_list("action", "partner__slug"):
        leads.setdefault(action, set()).add(slug)
    marks: dict[int, dict[str, str]] = {}
    for action, code, strength in Relationship.objects.values_list("action", "vital_few__code", "strength"):
        marks.setdefault(action, {})[code] = strength
    measures: dict[int, list[str]] = {}
    for action, key in OutcomeMeasure.objects.values_list("action", "pk"):
        measures.setdefault(action, []).append(last.get(key, "not-reported"))
    return [
        Known(
            one.number, one.theme.slug, one.cluster.slug, frozenset(leads.get(one.pk, ())),
            marks.get(one.pk, {}), tuple(measures.get(one.pk, ())),
        )
        for one in Action.objects.select_related("theme", "cluster").order_by("number")
    ]  # fmt: skip


def live(rng: random.Random, by: User) -> None:
    """Some updates on some measures."""
    for measure in OutcomeMeasure.objects.select_related("action"):
        for status in rng.choices(STATUSES, k=rng.choice((0, 1, 1, 2))):
            words = {"comment": "Words", "next_step": "Steps", "evidence": "Proof"}
            days = {"completed_on": "2026-01-05", "decided_on": "2026-01-05"}
            asked = {name: (words | days)[name] for name in Status(status).asks_for}
            partner = Lead.objects.filter(action=measure.action).order_by("order")[0].partner
            ProgressUpdate.objects.create(
                measure=measure, status=status, author=by, author_role=by.role, on_behalf_of=partner, **asked
            )


def some_filter(rng: random.Random) -> Query:
    """A query that may ask for several values of what takes several."""
    most = {"theme": 2, "cluster": 3, "lead": 3, "status": 3}
    choices = {**every_choice(), "cross_cluster": ["on"]}
    query: Query = []
    for name in rng.sample(sorted(choices), rng.choice((0, 1, 2, 2, 3))):
        several = rng.randint(1, most.get(name, 1))
        query += [(name, value) for value in rng.sample(choices[name], min(len(choices[name]), several))]
    return query


def listed(client: Client, address: str) -> list[int]:
    """The numbers of every action of a list that fits one page."""
    path, _, query = address.partition("?")
    return numbers(page(client, f"{path}?{query}{'&' if query else ''}per_page=100"))


def in_csv(client: Client, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def agree(client: Client, actions: list[Known], query: Query, rng: random.Random) -> None:
    tail = f"?{urlencode(query)}" if query else ""
    expected = [one.number for one in actions if wanted(query, one)]
    found = page(client, f"/actions/{tail}{'&' if tail else '?'}per_page=100")
    assert numbers(found) == expected
    assert [int(row[0]) for row in in_csv(client, f"/actions/export.csv{tail}")] == expected
    of_measures(client, actions, query, tail)
    of_choices(actions, query, found)
    of_grid(client, tail, expected, rng)
    of_coverage(client, actions, query, tail, rng)


def of_measures(client: Client, actions: list[Known], query: Query, tail: str) -> None:
    """The measures of these actions; a status is the measure's own."""
    statuses = {value for name, value in query if name == "status"}
    rest = [(name, value) for name, value in query if name != "status"]
    expected = [
        one.number
        for one in actions
        if wanted(rest, one)
        for status in one.measures
        if not statuses or status in statuses
    ]
    assert [int(row[0]) for row in in_csv(client, f"/measures/export.csv{tail}")] == expected


def of_choices(actions: list[Known], query: Query, found: Element) -> None:
    """The number beside each choice is how many actions it alone would give, with the other filters as they are.

    The menus leave out what would give none, unless it is chosen.
    """
    panel = found.one("details", css="filters")
    offered = [
        (box["name"], box["value"], label.text)
        for label in panel.all("label")
        for box in label.all("input", type="checkbox")
        if box.get("value")
    ] + [
        (select["name"], option["value"], option.text)
        for select in panel.all("select")
        for option in select.all("option")
        if option["value"] and select["name"] != "sort"
    ]
    counts = {
        (name, value): sum(
            wanted([*(pair for pair in query if pair[0] != name), (name, value)], one) for one in actions
        )
        for name, values in every_choice().items()
        for value in values
    }
    for name, value, words in offered:
        assert words.endswith(f" ({counts[name, value]})"), (name, value, words)
    assert {(name, value) for name, value, _ in offered} == {
        pair
        for pair, count in counts.items()
        if count or pair in query or pair[0] in ("vital_few", "strength")
    }


def every_choice() -> dict[str, list[str]]:
    return {
        "vital_few": [one.code for one in VitalFew.objects.all()],
        "strength": ["strong", "supporting"],
        "theme": [one.slug for one in Theme.objects.all()],
        "cluster": [one.slug for one in Cluster.objects.all()],
        "lead": sorted(set(Lead.objects.values_list("partner__slug", flat=True))),
        "status": ["not-reported", *STATUSES],
    }


def of_grid(client: Client, tail: str, expected: list[int], rng: random.Random) -> None:
    home = page(client, f"/{tail}")
    grid = home.one("table", css="xo-grid")
    assert sorted(int(one.text) for one in grid.all("span", css="xo-grid__number")) == expected
    tiles = home.all("ul", css="counts")
    assert sum(
        int(tile.one("span", css="counts__number").text) for tile in tiles[:1] for tile in tile.all("a")
    ) == (len(expected))
    totals = [cell.all("a") for row in grid.one("tfoot").all("tr") for cell in row.all("td")]
    follow(client, [link for cell in totals for link in cell], rng)
    follow(client, [link for one in tiles for link in one.all("a")], rng)


def follow(client: Client, links: list[Element], rng: random.Random) -> None:
    """Each link says a number, and leads to so many actions."""
    for link in rng.sample(links, min(FOLLOWED // 2, len(links))):
        said = next(int(word) for word in link.text.split() if word.isdecimal())
        assert len(listed(client, link["href"])) == said, link["href"]


def of_coverage(client: Client, actions: list[Known], query: Query, tail: str, rng: random.Random) -> None:
    vital_fews, themes = page(client, f"/coverage/{tail}").all("table", css="coverage")
    links = [link for table in (vital_fews, themes) for link in table.all("a")]
    for link in links:
        asked = parse_qsl(urlsplit(link["href"]).query)
        expected = [one.number for one in actions if wanted(asked, one) and wanted(query, one)]
        assert [one.number for one in actions if wanted(asked, one)] == expected  # and no others
        mark, said = link.text.split()[:2]
        assert (int(said), mark) == (
            len(expected),
            {"strong": "X", "supporting": "O"}[dict(asked)["strength"]],
        )
    for link in rng.sample(links, min(FOLLOWED, len(links))):
        asked = parse_qsl(urlsplit(link["href"]).query)
        assert listed(client, link["href"]) == [one.number for one in actions if wanted(asked, one)]
    in_file(client, actions, query, tail)


def in_file(client: Client, actions: list[Known], query: Query, tail: str) -> None:
    """The file has the same numbers, empty cells included."""
    place = {"vital_few": {one.code: one.code for one in VitalFew.objects.all()}}
    place["theme"] = {one.name: one.slug for one in Theme.objects.all()}
    clusters = {one.name: one.slug for one in Cluster.objects.all()}
    chosen = dict(query)
    for table, row, cluster, *counts in in_csv(client, f"/coverage/export.csv{tail}"):
        name = {"Vital few": "vital_few", "Theme": "theme"}[table]
        here = [(name, place[name][row]), ("cluster", clusters[cluster])]
        rest = [pair for pair in query if pair[0] not in (*dict(here), "strength", "cross_cluster")]
        for strength, said in zip(("strong", "supporting"), counts[1:], strict=True):
            asked = [*rest, *here, ("strength", strength)]
            number = sum(wanted(asked, one) and wanted(query, one) for one in actions)
            assert said == ("" if chosen.get("strength", strength) != strength else str(number))


@pytest.fixture
def generated(tmp_path: Path, empty_portal: None) -> Callable[[int], random.Random]:
    def made(seed: int) -> random.Random:
        rng = random.Random(seed)
        fixture = tmp_path / "framework.json"
        document = framework_document(rng.randint(1, ACTIONS_AT_MOST), seed)
        fixture.write_text(as_json(parse(document)), encoding="utf-8")
        load(fixture)
        return rng

    return made


def tried(rng: random.Random) -> None:
    by = User.objects.create_user("sam@city.example", name="Sam Staff", role=User.Role.STAFF)
    live(rng, by)
    client, actions = Client(), known_actions()
    client.force_login(by)
    for query in [[], *(some_filter(rng) for _ in range(FILTERS))]:
        agree(client, actions, query, rng)


@pytest.mark.parametrize("seed", range(PLANS))
def test_every_way_to_the_actions_of_a_generated_plan_agrees(
    seed: int, generated: Callable[[int], random.Random]
) -> None:
    tried(generated(seed))


def test_every_way_to_the_actions_of_the_framework_agrees(framework: None) -> None:
    assert FRAMEWORK.exists()
    tried(random.Random(2008))
