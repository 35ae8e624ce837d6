"""Dates in words."""

from datetime import date

import pytest

from web.templatetags.portal import since

pytestmark = pytest.mark.once

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (date(2026, 11, 25), "since 25 November 2026 (0 days)"),
        (date(2026, 11, 24), "since 24 November 2026 (1 day)"),
        (date(2026, 9, 27), "since 27 September 2026 (59 days)"),
        (date(2026, 9, 26), "since 26 September 2026 (2 months)"),
        (date(2026, 5, 15), "since 15 May 2026 (6 months)"),
        (date(2026, 5, 26), "since 26 May 2026 (5 months)"),
        (date(2024, 11, 25), "since 25 November 2024 (2 years)"),
        (date(2008, 3, 31), "since 31 March 2008 (18 years)"),
    ],
)
def test_since_is_in_days_at_first_and_then_in_months_and_years(first: date, words: str) -> None:
    assert since(first, TODAY) == words
