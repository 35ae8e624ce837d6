"""What the benchmarks rely on; nothing is timed here."""

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import files
from tests.benchmarks.client import Answer, Browser, Form, Page, percentile, time_in_turn
from tests.benchmarks.databases import Database, inside
from tests.benchmarks.growth import searches
from tests.benchmarks.race import one_update
from tests.benchmarks.rows import generated
from tests.benchmarks.serving import Server
from tests.benchmarks.table import Row, markdown, with_unit

pytestmark = pytest.mark.once


def test_a_database_is_filled_with_the_plan_and_its_updates(tmp_path: Path) -> None:
    facts = inside(
        f"sqlite:///{tmp_path / 'filled.sqlite3'}", "fill", actions=3, updates_each=2, seed=1, people=1
    )
    assert facts["actions"] == 3
    assert facts["updates"] >= 3 * 2
    assert len(facts["people"]) == 1


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    rows = list(generated(50, updates_each=8, seed=2008, partners=12))
    assert rows == list(generated(50, updates_each=8, seed=2008, partners=12))
    assert rows != list(generated(50, updates_each=8, seed=2009, partners=12))


def test_a_larger_plan_begins_with_the_smaller_one() -> None:
    small = list(generated(20, updates_each=2, seed=1, partners=12))
    assert list(generated(40, updates_each=2, seed=1, partners=12))[:20] == small


def test_every_measure_has_its_updates_oldest_first() -> None:
    for row in generated(100, updates_each=8, seed=2008, partners=12):
        assert len(set(row.leads)) == len(row.leads)
        for _, updates in row.measures:
            days = [update.days_ago for update in updates]
            assert len(days) == 8
            assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (0.5, "×", "0.5 ×"),
        (0.083, "×", "0.08 ×"),
        (2.714, "×", "2.71 ×"),
        (1.0, "×", "1 ×"),
        (12.34, "ms", "12.3 ms"),
        (100, "ms", "100 ms"),
        (1234.5, "ms", "1,234 ms"),
        (0, "", "0"),
        (40, "", "40"),
    ],
)
def test_a_figure_has_three_digits_at_most(figure: float, unit: str, text: str) -> None:
    assert with_unit(figure, unit) == text


def test_the_table_has_a_line_a_row_with_target_and_verdict() -> None:
    rows = [
        Row("list: × Django admin", 1000, 2.71, note="65 ms beside 24 ms", most=0.5),
        Row("submit: × bare Django", 1000, 0.41, least=0.4),
        Row("csv: total", 32, 44.4, "ms"),
        Row("pages: RuntimeError", 32, None, note="did not start", most=1),
    ]
    assert markdown(rows).splitlines() == [
        "| what | actions | measured | for information | target | reached |",
        "| --- | ---: | ---: | --- | --- | --- |",
        "| list: × Django admin | 1,000 | 2.71 × | 65 ms beside 24 ms | ≤ 0.5 × | no |",
        "| submit: × bare Django | 1,000 | 0.41 × |  | ≥ 0.4 × | yes |",
        "| csv: total | 32 | 44.4 ms |  |  |  |",
        "| pages: RuntimeError | 32 | – | did not start | ≤ 1 × |  |",
    ]


def test_a_form_is_sent_as_a_browser_sends_it_and_others_are_left_alone() -> None:
    html = """<form method="post" action="/sign-out/"><input type="hidden" name="csrfmiddlewaretoken" value="no"></form>
    <form method="post" action="/a/"><input type="hidden" name="seen" value="7"><input type="checkbox" name="tick">
    <input type="radio" name="status" value="on-track"><input type="file" name="file">
    <select name="who"><option value="">Choose</option><option value="3">X</option><option value="4">Y</option></select>
    </form>"""
    assert Form(html, "/a/").values == {"seen": "7", "who": "3"}


def test_a_page_is_asked_for_after_something_happened_and_at_another_address_each_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened: list[str] = []

    def get(browser: Browser, address: str, headers: Any = None) -> Answer:
        happened.append(address)
        return Answer(200, b"", {}, 0.1, 0.2)

    monkeypatch.setattr(Browser, "get", get)
    page = Page(
        Server(1, 1), "/actions/", another=searches("/actions/?"), before=lambda: happened.append("update")
    )
    time_in_turn([page], rounds=3)
    assert happened[::2] == ["update"] * 5  # two rounds warm it
    assert len(set(happened[1::2])) == 5
    assert page.times == [0.2] * 3


def test_an_update_between_two_rounds_that_is_not_accepted_ends_the_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database("32", "sqlite://", {"people": [{"session": "", "own": 7}]})
    answers = [Answer(302, b"", {}, 0, 0), Answer(422, b"", {}, 0, 0)]
    sent: list[str] = []
    monkeypatch.setattr(Browser, "get", lambda *_: Answer(200, b"<form method='post'></form>", {}, 0, 0))

    def post(browser: Browser, address: str, values: dict[str, str]) -> Answer:
        sent.append(values["comment"])
        return answers.pop(0)

    monkeypatch.setattr(Browser, "post", post)
    submit_one = one_update(Server(1, 1), database)
    submit_one()
    with pytest.raises(RuntimeError, match="not accepted"):
        submit_one()
    assert len(sent) == 2


@pytest.mark.parametrize(("actions", "target"), [(32, ""), (1_000, "≤ 1.3 ×")])
def test_a_workbook_is_held_against_the_yardstick_from_1000_actions_up(
    monkeypatch: pytest.MonkeyPatch, actions: int, target: str
) -> None:
    monkeypatch.setattr(files, "fetched", lambda *_: ([Answer(200, b"", {}, 0.1, 0.2)], 1.0))
    monkeypatch.setattr(files, "cells_of", lambda book: [])
    monkeypatch.setattr(files, "bare_openpyxl", lambda cells, times: {"seconds": 0.1, "memory": 1.0})
    ratio, memory = files.xlsx_rows(Database("x", "sqlite://", {"actions": actions}))
    assert (ratio.measured, ratio.target) == ("2 ×", target)
    assert memory.target == "≤ 60 MB"


def test_the_95th_percentile_is_one_of_the_values() -> None:
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([5.0], 95) == 5.0
