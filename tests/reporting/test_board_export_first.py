"""The progress workbook before anybody has reported."""

from collections.abc import Callable

import pytest
from django.test import Client

from partners.models import User
from tests.reporting.test_board_export import block, book_at

pytestmark = [pytest.mark.once, pytest.mark.untraced]


def test_without_a_meeting_nothing_is_compared(client_of: Callable[[User], Client], board: User) -> None:
    book = book_at(client_of(board))
    none = "There was no board meeting before it, so nothing is compared."
    assert any(none in (row[0] or "") for row in book["Summary"].iter_rows(values_only=True))
    assert book["Changes"]["A2"].value == "Nothing is compared: there was no board meeting before."
    assert block(book["Summary"], "Decisions")[0][0] == "No decision is asked of the board."
    assert block(book["Summary"], "Status_counts")[2] == ["Not yet reported", 32, None, None]
    assert block(book["Summary"], "Status_counts")[-1] == ["Past their target date", "–", None, None]
    assert book["Exceptions"]["A2"].value == "None"
    assert book["Summary"].page_setup.fitToHeight == book["Exceptions"].page_setup.fitToHeight == 1
