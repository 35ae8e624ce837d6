"""Holds the pages and files of the plan, now and as at a day, against what the oracle says was known then."""

import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew
from tests.pages import Element, numbers, page
from tests.replay.cells import (
    all_action_cells,
    all_measure_cells,
    local,
    percent_of,
    rows_of_csv,
    rows_of_sheet,
    sheets_of,
)
from tests.replay.diff import edits_of, plain
from tests.replay.oracle import OfAction, Replay
from tests.replay.state import LABELS, SYMBOLS, WORST_FIRST, short, signed
from tests.replay.tally import same, same_rows

STRENGTH = {"X": "strong", "O": "supporting"}
WORDS = {"better": "Better", "worse": "Worse", "new": "New"}  # the style sheet has the symbols
WAYS_IN: dict[str, tuple[str, Any]] = {
    "theme": ("themes", Theme),
    "cluster": ("clusters", Cluster),
    "partner": ("partners", Partner),
    "vital_few": ("vital-fews", VitalFew),
}
Expected = dict[int, OfAction]


def compare_pages(client: Client, query: str, replay: Replay, chance: random.Random) -> None:
    """Both lists, home, three actions, a page of each way in and of one a list; `query` is “as_at=…” or nothing."""
    expected = {key: replay.action(key) for key in replay.state.actions}
    _compare_list(page(client, f"/actions/?per_page=100&{query}"), replay, expected)
    _compare_measures(page(client, f"/measures/?per_page=100&{query}"), replay)
    _compare_home(page(client, f"/?{query}"), replay, expected)
    for key in chance.sample(sorted(expected), 3):
        number = replay.state.actions[key]["number"]
        _compare_action(page(client, f"/actions/{number}/?{query}"), replay, key, expected[key])
    _compare_ways_in(client, query, replay, chance)
    kind = chance.choice(sorted(WAYS_IN))
    _compare_plan_list(page(client, f"/{WAYS_IN[kind][0]}/?{query}"), replay, kind)


def compare_files(client: Client, query: str, replay: Replay, ending: str) -> None:
    """The files of actions and of outcome measures, as “csv” or “xlsx”."""
    for noun, title, wanted in (
        ("actions", "Actions", all_action_cells(replay)),
        ("measures", "Outcome measures", all_measure_cells(replay)),
    ):
        answer: Any = client.get(f"/{noun}/export.{ending}?{query}")
        content = b"".join(answer.streaming_content)
        rows = rows_of_csv(content) if ending == "csv" else rows_of_sheet(sheets_of(content)[title])
        same_rows(rows, wanted, (noun, ending))


def _tags(one: OfAction) -> str:
    """The text of the Status column."""
    words = [LABELS[one.status]]
    if one.measures > 1:
        words.append(f"{one.shown_by} of {one.measures} measures")
    if one.awaited:
        words.append("Update overdue" if one.overdue else "Update awaited")
    if one.past_target:
        words.append("Past target date")
    return " ".join(words)


def _compare_list(found: Element, replay: Replay, expected: Expected) -> None:
    codes = [head.text.split()[0] for head in found.one("main").one("thead").all("th")][3:-4]
    listed, wanted = {}, {}
    for row in found.one("main").one("tbody").all("tr"):
        title, lead, *marks, tags, direction, updated, target = row.all("td")
        said = {code: cell.text for code, cell in zip(codes, marks, strict=True) if cell.text}
        cells = (lead.text, tags.text, direction.text, updated.text, target.text)
        listed[int(row.one("th").text)] = (title.one("a").text, said, *cells)
    for key, one in expected.items():
        action = replay.state.actions[key]
        wanted[action["number"]] = (
            action["title"],
            replay.marks_of(key),
            _leads(replay, key),
            _tags(one),
            WORDS.get(one.direction or "", ""),
            short(one.last["at"]) if one.last else "",
            _dates(replay, one),
        )
    same(listed, wanted)


def _dates(replay: Replay, one: OfAction) -> str:
    """The original target date and the revised date."""
    if one.worst is None:
        return ""
    measure = replay.state.measures[one.worst]
    if not measure["target_date"]:
        return "not set"
    original = short(measure["target_date"])
    return f"{original} revised {short(measure['revised_date'])}" if measure["revised_date"] else original


def _compare_measures(found: Element, replay: Replay) -> None:
    rows = found.one("main").one("tbody").all("tr")
    listed = [(row.one("th").text, *(cell.text for cell in row.all("td"))) for row in rows]
    same_rows(listed, list(_measure_rows(replay)))


