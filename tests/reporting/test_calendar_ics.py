"""A personal calendar: without signing in, for its owner alone, until a new address is made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from partners.models import User
from reporting.calendar_feed import address_of
from reporting.models import BoardMeeting, CalendarKey, ReportingPeriod
from tests.pages import page, queries_of

pytestmark = pytest.mark.once

DAY = timedelta(days=1)


@pytest.fixture
def dates(period: ReportingPeriod) -> None:
    today = timezone.localdate()
    for name, days in (("Old", -500), ("Last", -9), ("Next", 21)):
        BoardMeeting.objects.create(name=name, slug=name.lower(), held_on=today + days * DAY)
    opens = period.closes + 30 * DAY
    ReportingPeriod.objects.create(
        name="Winter, late", slug="winter", opens=opens, due=opens + 9 * DAY, closes=opens + 20 * DAY
    )


def path_of(person: User) -> str:
    return address_of(person).removeprefix(settings.PORTAL_ADDRESS)


def events(person: User) -> list[dict[str, str]]:
    """The events that a calendar program reads, unfolded."""
    response = Client().get(path_of(person))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    content = response.content.decode()
    assert content.count("\n") == content.count("\r\n")
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
    lines = content.replace("\r\n ", "").split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in ("END", ""):
            found[-1][name] = value
    assert len({event["UID"] for event in found}) == len(found)
    return found


def summaries(person: User) -> list[str]:
    return [event["SUMMARY"] for event in events(person)]


def test_a_lead_has_due_days_with_what_is_asked_of_them_and_meetings(
    dates: None, lead: User, board: User, period: ReportingPeriod, report: Any
) -> None:
    report(20)
    found = events(lead)
    assert [event["SUMMARY"] for event in found] == [
        "Board meeting: Last", "Updates due: Autumn round", "Board meeting: Next", "Updates due: Winter\\, late",
    ]  # fmt: skip
    due = found[1]
    assert due["DTSTART;VALUE=DATE"] == f"{period.due:%Y%m%d}"
    assert due["DTEND;VALUE=DATE"] == f"{period.due + DAY:%Y%m%d}"
    # on action 1, and on 4 with all partners
    assert due["DESCRIPTION"] == "2 updates are still due from you."
    assert due["UID"] == f"period-{period.pk}-due@testserver"
    assert found[3]["DESCRIPTION"].startswith("Opens on ")
    assert events(board)[1]["DESCRIPTION"] == "32 updates are still due from the partners."
    ReportingPeriod.objects.filter(pk=period.pk).update(due=period.due + DAY)
    moved = events(lead)[1]
    assert (moved["UID"], moved["DTSTART;VALUE=DATE"]) == (due["UID"], f"{period.due + DAY:%Y%m%d}")


def test_staff_and_the_board_have_theirs(dates: None, staff: User, board: User) -> None:
    assert summaries(board) == [
        "Board meeting: Last", "Updates due: Autumn round", "Board meeting: Next", "Updates due: Winter\\, late",
    ]  # fmt: skip
    assert {"Autumn round opens", "Last day of Autumn round", "Winter\\, late opens"} <= set(summaries(staff))


def test_nobody_is_named_in_it(dates: None, lead: User, report: Any) -> None:
    report(1, by=lead, comment="Secret words")
    content = Client().get(path_of(lead)).content.decode()
    assert not [word for word in ("Lena", "lena@", "Sam", "Secret", "Skills Council") if word in content]


def test_a_new_address_ends_the_one_before(
    dates: None, lead: User, stranger: User, client_of: Callable[[User], Client]
) -> None:
    client, before = client_of(lead), path_of(lead)
    shown = page(client, "/updates/calendar/").by_id("address")["value"]
    assert shown.endswith(before)
    assert not CalendarKey.objects.exists()  # reading writes nothing
    others = path_of(stranger)
    for _ in range(2):
        assert Client().get(before).status_code == 200
        client.post("/updates/calendar/")
        assert Client().get(before).status_code == 404
        before = path_of(lead)
    assert Client().get(others).status_code == 200
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert Client().get(others).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "1", "1-", "-1-x", "٣-x", "9" * 40 + "-x", "1-" + "0" * 40, "1-é"])
def test_a_key_made_up_opens_nothing(lead: User, key: str) -> None:
    assert Client().get("/updates/calendar.ics", {"key": key}).status_code == 404


def test_links_lead_to_it_and_it_takes_few_queries(
    dates: None, lead: User, board: User, client_of: Callable[[User], Client], staff: User
) -> None:
    for who, address in ((lead, "/updates/"), (board, "/board/"), (staff, "/periods/")):
        links = [link["href"] for link in page(client_of(who), address).one("main").all("a")]
        assert "/updates/calendar/" in links
    assert queries_of(Client(), path_of(lead)) <= 16
