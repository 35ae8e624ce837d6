"""Axe finds nothing on any page in a wide window. A file of its own, so that it runs beside the narrow one."""

import pytest

from tests.browser.conftest import OpenContext
from tests.browser.pages import axe_on_every_page
from tests.serving import Portal


@pytest.mark.browser
@pytest.mark.once
def test_axe_finds_nothing_on_any_page(portal: Portal, open_context: OpenContext) -> None:
    axe_on_every_page(portal, open_context, 1280)
