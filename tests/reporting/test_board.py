"""The board page: exceptions first, each action once with all its reasons, and figures that agree with the list's."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Lead, OutcomeMeasure, Status
from history.clock import plan_change
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod
from reporting.periods import close_period
from tests.clock import days_ago, recorded_at
from tests.pages import Element, more_actions, numbers, page, queries_of, source
from web.days import how_long

pytestmark = pytest.mark.once


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


@pytest.fixture
def meeting(framework: None) -> BoardMeeting:
    """The last one, twenty days ago. Both were in the calendar long before."""
    today = timezone.localdate()
    with recorded_at(ago(200)):
        BoardMeeting.objects.create(name="Spring", slug="spring", held_on=today - timedelta(days=110))
        return BoardMeeting.objects.create(name="Summer", slug="summer", held_on=today - timedelta(days=20))


def ago(days: int) -> Any:
    return days_ago(days)


def in_words(day: date) -> str:
    return f"{day:%-d %B %Y}"


def running(days: int) -> str:
    """The words for an exception that began with an update `days` ago."""
    return running_since(timezone.localdate(ago(days)))


def running_since(first: date) -> str:
    today = timezone.localdate()
    return f"Exception since {in_words(first)} ({how_long(first, today)})"


def exceptions(found: Element) -> dict[int, list[Any]]:
    """Number to status, reasons, since when, and last words, in the order of the page."""
    tables = [table for table in found.all("table") if table.one("caption").text.startswith("Exceptions")]
    rows = [row for table in tables for row in table.one("tbody").all("tr")]
    listed = []
    for row in rows:
        status, why, said = row.all("td")
        since = why.all("span", css="quiet")[0].text if why.all("span", css="quiet") else ""
        reasons = why.text.removesuffix(since).strip()
        listed.append((int(row.one("a").text.split()[0]), [status.text, reasons, since, said.text]))
    assert len(dict(listed)) == len(listed), "an action is listed twice"
    assert f"Exceptions: {len(listed)} of 32 actions" in [heading.text for heading in found.all("h2")]
    return dict(listed)


def moved(found: Element) -> list[str]:
    """Action, status before, status now: of each row of what moved."""
    tables = [
        table
        for table in found.all("table")
        if table.one("caption").text == "Actions whose status has changed"
    ]
    rows = [row for table in tables for row in table.one("tbody").all("tr")]
    return [
        f"{row.one('th').text.split()[0]} {row.all('td')[0].text} → {row.all('td')[1].text[2:]}"
        for row in rows
    ]


def test_a_fresh_portal_has_no_exception_and_compares_nothing(client: Client) -> None:
    found = page(client, "/board/")
    assert exceptions(found) == {}
    assert (
        "None: no action is off track, at risk, worse than last time, overdue or past its target date."
        in found.text
    )
    assert "There was no board meeting before it, so nothing is compared." in found.one("p", css="lede").text
    assert "What has changed since" not in found.text
    assert not found.all("span", css="direction")


def test_every_reason_makes_an_exception_and_an_action_with_several_is_listed_once(
    client: Client, report: Any, period: ReportingPeriod, meeting: BoardMeeting
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    ReportingPeriod.objects.update(opens=timezone.localdate() - timedelta(days=15), due=yesterday)
    with recorded_at(ago(40)), plan_change(by=None, reason="Dates"):
        OutcomeMeasure.objects.filter(action__number__in=(3, 5, 6)).update(target_date=date(2008, 3, 31))
        OutcomeMeasure.objects.filter(action__number=5).update(revised_date=date(2099, 1, 1))
    for number in range(1, 33):
        report(number, 1, "on-track", recorded_at=ago(30))
        report(number, 1, "on-track", recorded_at=ago(10))
    report(23, 2, "on-track", recorded_at=ago(10))
    report(1, 1, "off-track", recorded_at=ago(2), comment="Stuck", next_step="Money")
    report(2, 1, "at-risk", recorded_at=ago(9), comment="Late", next_step="Push")
    report(6, 1, "complete", recorded_at=ago(1))
    report(7, 1, "not-started", recorded_at=ago(1))
    report(8, 1, "closed", recorded_at=ago(1))
    found = exceptions(page(client, "/board/"))
    late = running_since(date(2008, 4, 1))
    worse = f"Worse than on {in_words(meeting.held_on)} (On track)"
    past, revised = "Past its target date of 31 March 2008", ", revised to 1 January 2099"
    assert list(found) == [1, 3, 5, 2, 7]
    assert found == {
        1: ["✕ Off track ↘ Worse", worse, running(2), "Stuck Needed from the board: Money"],
        3: ["✓ On track Past target date", past, late, "Words"],
        5: ["✓ On track Past target date", past + revised, late, "Words"],
        2: ["▲ At risk ↘ Worse", worse, running(9), "Late Recovery step: Push"],
        7: ["○ Not started ↘ Worse", worse, running(1), "Words"],
    }


def test_silence_is_shown_as_loudly_as_red(client: Client, report: Any, period: ReportingPeriod) -> None:
    due = timezone.localdate() - timedelta(days=3)
    ReportingPeriod.objects.update(due=due)
    report(1, 1, "on-track", recorded_at=ago(40))
    report(2, 1, "off-track")
    report(3, 1, "on-track")
    report(5, 1, "complete", recorded_at=ago(40))
    report(23, 1, "on-track")
    found = exceptions(page(client, "/board/"))
    assert set(found) == set(range(1, 33)) - {3, 5}
    assert next(iter(found)) == 2
    assert found[1][0] == "✓ On track Update overdue"
    assert found[1][1].startswith("Update overdue")
    assert in_words(due) in found[1][1]
    assert found[1][2:] == [running_since(due + timedelta(days=1)), "Words"]
    silent = ["– Not yet reported 1 of 2 measures Update overdue", *found[1][1:3], "No update yet."]
    assert found[23] == silent
    assert len(numbers(page(client, "/actions/?overdue=on"))) == 29


def test_off_track_comes_first_then_the_longest_running(client: Client, report: Any) -> None:
    report(10, 1, "at-risk", recorded_at=ago(90))
    report(11, 1, "off-track", recorded_at=ago(5))
    report(12, 1, "at-risk", recorded_at=ago(50))
    report(12, 1, "off-track", recorded_at=ago(4))  # in trouble for 50 days
    report(13, 1, "off-track", recorded_at=ago(70))
    report(13, 1, "on-track", recorded_at=ago(60))
    report(13, 1, "off-track", recorded_at=ago(3))  # again, for 3 days
    report(14, 1, "at-risk", recorded_at=ago(2))
    found = exceptions(page(client, "/board/"))
    assert list(found) == [12, 11, 13, 10, 14]
    assert [cells[2] for cells in found.values()] == [running(days) for days in (50, 5, 3, 90, 2)]


def test_an_action_of_two_measures_is_in_trouble_since_the_first_of_them(client: Client, report: Any) -> None:
    report(23, 1, "at-risk", recorded_at=ago(8))
    report(23, 2, "off-track", recorded_at=ago(2), next_step="An officer")
    found = exceptions(page(client, "/board/"))
    assert found[23] == [
        "✕ Off track 1 of 2 measures",
        "",
        running(8),
        "Measure 2 of 2: Words Needed from the board: An officer",
    ]


def test_what_moved_is_since_the_end_of_the_day_of_the_last_meeting(
    client: Client, report: Any, meeting: BoardMeeting
) -> None:
    for number, then, now in (
        (1, "on-track", "at-risk"),
        (2, "off-track", "on-track"),
        (3, "at-risk", "complete"),
        (4, "on-track", "on-track"),
        (5, "off-track", "closed"),
        (6, None, "on-track"),
    ):
        if then:
            report(number, 1, then, recorded_at=ago(25))
        report(number, 1, now, recorded_at=ago(3))
    held = meeting.held_on
    late = timezone.make_aware(datetime(held.year, held.month, held.day, 23, 59))  # noqa: DTZ001  made aware
    report(7, 1, "at-risk", recorded_at=late)
    report(8, 1, "at-risk", recorded_at=late + timedelta(minutes=1))
    found = page(client, "/board/")
    assert sorted(moved(found)) == [
        "1 On track → At risk",
        "2 Off track → On track",
        "3 At risk → Complete",
        "5 Off track → Closed, not completed",
        "6 Not yet reported → On track",
        "8 Not yet reported → At risk",
    ]
    assert (
        "Of 32 actions then and 32 now: 1 worse, 2 better, 2 reported for the first time, "
        "1 closed by a board decision, 26 unchanged. Every action in either paper is counted once. "
        "1 action has become Complete."
    ) in found.text
    assert f"Compared with the Summer, {in_words(held)}." in found.one("p", css="lede").text


def test_a_paper_is_compared_with_the_figures_of_the_last_one_and_says_their_day(
    client: Client, report: Any, staff: User, meeting: BoardMeeting
) -> None:
    """The period of the last paper closed ten days before its meeting: what came in between has changed since."""
    held, closed = meeting.held_on, meeting.held_on - timedelta(days=10)
    with recorded_at(ago(60)):
        made = ReportingPeriod.objects.create(
            name="Spring round", slug="spring-round", opens=held - timedelta(days=39), due=held - timedelta(days=15),
            closes=closed, opened_at=ago(59), meeting=meeting,
        )  # fmt: skip
    report(1, 1, "on-track", recorded_at=ago(35))
    with recorded_at(ago(30)):
        moment = close_period(period=made, reason="Over", by=staff)
    report(1, 1, "at-risk", recorded_at=ago(25))
    known = timezone.localdate(moment)
    found = page(client, "/board/?meeting=now")
    assert (
        f"Compared with the paper for the Summer, {in_words(held)} (figures as at {in_words(known)})."
        in found.one("p", css="lede").text
    )
    assert f"1 is worse and none better than on {in_words(known)}" in found.one("p", css="headline").text
    assert f"What has changed since {in_words(known)}" in [heading.text for heading in found.all("h2")]
    heads = [
        cell.text for table in found.all("table", css="paper-counts") for cell in table.all("th", scope="col")
    ]
    assert heads == ["Status", "This paper", f"{known:%-d %b %Y}", "Change"]
    assert moved(found) == ["1 On track → At risk"]


def test_without_an_open_period_or_a_target_date_nothing_is_counted_as_late(
    client: Client, report: Any, meeting: BoardMeeting
) -> None:
    found = page(client, "/board/")
    assert found.one("p", css="headline").text.endswith("; no reporting period is open, so no update is due.")
    rows = table_of(found, "Actions by status, in this paper and the last one")
    shown = {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}
    assert shown["With an update overdue"] == shown["Past their target date"] == ["–", "–", ""]
    assert shown["Actions"] == ["32", "32", "0"]
    with plan_change(by=None, reason="A date"):
        OutcomeMeasure.objects.filter(action__number=3).update(target_date=date(2099, 3, 31))
    rows = table_of(page(client, "/board/"), "Actions by status, in this paper and the last one")
    assert [[cell.text for cell in row.all("td")] for row in rows][-1] == ["0", "–", ""]


def test_the_counts_are_those_of_the_list_and_of_each_vital_few(client: Client, report: Any) -> None:
    for number, status in ((1, "off-track"), (2, "at-risk"), (3, "complete"), (23, "on-track")):
        report(number, 1, status)
    found = page(client, "/board/")
    counts = table_of(found, "Actions by status, in this paper")
    shown = {row.one("th").text[2:]: int(row.all("td")[0].text) for row in counts if row.all("strong")}
    assert shown == {
        status.label: len(numbers(page(client, f"/actions/?status={status}&per_page=100")))
        for status in Status
    }
    assert sum(shown.values()) == 32
    plan = source()
    rows = table_of(found, "Actions by vital few and status, strong and supporting separately")
    for row, one in zip(rows, plan.vital_fews, strict=True):
        assert row.one("th").text == f"{one.code} {one.name}"
        for cell, mark in zip(row.all("td"), "XO", strict=True):
            total = sum(action.marks.get(one.code) == mark for action in plan.actions)
            assert cell.one("span", css="quiet").text.startswith(f"{total} action")


def table_of(found: Element, caption: str) -> list[Element]:
    """The rows of the body of the table with this caption."""
    return next(
        table.one("tbody").all("tr") for table in found.all("table") if table.one("caption").text == caption
    )


def test_the_page_leads_to_the_workbook_and_says_its_moment(client: Client, period: ReportingPeriod) -> None:
    found = page(client, "/board/")
    for words, ending in (("Download the workbook", ".xlsx"), ("Download the paper (PDF)", ".pdf")):
        button = next(link for link in found.all("a") if link.text == words)
        assert client.get(button["href"])["Content-Disposition"].endswith(f'{ending}"')
    assert f"As at {timezone.localtime():%-d %B %Y} at " in found.one("p", css="lede").text


def test_leads_are_named_as_they_stand(client: Client, report: Any) -> None:
    report(9, 1, "off-track")
    Lead.objects.filter(action__number=9, partner__slug="universities").update(acceptance="accepted")
    row = next(row for row in page(client, "/board/").all("tr") if row.all("a", href="/actions/9/"))
    assert row.one("th").text.endswith("Universities (accepted)/Leicester City Growth")


def test_worse_is_said_since_the_update_that_made_it_so(
    client: Client, report: Any, meeting: BoardMeeting
) -> None:
    report(1, 1, "complete", recorded_at=ago(30))
    report(1, 1, "on-track", recorded_at=ago(12))
    report(1, 1, "on-track", recorded_at=ago(4), comment="", no_change=True)
    found = exceptions(page(client, "/board/"))
    assert list(found) == [1]
    assert found[1][2] == running(12)


def test_an_exception_that_says_no_change_quotes_the_words_it_confirms(
    client: Client, report: Any, period: ReportingPeriod
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    report(1, 1, "on-track", recorded_at=ago(40), comment="Two key people have left")
    same = report(1, 1, "on-track", recorded_at=ago(30), comment="", no_change=True)
    row = next(row for row in page(client, "/board/").all("tr") if row.all("a", href="/actions/1/"))
    assert (
        f"Two key people have left (confirmed unchanged {in_words(timezone.localdate(same.recorded_at))})"
        in row.text
    )
    assert "No change since last time" not in row.text


def test_a_meeting_that_is_entered_late_is_compared_with_from_then_on(client: Client, report: Any) -> None:
    report(1, 1, "on-track", recorded_at=ago(30))
    report(1, 1, "at-risk", recorded_at=ago(3))
    assert "What has changed since" not in page(client, "/board/").text
    BoardMeeting.objects.create(name="Late", slug="late", held_on=timezone.localdate() - timedelta(days=20))
    assert moved(page(client, "/board/")) == ["1 On track → At risk"]


def test_the_page_asks_as_little_for_hundreds_of_actions_as_for_32(
    client: Client, report: Any, period: ReportingPeriod, meeting: BoardMeeting
) -> None:
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    for number in range(1, 20):
        report(number, 1, "off-track", recorded_at=ago(30))
        report(number, 1, "at-risk")
    more_actions(3)
    few = queries_of(client, "/board/")
    more_actions(300, first=201)
    assert queries_of(client, "/board/") == few
    assert few <= 66
