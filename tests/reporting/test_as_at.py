"""Every page and file as at an earlier day: what was known then, and nothing that was recorded later."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from actions.decisions import answer_lead, decide_answer
from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    SourceCell,
)
from actions.seeding import load
from history import memo
from history.clock import plan_change
from history.models import PlanChange
from partners.models import Partner, User
from reporting.as_at import DayRefused, day_asked
from reporting.calendar import plan_at
from reporting.models import BoardMeeting, ReportingPeriod
from strategy.models import Cluster, Theme, VitalFew
from tests.clock import database_clock, days_ago, recorded_at
from tests.conftest import FRAMEWORK, LOADED
from tests.pages import Element, numbers, page, queries_of, tree, world_of
from tests.test_permissions import PORTAL
from web.requests import is_of_any_day

pytestmark = [pytest.mark.once, pytest.mark.untraced]

LATER = "Laterword"
THEN = 30  # days ago
VIEWS_OF_A_PATH, PAGES_OF_A_KIND = 2, 4
LONDON = ZoneInfo("Europe/London")
ROLES = ("lead", "stranger", "staff", "board")
# They show the present only: they write, or they are not about the plan.
PRESENT_ONLY = {
    "today", "today_section", "answer_decide", "proposal_decide", "lead_confirm", "calendar_address", "calendar_ics",
    "lead_answer", "measure_update", "my_updates", "evidence_file", "invitation_list", "invitation_accept",
    "accessibility", "health_live", "health_ready", "help", "user_guide", "city_logo", "question_ask",
    "published_file", "board_paper_email", "period_list", "period_detail", "period_open", "period_close",
    "period_reopen", "period_new", "period_edit", "meeting_list", "meeting_new", "meeting_edit", "meeting_delete",
    "action_edit", "action_new", "action_close", "target_dates",
    "view_list", "view_save", "view_edit", "view_delete", "view_start", "not_me", "outbox", "period_remind",
    "partner_edit", "partner_merge", "partner_new", "person_close", "person_detail", "person_invite", "person_list",
    "person_move", "person_remove_name", "person_reopen", "person_reset_second_factor", "security_txt",
}  # fmt: skip
OF_NO_DAY = (
    "/updates/evidence/",
    "/board/published/",
    "/help/",
    "/views/",
)  # where a page of an earlier day may link to
DETAILS = ("/vital-fews/VF1/", "/themes/image-identity/", "/clusters/food-drink/", "/partners/legi/")
PAGES = (
    "/",
    "/actions/",
    "/actions/1/",
    "/board/",
    "/coverage/",
    "/vital-fews/",
    "/themes/",
    "/clusters/",
    "/partners/",
    *DETAILS,
)
FILES = ("/actions/export.csv", "/actions/export.xlsx")


def today() -> date:
    return timezone.localdate()


def day(ago: int = THEN) -> str:
    return (today() - timedelta(days=ago)).isoformat()


def in_words(text: str) -> str:
    found = date.fromisoformat(text)
    return f"{found:%-d %B %Y}"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def main(client: Client, address: str) -> str:
    """What the page shows, without the control that names every meeting."""
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0]  # type: ignore[index]


@pytest.fixture
def past(framework: None, report: Any, staff: User, lead: User) -> None:
    """What was known 30 days ago: updates, a meeting, a period with its successor planned, a decided answer."""
    now = timezone.now()
    with recorded_at(now - timedelta(days=80)):
        BoardMeeting.objects.create(name="Spring", slug="spring", held_on=today() - timedelta(days=60))
        ReportingPeriod.objects.create(
            name="First round", slug="first-round", opened_at=now - timedelta(days=80),
            opens=today() - timedelta(days=80), due=today() - timedelta(days=35), closes=today() - timedelta(days=31),
        )  # fmt: skip
    for number, status in ((1, "at-risk"), (2, "off-track"), (7, "on-track"), (23, "complete")):
        report(number, 1, "on-track", recorded_at=now - timedelta(days=70))
        report(number, 1, status, comment="Said then", recorded_at=now - timedelta(days=40))


def change_everything(report: Any, staff: User, lead: User) -> None:
    """Every kind of thing that a page of the plan shows, recorded now under a name of its own."""
    twenty = Lead.objects.get(action__number=20)
    answer_lead(
        lead=twenty, answer=LeadAnswer.Answer.DECLINE, reason=f"{LATER} reason", proposed=None, by=lead
    )
    decide_answer(answer=LeadAnswer.objects.get(), agreed=True, reason=f"{LATER} decision", by=staff)
    User.objects.update(name=f"{LATER} person")
    staff.refresh_from_db()
    with plan_change(by=staff, reason=f"{LATER} why"):
        for kind in (Theme, Cluster, Partner, VitalFew):
            for row in kind._default_manager.all():  # type: ignore[attr-defined]
                kind._default_manager.filter(pk=row.pk).update(name=f"{LATER} {row.pk}")  # type: ignore[attr-defined]
        for model, field in ((Action, "title"), (Action, "outcome_text"), (OutcomeMeasure, "text")):
            model._default_manager.update(**{field: f"{LATER} {field}"})
        OutcomeMeasure.objects.filter(target__isnull=False).update(unit=LATER[:20], baseline=77777)
        OutcomeMeasure.objects.filter(target_date=None).update(target_date=date(2031, 5, 17))
        OutcomeMeasure.objects.update(revised_date=date(2032, 6, 18))
        Relationship.objects.filter(action__number__lte=5).delete()
        Lead.objects.exclude(action__number=20).update(acceptance="accepted")
        Action.objects.filter(number=8).update(number=808)
        for action in Action.objects.filter(number__in=(1, 3)):
            Lead.objects.create(action=action, partner=Partner.objects.get(slug="legi"), order=9)
        fresh = Action.objects.create(number=909, title=LATER, theme=Theme.objects.all()[0],
                                      cluster=Cluster.objects.all()[0], outcome_text=LATER)  # fmt: skip
        OutcomeMeasure.objects.create(action=fresh, order=1, text=LATER, year=2008)
    ReportingPeriod.objects.update(name=f"{LATER} round", closed_at=timezone.now())
    ReportingPeriod.objects.create(
        name=f"{LATER} second round", slug="second", opened_at=timezone.now(), opens=today() - timedelta(days=20),
        due=today() - timedelta(days=2), closes=today() + timedelta(days=9),
    )  # fmt: skip
    BoardMeeting.objects.update(name=f"{LATER} spring")
    BoardMeeting.objects.create(name=f"{LATER} summer", slug="summer", held_on=today() - timedelta(days=10))
    for number in (1, 2, 7, 9, 23):
        report(number, 1, "off-track", comment=f"{LATER} comment", next_step=f"{LATER} step", evidence=LATER)


def every_address() -> tuple[str, ...]:
    return (
        *PAGES,
        "/actions/?vital_few=VF1&sort=-status&per_page=5",
        *(f"/actions/{n}/" for n in (2, 8, 20, 23)),
    )


def at(address: str, on: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}as_at={on}"


def test_a_page_of_an_earlier_day_is_the_same_whatever_is_recorded_later(
    past: None, client_of: Callable[[User], Client], report: Any, staff: User, lead: User
) -> None:
    client = client_of(staff)
    before = {address: main(client, at(address, day())) for address in every_address()}
    listed = body(client.get(at("/actions/export.csv", day())))
    change_everything(report, staff, lead)
    for forget in (False, True):
        if forget:
            memo.forget()
        for address, html in before.items():
            assert main(client, at(address, day())) == html, address
        assert body(client.get(at("/actions/export.csv", day()))) == listed
    assert client.get(at("/actions/808/", day())).status_code == 404
    missing = page(client, at("/actions/909/", day()), 404)
    words = f"the plan as at {in_words(day())}: this page may not have existed then."
    assert words in missing.one("main").text
    assert all(LATER in main(client, address) for address in every_address() if "/8/" not in address)


def crawl(client: Client, start: str) -> Iterator[tuple[str, Element]]:
    """The pages and files that links lead to, from `start`; a file as one element. A few of each kind."""
    waiting, seen, views = [start], {start}, Counter[str]()
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        if not response["Content-Type"].startswith("text/html"):
            yield address, Element("file", {}, [text_of(body(response))])
            continue
        found = tree(response.content.decode())
        yield address, found
        for link in found.all("a", href=""):
            target = urlsplit(link["href"])
            if target.netloc or "data-own-address" in link.attrs or link["href"].startswith("#"):
                continue
            path = target.path or urlsplit(address).path
            onward = f"{path}?{target.query}" if target.query else path
            kind = resolve(unquote(path)).url_name
            views_of_it = 1 if "export" in kind else VIEWS_OF_A_PATH
            few = views[path] < views_of_it and views[kind] < PAGES_OF_A_KIND
            if onward not in seen and of_any_day(path) and few:
                views.update((path, kind))
                seen.add(onward)
                waiting.append(onward)


def of_any_day(path: str) -> bool:
    return is_of_any_day(resolve(unquote(path)).func)


def text_of(content: bytes) -> str:
    if content[:4] == b"%PDF":
        return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    if content[:2] != b"PK":
        return content.decode("utf-8-sig")
    # every word as it is stored: quicker than cell by cell
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


@pytest.mark.parametrize("role", ["staff"])
def test_no_link_from_an_earlier_day_leads_to_the_present_and_none_to_what_was_recorded_later(
    role: str, past: None, request: pytest.FixtureRequest, report: Any, staff: User, lead: User,
    client_of: Callable[[User], Client],
) -> None:  # fmt: skip
    change_everything(report, staff, lead)
    User.objects.update(name="Reader")
    found = dict(crawl(client_of(request.getfixturevalue(role)), at("/", day())))
    reached = {resolve(unquote(urlsplit(address).path)).url_name for address in found}
    assert reached == {rule.name for rule in PORTAL} - PRESENT_ONLY - {
        rule.name for rule in PORTAL if rule.statuses["staff"]["GET"] == 405
    }
    for address, one in found.items():
        assert parse_qs(urlsplit(address).query)["as_at"] == [day()], address
        shown = one.text if one.tag == "file" else one.one("main").text + one.one("head").text
        assert LATER not in shown, address
        if one.tag != "file":
            check_links(address, one)


def check_links(address: str, found: Element) -> None:
    for link in found.all("a", href=""):
        target = urlsplit(link["href"])
        if target.netloc or link["href"].startswith("#") or "data-own-address" in link.attrs:
            continue
        path = target.path or urlsplit(address).path
        assert of_any_day(path) == ("as_at" in parse_qs(target.query)), (address, link["href"])
    for form in found.all("form", method="get"):
        names = [field["name"] for field in (*form.all("input"), *form.all("select")) if field.get("name")]
        assert names.count("as_at") == 1, address
    inside = found.one("main")
    assert not inside.all("form", method="post"), address
    edits = [
        a["href"] for a in inside.all("a", href="") if a["href"].startswith("/") and "as_at=" not in a["href"]
    ]
    assert all(href.startswith(OF_NO_DAY) for href in edits), (
        address,
        edits,
    )


def test_every_page_that_reads_the_plan_takes_a_date_or_is_known_to_show_the_present(
    lead: User, staff: User, report: Any, period: ReportingPeriod, client_of: Callable[[User], Client]
) -> None:
    """A new address has to say which."""
    world = world_of(lead, staff, report, period)
    client = client_of(staff)
    for rule in PORTAL:
        if rule.statuses["staff"]["GET"] != 200:
            continue
        address = rule.address(world)
        takes = is_of_any_day(resolve(address).func)
        assert takes == (rule.name not in PRESENT_ONLY), rule.name
        response = client.get(address)
        body(response)
        if not takes and getattr(response.wsgi_request, "read_at", None):
            assert client.get(at(address, day())).status_code == 400, address


def test_the_bar_names_the_day_and_leads_back_to_now(past: None, staff: User, client_of: Any) -> None:
    client = client_of(staff)
    address = f"/actions/?status=at-risk&as_at={day()}&page=1"
    found = page(client, address)
    bar = found.one("section", css="date-control")
    assert bar.one("p").text == f"As at {in_words(day())} Back to now"
    assert [a["href"] for a in bar.all("a")] == ["/actions/?status=at-risk"]
    assert f"As at {in_words(day())}, end of the day, Europe/London." in found.one("p", css="print-only").text
    now = page(client, "/actions/?status=at-risk").one("section", css="date-control")
    assert not now.all("p")
    assert "open" not in now.one("details").attrs
    assert numbers(found) == [1]
    assert not page(client, "/updates/").all("section", css="date-control")


def test_the_control_keeps_the_rest_of_the_view_and_offers_meetings_and_closed_periods(
    past: None, staff: User, client_of: Any
) -> None:
    ReportingPeriod.objects.update(closed_at=days_ago(3))
    BoardMeeting.objects.create(name="Next", slug="next", held_on=today() + timedelta(days=3))
    found = page(client_of(staff), "/actions/?status=at-risk&status=off-track&sort=-status&page=1")
    by_day, by_name = found.one("section", css="date-control").all("form")
    for form in (by_day, by_name):
        kept = [(field["name"], field["value"]) for field in form.all("input", type="hidden")]
        assert kept == [("status", "at-risk"), ("status", "off-track"), ("sort", "-status")]
    assert by_day.one("input", name="as_at")["max"] == today().isoformat()
    options = [(one["value"], one.text) for one in by_name.one("select", name="as_at").all("option")]
    assert options == [
        ("", "Choose"),
        (day(60), f"Spring, {in_words(day(60))}"),
        (day(3), f"First round, closed {in_words(day(3))}"),
    ]


def test_today_shows_what_is_known_so_far(past: None, staff: User, client_of: Any, report: Any) -> None:
    client = client_of(staff)
    report(5, 1, "at-risk", comment="Said today")
    address = at("/actions/5/", today().isoformat())
    assert "Said today" in main(client, address)
    assert "update/" not in main(client, address)
    bar = page(client, address).one("section", css="date-control")
    assert bar.one("p").text == f"As at {in_words(today().isoformat())}, so far Back to now"
    report(5, 1, "on-track", comment="And again")
    assert "And again" in main(client, address)
    assert "And again" in text_of(body(client.get(at("/actions/export.csv", today().isoformat()))))


# --- What cannot be shown -----------------------------------------------------


def refusals() -> list[tuple[str, str, date]]:
    """What is asked for, why it cannot be shown, and the nearest day that works."""
    first = timezone.localtime(LOADED).date()
    tomorrow = today() + timedelta(days=1)
    return [
        ("yesterday", "“yesterday” is not a date", today()),
        ("31/03/2026", "“31/03/2026” is not a date", today()),
        (f"{today() - timedelta(days=9):%Y%m%d}", "is not a date", today()),
        (f"{today().year}-02-31", "is not a date", min(_end_of_february(today().year), today())),
        ("2026-W10-1", "is not a date", today()),
        ("٢٠٢٦-٠١-٠١", "is not a date", today()),
        ("0000-00-00", "is not a date", first),
        ("9999-99-99", "is not a date", today()),
        ("9999-12-31", "31 December 9999 is in the future", today()),
        (tomorrow.isoformat(), "is in the future", today()),
        ("2008-03-31", "31 March 2008 is before the plan, which begins on", first),
        ((first - timedelta(days=1)).isoformat(), "is before the plan", first),
        ("0001-01-01", "1 January 1 is before the plan", first),
        (f"{day()}&as_at={day(31)}", "The address has several dates", today()),
    ]


def _end_of_february(year: int) -> date:
    return date(year, 3, 1) - timedelta(days=1)


def test_a_day_that_cannot_be_shown_is_refused_in_words_on_every_page_and_file(
    past: None, staff: User, client_of: Any
) -> None:
    client = client_of(staff)
    for asked, why, nearest in refusals():
        address = f"/actions/?status=at-risk&as_at={asked}"
        found = page(client, address, 400)
        assert why in found.one("div", css="govuk-error-summary").text, asked
        assert found.one("title").text.startswith("Error: ")
        [link] = [a for a in found.one("main").all("a") if "as_at=" in a["href"]]
        assert link["href"] == f"/actions/?status=at-risk&as_at={nearest.isoformat()}", asked
        assert numbers(page(client, link["href"])) is not None
        assert not found.all("tbody")
        for file in FILES:
            response = client.get(f"{file}?as_at={asked}")
            assert (response.status_code, response["Content-Type"]) == (400, "text/plain; charset=utf-8")
            words = response.content.decode()
            assert words.startswith("Nothing was exported. ")
            assert why in words
            assert f"The nearest date that works is {nearest:%-d %B %Y}." in words
    for address in PAGES:
        assert client.get(at(address, "2008-03-31")).status_code == 400


def test_the_first_day_works_and_a_blank_date_is_now(past: None, staff: User, client_of: Any) -> None:
    client = client_of(staff)
    first = timezone.localtime(LOADED).date().isoformat()
    assert numbers(page(client, at("/actions/", first))) == list(range(1, 33))
    assert client.get("/actions/?as_at=")["Location"] == "/actions/"
    assert not page(client, "/board/?as_at=").one("section", css="date-control").all("p")


def test_an_empty_plan_has_no_earlier_day(empty_portal: None) -> None:
    present = plan_at().present
    assert present
    with pytest.raises(DayRefused, match="The plan is empty") as refused:
        day_asked([day()], present)
    assert refused.value.nearest is None


def test_nothing_is_submitted_from_an_earlier_day(
    past: None, staff: User, lead: User, report: Any, client_of: Any, client: Client
) -> None:
    period = ReportingPeriod.objects.get()
    world = world_of(lead, staff, report, period)
    client = client_of(staff)
    count = (ProgressUpdate.objects.count(), LeadAnswer.objects.count(), PlanChange.objects.count())
    for rule in PORTAL:
        if rule.statuses["staff"]["POST"] in (403, 405) or rule.name == "invitation_accept":
            continue
        for response in (
            client.post(at(rule.address(world), day()), {"sent": "1"}),
            client.post(rule.address(world), {"as_at": day()}),
        ):
            cache.clear()
            assert response.status_code == 400, rule.name
            content = response.content.decode()
            assert content.count("Nothing was submitted") == 2, rule.name  # title and heading
            assert "You cannot change anything while looking at an earlier date." in content
    assert client.post(at("/admin/actions/action/1/change/", day()), {}).status_code == 400
    assert (ProgressUpdate.objects.count(), LeadAnswer.objects.count(), PlanChange.objects.count()) == count


def test_pages_that_write_say_that_they_show_the_present_only(past: None, lead: User, client_of: Any) -> None:
    client = client_of(lead)
    for address in (
        "/updates/",
        "/actions/1/measures/1/update/",
        "/actions/1/leads/learning-skills-council/",
    ):
        found = page(client, at(address, day()), 400)
        assert "This page shows today’s information only." in found.one("main").text
        assert [a["href"] for a in found.one("main").all("a")] == [address]


# --- Who, when, how fast ------------------------------------------------------


def test_every_role_reads_the_same_past(past: None, request: Any, client_of: Any, staff: User) -> None:
    by_staff = client_of(staff)
    read = {address: main(by_staff, at(address, day())) for address in PAGES}
    for role in ROLES:
        client = client_of(request.getfixturevalue(role))
        for address, html in read.items():
            assert main(client, at(address, day())) == html, (role, address)


def test_who_is_signed_out_signs_in_first_and_lands_on_the_day(past: None, client: Client) -> None:
    response = client.get(at("/actions/", "nonsense"))
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/actions/%3Fas_at%3Dnonsense"


def last(month: int, day: int, *, weekday: int | None = None) -> date:
    """The last time that this day was over; with `weekday` (6 is Sunday), the last such day of the month up to it."""
    years = (timezone.localdate().year - back for back in range(2))
    found = [date(year, month, day) for year in years]
    if weekday is not None:
        found = [one - timedelta(days=(one.weekday() - weekday) % 7) for one in found]
    return next(one for one in found if one < timezone.localdate())


@pytest.mark.parametrize(
    "on", [last(3, 31, weekday=6), last(10, 31, weekday=6), last(6, 30), last(1, 31)], ids=str
)
def test_a_day_ends_at_midnight_in_london(
    on: date, past: None, staff: User, client_of: Any, report: Any
) -> None:
    """On days that the clocks change as well: 23 and 25 hours long."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=LONDON) + timedelta(days=1)
    microsecond = timedelta(microseconds=1)
    report(
        11, 1, "on-track", comment="In time", recorded_at=midnight.astimezone(ZoneInfo("UTC")) - microsecond
    )
    report(11, 1, "at-risk", comment="Too late", recorded_at=midnight.astimezone(ZoneInfo("UTC")))
    shown = main(client_of(staff), f"/actions/11/?as_at={on}")
    assert "In time" in shown
    assert "Too late" not in shown
    assert "Too late" in main(client_of(staff), f"/actions/11/?as_at={on + timedelta(days=1)}")


