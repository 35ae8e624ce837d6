"""On a phone axe finds nothing on any page, and no page is wider than its window.

A third of the pages: the others are part of `make soak`.
"""

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import OpenContext
from tests.browser.pages import MAIN_PAGES, PAGES, axe_on, make_progress, third
from tests.browser.tools import axe, no_sideways_scroll, sign_in
from tests.serving import Portal


@pytest.mark.browser
@pytest.mark.once
def test_axe_finds_nothing_before_anybody_has_reported(
    portal: Portal, scripted_phone: BrowserContext
) -> None:
    page = sign_in(scripted_phone, "creative-leicestershire@demo.example")
    for address in ("/", "/actions/", "/actions/31/", "/updates/", "/board/"):
        page.goto(address)
        axe(page)


@pytest.mark.browser
@pytest.mark.once
def test_axe_finds_nothing_on_a_page_and_none_is_wider_than_the_narrowest_window(
    portal: Portal, open_context: OpenContext
) -> None:
    axe_on(third(PAGES, 0), portal, open_context, 390, look=no_sideways_scroll)


@pytest.mark.browser
@pytest.mark.once
def test_no_page_is_wider_than_its_window(portal: Portal, desktop: BrowserContext) -> None:
    make_progress(portal)
    page = sign_in(desktop, "staff@demo.example")
    for address in MAIN_PAGES:
        page.goto(address)
        for width in (640, 768, 1024, 1180):
            no_sideways_scroll(page, width)