def _measure_rows(replay: Replay) -> Iterable[tuple[str, ...]]:
    for key in replay.by_number():
        action, measures = replay.state.actions[key], replay.measures_of(key)
        for measure, one, known in measures:
            place = f"Measure {one['order']} of {len(measures)}. " if len(measures) > 1 else ""
            percent = percent_of(known.value, one["target"])
            yield (
                str(action["number"]),
                f"{one['text']} {place}Action {action['number']}: {action['title']}",
                _leads(replay, key),
                plain(one["baseline"]),
                f"{plain(one['target'])} {one['unit']}".strip(),
                plain(known.value),
                "" if percent is None else f"{percent}%",
                _measure_tags(replay, one, known),
                WORDS.get(replay.direction_of(measure, known) or "", ""),
                short(known.last["at"]) if known.last else "",
            )


def _measure_tags(replay: Replay, measure: dict[str, Any], known: Any) -> str:
    words = [LABELS[known.status]]
    if replay.is_awaited(known):
        words.append("Update overdue" if replay.is_past_due else "Update awaited")
    if replay.is_past_target(measure, known):
        words.append("Past target date")
    return " ".join(words)


def _leads(replay: Replay, key: int) -> str:
    leads = [f"{name} ✓ accepted" if how == "accepted" else name for name, how in replay.leads_of(key)]
    return " / ".join(leads) or "No lead"


def _tiles(found: Element) -> dict[str, int]:
    if not found.one("main").all("ul", css="counts"):
        return {}
    tiles = found.one("main").one("ul", css="counts").all("a")
    return {_filter_of(one["href"]): int(one.one("span", css="counts__number").text) for one in tiles}


