"""Each role signs in and does their main job; the portal needs no scripts."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import make_progress
from tests.browser.tools import NARROW, axe, no_sideways_scroll, sign_in
from tests.serving import Portal

pytestmark = pytest.mark.once


@pytest.mark.browser
def test_staff_narrow_the_list_and_take_exactly_this_view_with_them(desktop: BrowserContext) -> None:
    page = sign_in(desktop, "staff@demo.example")
    assert page.url.endswith("/today/")
    page.goto("/actions/")
    page.get_by_label("Vital few", exact=True).select_option("VF3")
    page.get_by_label("Strength").select_option("strong")
    page.locator("summary", has_text="Cluster").click()
    page.get_by_role("checkbox", name="Food & Drink").check()
    page.get_by_role("button", name="Apply filters").click()
    assert page.url.endswith("/actions/?vital_few=VF3&strength=strong&cluster=food-drink")
    assert (
        page.locator("p[role=status]").text_content().strip()
        == "2 of 32 actions: Food & Drink, strong for VF3"
    )
    assert numbers(page) == ["8", "32"]
    with page.expect_download() as download:
        page.get_by_role("link", name="spreadsheet (xlsx)").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert [row[0] for row in book["Actions"].iter_rows(min_row=2, values_only=True)] == [8, 32]
    page.get_by_role("link", name=re.compile("Remove: Food & Drink")).click()
    assert page.locator("p[role=status]").text_content().strip() == "7 of 32 actions: strong for VF3"


def numbers(page: Page) -> list[str]:
    return page.locator("tbody th[scope=row]").all_inner_texts()


@pytest.mark.browser
def test_the_grid_is_the_way_in_without_scripts_on_a_phone(phone: BrowserContext) -> None:
    page = sign_in(phone, "board@demo.example")
    page.goto("/")
    no_sideways_scroll(page)
    page.locator("tfoot a", has_text="7").last.click()
    assert "of 32 actions" in page.locator("main").inner_text()
    lead = page.locator("summary", has_text="Lead partner")
    assert not lead.is_visible()  # the filters are folded away
    page.locator("summary", has_text="Filter the actions").click()
    lead.click()
    leads = page.locator("input[name=lead]")  # those that lead one of the seven
    leads.nth(0).check()
    leads.nth(1).check()
    page.get_by_role("button", name="Apply filters").click()
    assert re.search(r"led by .+ or .+", page.locator("p[role=status]").text_content() or "")


@pytest.mark.browser
def test_the_filters_their_button_and_the_first_rows_are_in_sight(desktop: BrowserContext) -> None:
    """At 1280 x 800, with names in full; opening a menu closes the other, and the button stays in sight."""
    page = sign_in(desktop, "staff@demo.example")
    page.set_viewport_size({"width": 1280, "height": 800})
    for address in ("/actions/", "/measures/"):
        page.goto(f"{address}?vital_few=VF5")
        button = page.get_by_role("button", name="Apply filters")
        assert _bottom(button) < 800
        assert _bottom(page.locator("tbody tr").first) < 800
        page.locator("summary", has_text="Status").click()
        page.locator("summary", has_text="Lead partner").click()
        menu = page.locator("details[name=menu][open]")
        assert menu.count() == 1
        assert menu.get_by_text("Leicester City Growth").is_visible()
        assert menu.locator("label").evaluate_all(
            "all => all.every(one => one.scrollWidth <= one.clientWidth)"
        )
        button.click()
        assert page.url.endswith(f"{address}?vital_few=VF5")


def _bottom(what: Locator) -> float:
    box = what.bounding_box()
    assert box
    return box["y"] + box["height"]


# The cells that have words: where each begins and ends. One that is not shown has no width.
WHERE_THE_WORDS_ARE = """cells => cells.filter(cell => cell.textContent.trim()).map(cell => {
    const box = cell.getBoundingClientRect();
    return {words: cell.textContent.trim(), left: box.left, right: box.right};
})"""


@pytest.mark.browser
@pytest.mark.once
def test_on_a_phone_the_actions_are_short_cards_that_leave_nothing_out(
    portal: Portal, phone: BrowserContext
) -> None:
    make_progress(portal)
    page = sign_in(phone, "board@demo.example")
    page.goto("/actions/")
    assert page.evaluate("() => document.documentElement.scrollHeight") <= 6000
    assert page.locator("tbody tr").count() == 32
    cells = page.locator("tbody th, tbody td").evaluate_all(WHERE_THE_WORDS_ARE)
    assert len(cells) > 32 * 6
    assert [cell for cell in cells if not 0 <= cell["left"] < cell["right"] <= 390] == []
    marks = "cells => cells.filter(c => c.innerText).map(c => [getComputedStyle(c, '::before').content, c.innerText])"
    shown = page.locator("#action-9 td:nth-child(n+4):nth-last-child(n+5)").evaluate_all(marks)
    assert [mark for _, mark in shown] == ["O", "X", "X"]
    assert all("VF" in label for label, _ in shown)
    for part in (
        "#action-9 th",
        "#action-9 a[href='/actions/9/']",
        "#action-9 .status",
        "#action-9 a[href*=partners]",
    ):
        assert page.locator(part).first.is_visible()


@pytest.mark.browser
def test_a_link_to_a_row_lands_on_it(desktop: BrowserContext) -> None:
    page = sign_in(desktop, "board@demo.example")
    page.goto("/actions/#action-20")
    row = page.locator("#action-20")
    assert 0 <= (row.bounding_box() or {"y": -1})["y"] < 900
    assert (
        row.locator("th").evaluate("cell => getComputedStyle(cell).backgroundColor") == "rgb(255, 247, 230)"
    )


@pytest.mark.browser
def test_a_board_member_reads_one_page_and_takes_the_spreadsheet(
    portal: Portal, desktop: BrowserContext
) -> None:
    make_progress(portal)
    page = sign_in(desktop, "board@demo.example")
    assert page.url.endswith("/board/")
    main = page.locator("main").inner_text()
    assert re.search(r"Exceptions: \d+ of 32 actions", main)
    assert "the people and the progress shown are invented" in page.locator("aside").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the workbook").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert book["Actions"].max_row == 33
    assert book["Notes"]["A2"].value == "Demonstration"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the paper (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.browser
def test_staff_correct_the_plan_in_the_admin_and_its_history_says_why(desktop: BrowserContext) -> None:
    page = sign_in(desktop, "staff@demo.example")
    page.goto("/admin/actions/action/")
    page.get_by_role("link", name="Leicester City Planning Summit").click()
    page.get_by_label("Action:", exact=True).fill("Leicester City Planning Summit 2027")
    page.get_by_label("Reason").fill("The year was missing")
    page.locator("input[name=_save]").click()
    page.goto("/actions/10/")
    main = page.locator("main").inner_text()
    assert "Sam Staff: The year was missing" in main
    assert "“Leicester City Planning Summit” → “Leicester City Planning Summit 2027”" in main


@pytest.mark.browser
def test_staff_close_the_period_and_nothing_is_due_any_more(portal: Portal, desktop: BrowserContext) -> None:
    page = sign_in(desktop, "staff@demo.example")
    page.get_by_role("link", name="Periods", exact=True).click()
    page.locator("tr", has_text="Open").get_by_role("link").first.click()
    page.get_by_role("button", name="Close this period").click()
    page.get_by_label("Reason").fill("The round is over")
    page.get_by_role("button", name="Close the period and publish the paper").click()
    page.get_by_text("is closed, and its paper is published.").wait_for()
    assert page.url.endswith("/board/")
    assert page.get_by_role("heading", name="Published papers").is_visible()


@pytest.mark.browser
def test_the_portal_runs_no_script_of_its_own(desktop: BrowserContext) -> None:
    page = sign_in(desktop, "staff@demo.example")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for address in ("/", "/actions/", "/actions/18/", "/board/", "/updates/"):
        page.goto(address)
    assert "script" not in asked
    assert not said


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(NARROW, marks=pytest.mark.once)])
def test_an_earlier_date_is_chosen_by_meeting_kept_and_left_again(
    portal: Portal, open_context: OpenContext, width: int
) -> None:
    make_progress(portal)
    page = sign_in(open_context(width, 900), "board@demo.example")
    page.goto("/actions/?vital_few=VF1")
    page.locator(".date-control summary").click()
    page.locator("#as-at-named").select_option(index=2)
    page.get_by_role("button", name="Show this meeting or period").click()
    day = page.url.partition("as_at=")[2]
    assert day
    assert page.locator(".date-control__day").inner_text().startswith("As at ")
    axe(page)
    page.locator(".date-control summary").click()
    axe(page)
    no_sideways_scroll(page, width)
    page.locator("tbody a").first.click()
    assert f"as_at={day}" in page.url
    page.get_by_role("link", name="Back to now").click()
    assert "as_at" not in page.url
    page.goto(f"/actions/?as_at={day[:4]}-99-99")
    assert page.locator("#as-at-day").is_visible()
    axe(page)
    no_sideways_scroll(page, width)
