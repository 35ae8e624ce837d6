"""Axe finds nothing on the pages that look different in a wide window. In a file of its own: it runs beside
the narrow one."""

import pytest

from tests.browser.conftest import OpenContext
from tests.browser.pages import WIDE, axe_on
from tests.serving import Portal


@pytest.mark.browser
@pytest.mark.once
def test_axe_finds_nothing_on_any_page(portal: Portal, open_context: OpenContext) -> None:
    axe_on(WIDE, portal, open_context, 1280)
