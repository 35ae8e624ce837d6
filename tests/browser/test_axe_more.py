"""In `make soak`: the other pages on a phone, and those that look different in a wide window."""

import os

import pytest

from tests.browser.conftest import OpenContext
from tests.browser.pages import PAGES, WIDE, axe_on, third
from tests.browser.tools import no_sideways_scroll
from tests.serving import Portal

pytestmark = pytest.mark.skipif("SOAK" not in os.environ, reason="takes minutes: part of make soak")


@pytest.mark.browser
@pytest.mark.once
@pytest.mark.parametrize("which", [1, 2])
def test_axe_finds_nothing_on_the_other_pages_and_none_is_wider_than_the_narrowest_window(
    portal: Portal, open_context: OpenContext, which: int
) -> None:
    axe_on(third(PAGES, which), portal, open_context, 390, look=no_sideways_scroll)


@pytest.mark.browser
@pytest.mark.once
def test_axe_finds_nothing_in_a_wide_window(portal: Portal, open_context: OpenContext) -> None:
    axe_on(WIDE, portal, open_context, 1280)
