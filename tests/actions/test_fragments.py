"""Rows that outlive updates: only what an update, an edit or a new day changes is rendered again, and always that."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions import fragments, grid
from actions.models import OutcomeMeasure
from history import memo
from history.clock import plan_change
from partners.models import Partner, User
from tests.clock import database_clock
from tests.pages import page

Shown = Callable[[str], dict[int, str]]


@pytest.fixture
def shown(client_of: Callable[[User], Client], board: User) -> Shown:
    """The words of each row of the list or the grid, by the action's number."""
    client = client_of(board)

    def rows(address: str) -> dict[int, str]:
        found: dict[int, str] = {}
        for row in (row for body in page(client, address).all("tbody") for row in body.all("tr")):
            number = row.one("th").text.split()[0]
            if number.isdecimal():
                found[int(number)] = " ".join(
                    str(link["class"]) for link in row.all("a") if "class" in link.attrs
                )
                found[int(number)] += row.text
        return found

    return rows


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The number of each action whose row is rendered."""
    numbers: list[str] = []
    real_list, real_grid = fragments._rendered, grid.render_to_string

    def of_list(template: str, **context: Any) -> Any:
        if template == "partials/action_row.html":
            numbers.append(f"list {context['row'].row.number}")
        return real_list(template, **context)

    def of_grid(template: str, context: Any) -> Any:
        numbers.append(f"grid {context['action'].number}")
        return real_grid(template, context)

    monkeypatch.setattr(fragments, "_rendered", of_list)
    monkeypatch.setattr(grid, "render_to_string", of_grid)
    return numbers


@pytest.mark.usefixtures("framework")
def test_an_update_renders_the_row_of_its_own_action(shown: Shown, rendered: list[str], report: Any) -> None:
    before = {address: shown(address) for address in ("/", "/actions/")}
    assert len(rendered) == 64
    rendered.clear()
    report(7, 1, "off-track")
    after = {address: shown(address) for address in ("/", "/actions/")}
    assert rendered == ["grid 7", "list 7"]
    for address, rows in after.items():
        assert {number for number, words in rows.items() if words != before[address][number]} == {7}, address
    memo.forget()
    assert {address: shown(address) for address in after} == after


@pytest.mark.usefixtures("framework")
def test_a_renamed_partner_and_a_new_day_reach_every_row_they_concern(
    shown: Shown, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plan_change(by=staff, reason="A date"):
        OutcomeMeasure.objects.filter(action__number=9).update(
            target_date=timezone.localdate() + timedelta(days=1)
        )
    before = shown("/actions/")
    with plan_change(by=staff, reason="A name"):
        Partner.objects.filter(slug="legi").update(name="Enterprise for All")
    renamed = {number for number, words in shown("/actions/").items() if words != before[number]}
    assert renamed == {number for number, words in before.items() if "LEGI" in words}
    now = shown("/actions/")
    monkeypatch.setattr(memo, "forget", lambda: None)
    with database_clock(timezone.now() + timedelta(days=3)):
        later = shown("/actions/")
    assert {number for number in now if now[number] != later[number]} == {9}
    assert "Past target date" in later[9]


@pytest.mark.usefixtures("framework")
def test_an_actions_page_outlives_the_updates_of_others_and_shows_its_own(
    client_of: Callable[[User], Client], staff: User, report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(staff)
    made: list[int] = []
    real = fragments.Plan.row
    monkeypatch.setattr(fragments.Plan, "row", lambda plan, number: made.append(number) or real(plan, number))
    page(client, "/actions/9/")
    report(7, 1)
    page(client, "/actions/9/")
    assert made == [9]
    update = report(9, 1, comment="The site is bought.")
    assert "The site is bought." in page(client, "/actions/9/").text
    client.post(f"/updates/{update.pk}/question/", {"question": "Which site?"})
    assert "Which site?" in page(client, "/actions/9/").text
    assert made == [9, 9, 9]