def test_a_minute_to_midnight_today_is_not_over(past: None, staff: User, client_of: Any) -> None:
    client = client_of(staff)
    on = today() + timedelta(days=2)
    almost = datetime(on.year, on.month, on.day, 23, 59, tzinfo=LONDON)
    with database_clock(almost):
        assert "so far" in page(client, f"/?as_at={on}").one("section", css="date-control").text
        assert client.get(f"/?as_at={on + timedelta(days=1)}").status_code == 400
    with database_clock(almost + timedelta(minutes=1, microseconds=1)):
        assert "so far" not in page(client, f"/?as_at={on}").one("section", css="date-control").text
        found = page(client, f"/?as_at={on + timedelta(days=1)}")
        assert "so far" in found.one("section", css="date-control").text


def test_moments_are_not_mixed_whatever_was_asked_before(
    past: None, staff: User, client_of: Any, report: Any
) -> None:
    client = client_of(staff)
    for _ in range(2):
        assert "Said then" in main(client, at("/actions/2/", day()))
        assert "Said then" not in main(client, at("/actions/2/", day(50)))
        assert "Off track" not in main(client, at("/actions/2/", day(50)))
        report(2, 1, "on-track", comment="Said now")
        assert "Said now" in main(client, "/actions/2/")
        assert "Said now" not in main(client, at("/actions/2/", day()))