def _filter_of(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    return "awaited" if "awaited" in query else query.get("status", ["overdue"])[0]


def _compare_tiles(found: Element, replay: Replay, keys: Iterable[int]) -> None:
    chosen = list(keys)
    counts = replay.counts(chosen)
    awaited = sum(replay.action(key).awaited for key in chosen)
    late = "overdue" if replay.is_past_due else "awaited"
    expected = {name: counts.get(name, 0) for name in WORST_FIRST} | {late: awaited}
    same(_tiles(found), {name: count for name, count in expected.items() if count})


def _compare_home(found: Element, replay: Replay, expected: Expected) -> None:
    _compare_tiles(found, replay, expected)
    grid = found.one("main").one("table", css="xo-grid")
    cells, groups = {}, {}
    theme = cluster = ""
    for row in grid.all("tr"):
        for css in ("xo-grid__theme", "xo-grid__cluster"):
            if row.all("th", css=css):
                name = row.one("th", css=css).text
                theme, cluster = (name, "") if css == "xo-grid__theme" else (theme, name)
        if row.all("span", css="xo-grid__number"):
            number = int(row.one("span", css="xo-grid__number").text)
            cells[number] = sorted(cell.text for cell in row.all("a", css="xo"))
            groups[number] = (theme, cluster)
    names, actions = replay.state.names, replay.state.actions
    places = {
        action["number"]: (names["theme"][action["theme"]], names["cluster"][action["cluster"]])
        for action in actions.values()
    }
    same(groups, places)
    same(cells, {actions[key]["number"]: _grid_cells(replay, key, one) for key, one in expected.items()})
    sums = [
        [int(cell.one("a").text.split()[0]) for cell in row.all("td")] for row in grid.one("tfoot").all("tr")
    ]
    by_mark, codes = replay.counts_by_mark(), names["vital_few"].values()
    same(sums, [[sum(by_mark.get((code, mark), {}).values()) for code in codes] for mark in "XO"])


def _grid_cells(replay: Replay, key: int, one: OfAction) -> list[str]:
    number = replay.state.actions[key]["number"]
    return sorted(
        f"{mark} {SYMBOLS[one.status]} {STRENGTH[mark]} for {code}, {LABELS[one.status]}: action {number}"
        for code, mark in replay.marks_of(key).items()
    )


def _compare_action(found: Element, replay: Replay, key: int, one: OfAction) -> None:
    main = found.one("main")
    assert main.one("h1").text.endswith(replay.state.actions[key]["title"])
    same(main.all("strong", css="status")[0].text, f"{SYMBOLS[one.status]} {LABELS[one.status]}")
    measures = replay.measures_of(key)
    sections = main.all("section", css="measure")
    assert len(sections) == len(measures)
    told = [item for item in main.walk() if item.get("id").startswith("report-")]
    by_id = {item["id"]: item.text for item in told}
    assert len(by_id) == sum(len(replay.state.updates[measure]) for measure, _, _ in measures)
    for section, (measure, wording, known) in zip(sections, measures, strict=True):
        _compare_measure(section, wording, known)
        for update in replay.state.updates[measure]:
            said = by_id[f"report-{update['pk']}"]
            for part in (signed(update), update["comment"], update["next_step"], update["evidence"]):
                assert part in said
    _compare_history(main, replay, key)


def _compare_measure(section: Element, wording: dict[str, Any], known: Any) -> None:
    assert wording["text"] in section.one("h2").text
    same(section.all("strong", css="status")[0].text, f"{SYMBOLS[known.status]} {LABELS[known.status]}")
    values = [one.text for one in section.all("p", css="measure__value")]
    if wording["target"] is None:
        same(values, [])
        return
    target = f"{plain(wording['target'])} {wording['unit']}".strip()
    percent = percent_of(known.value, wording["target"])
    if known.value is None:
        wanted = f"Target {target}. No value yet."
    else:
        share = "" if percent is None else f" ({percent}% of target)"
        wanted = f"{plain(known.value)} of {target}{share} on {short(known.valued_at, 'B')}"
    if wording["baseline"] is not None:
        wanted += f" Baseline {plain(wording['baseline'])}."
    same(values, [wanted])


def _compare_history(main: Element, replay: Replay, key: int) -> None:
    """The changes of the plan, but for what was loaded: by moment, author and reason, each with its lines."""
    wanted: dict[str, list[str]] = {}
    for edit in edits_of(replay.happened, replay.happened[0].at, replay.moment):
        if edit.key == key:
            reason = f": {edit.why}" if edit.why else ""
            head = f"{short(edit.when, 'B')} at {local(edit.when)[-5:]} · {edit.who}{reason}"
            wanted.setdefault(head, []).append(edit.line)
    found: dict[str, list[str]] = {}
    for event in main.one("ol", css="history--plan").all("li"):
        head, *lines = [part.text for part in event.all("p")]
        if lines != ["Imported from the framework"]:
            found.setdefault(head, []).extend(lines)
    same(
        {head: sorted(lines) for head, lines in found.items()},
        {head: sorted(lines) for head, lines in wanted.items()},
    )


def _keys_of(replay: Replay, kind: str, key: int) -> list[int]:
    """The actions of a theme, cluster, partner or vital few."""
    name, actions = replay.state.names[kind][key], replay.state.actions
    if kind == "partner":
        return [action for action in actions if name in dict(replay.leads_of(action))]
    if kind == "vital_few":
        return [action for action in actions if name in replay.marks_of(action)]
    return [action for action in actions if actions[action][kind] == key]


def _compare_ways_in(client: Client, query: str, replay: Replay, chance: random.Random) -> None:
    """One theme, cluster, partner and vital few each: its name, its actions and their counts."""
    actions = replay.state.actions
    for kind, (address, model) in WAYS_IN.items():
        row: Any = chance.choice(list(model._default_manager.order_by("pk")))
        keys = _keys_of(replay, kind, row.pk)
        found = page(client, f"/{address}/{row.code if kind == 'vital_few' else row.slug}/?{query}")
        assert replay.state.names[kind][row.pk] in found.one("main").one("h1").text
        same(numbers(found.one("main")), sorted(actions[key]["number"] for key in keys))
        _compare_tiles(found, replay, keys)


def _compare_plan_list(found: Element, replay: Replay, kind: str) -> None:
    """Every theme, cluster, partner or vital few: its name, and how its actions are doing."""
    rows = found.one("main").one("tbody").all("tr")
    listed = {
        row.one("th").one("a").text: (
            int(row.all("td")[0].text.split()[0]),
            row.all("td")[1].text,
            row.all("td")[2].text,
        )
        for row in rows
    }
    wanted = {}
    for key in replay.state.names[kind]:
        keys = _keys_of(replay, kind, key)
        name = replay.state.names["vital_few_name" if kind == "vital_few" else kind][key]
        wanted[name] = (
            len(keys),
            in_numbers(replay.counts(keys)),
            str(replay.late(keys)[1]) if replay.period else "–",
        )
    same(listed, wanted)


def in_numbers(counts: dict[str, int]) -> str:
    """“4 Off track, 20 On track”."""
    return ", ".join(f"{counts[name]} {LABELS[name]}" for name in WORST_FIRST if counts.get(name))