def test_an_unchanged_past_is_not_sent_twice(past: None, staff: User, client_of: Any, report: Any) -> None:
    client = client_of(staff)
    client.get("/")  # for the cookie of the form that signs out
    first = client.get(at("/actions/", day()))
    report(2, 1, "on-track")
    again = client.get(at("/actions/", day()), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    other = client.get(at("/actions/", day(29)), headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    with plan_change(by=staff, reason="Another meeting in the control"):
        BoardMeeting.objects.create(name="New", slug="new", held_on=today() - timedelta(days=1))
    assert client.get(at("/actions/", day()), headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_page_of_an_earlier_day_costs_at_most_twice_the_queries(
    past: None, staff: User, client_of: Any
) -> None:
    client = client_of(staff)
    client.get(at("/", day()))  # settles the day
    for address in PAGES:
        memo.forget()
        assert queries_of(client, at(address, day())) <= 2 * queries_of(client, address), address
        for warm in (address, at(address, day())):
            client.get(warm)
            with CaptureQueriesContext(connection) as queries:
                client.get(warm)
            assert len(queries) <= 6, [one["sql"] for one in queries]


# --- Files --------------------------------------------------------------------


def test_files_say_their_day(past: None, staff: User, client_of: Any) -> None:
    client = client_of(staff)
    for ending in ("csv", "xlsx"):
        response = client.get(f"/actions/export.{ending}?as_at={day()}&status=at-risk")
        assert response["Content-Disposition"] == f'attachment; filename="actions-as-at-{day()}.{ending}"'
        content = body(response)
        if ending == "csv":
            rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            assert [(row["Action No"], row["Comment"]) for row in rows] == [("1", "Said then")]
        else:
            notes = {
                row[0].value: row[1].value for row in load_workbook(io.BytesIO(content))["Notes"].iter_rows()
            }
            assert notes["As at"] == f"{in_words(day())}, end of the day, Europe/London"
            assert notes["Open this view again"].endswith(f"/actions/?as_at={day()}&status=at-risk")


# --- What had no history of its own -------------------------------------------


def test_requests_belong_to_the_lead_and_measure_of_the_time(
    past: None, staff: User, lead: User, client_of: Any
) -> None:
    asked = days_ago(45)
    one, measure = Lead.objects.get(action__number=1), OutcomeMeasure.objects.get(action__number=18)
    LeadAnswer.objects.create(lead=one, answer="accept", asked_by=lead, asked_by_name="Lena", asked_at=asked)
    MeasureProposal.objects.create(
        measure=measure, unit="jobs", asked_by=lead, asked_by_name="Lena", asked_at=asked
    )
    client = client_of(staff)
    before = {number: main(client, at(f"/actions/{number}/", day())) for number in (1, 18)}
    assert "Lena for Learning &amp; Skills Council" in before[1]
    assert "unit jobs" in before[18]
    with plan_change(by=staff, reason="Another lead, another place"):
        Lead.objects.filter(pk=one.pk).update(partner=Partner.objects.get(slug="legi"))
        OutcomeMeasure.objects.filter(pk=measure.pk).update(action=Action.objects.get(number=2), order=7)
    assert {number: main(client, at(f"/actions/{number}/", day())) for number in (1, 18)} == before
    assert "Lena for LEGI" in main(client, "/actions/1/")
    assert "measure 7" in main(client, "/actions/2/")


def test_cells_of_the_source_that_were_imported_later_are_not_shown(
    past: None, staff: User, client_of: Any, tmp_path: Any
) -> None:
    client = client_of(staff)
    raw = SourceCell.objects.filter(action__number=1, heading="Theme").get().raw
    assert raw in page(client, at("/actions/1/", day())).one("main").one("details", css="source").text
    other = tmp_path / "framework.json"
    other.write_text(FRAMEWORK.read_text(encoding="utf-8").replace(f'"raw": "{raw}"', f'"raw": "{LATER}"'))
    load(other, overwrite=True)
    assert LATER in main(client, "/actions/1/")
    for address in ("/actions/1/", "/themes/leicester-connections/"):
        assert LATER not in main(client, at(address, day()))
    assert "cells of that time are not kept" in main(client, at("/actions/1/", day()))


def test_the_sweep_would_see_a_link_to_the_present() -> None:
    found = tree('<html><main><a href="/actions/">All</a></main></html>')
    with pytest.raises(AssertionError):
        check_links(at("/", day()), found)
