"""Board meetings have pages: the list, a form, and dates that stay once something rests on them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from partners.models import User
from reporting.models import BoardMeeting, BoardMeetingVersion, ReportingPeriod
from reporting.periods import close_period, set_meeting
from tests.pages import form_data, page, queries_of

pytestmark = pytest.mark.once


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def coming(framework: None) -> BoardMeeting:
    return made("Winter", 9)


def made(name: str, days: int) -> BoardMeeting:
    day = timezone.localdate() + timedelta(days=days)
    return BoardMeeting.objects.create(name=name, slug=name.lower(), held_on=day)


def edit(client: Client, slug: str, **typed: Any) -> Any:
    address = f"/meetings/{slug}/edit/"
    form = next(form for form in page(client, address).all("form") if form.all("input", name="held_on"))
    return client.post(address, form_data(form) | typed)


def test_a_meeting_is_added_and_edited_with_author_and_reason(client: Client, staff: User) -> None:
    day = timezone.localdate() + timedelta(days=9)
    assert client.post("/meetings/new/", {"name": "June", "held_on": f"{day}"})["Location"] == "/meetings/"
    assert edit(client, "june", name="June meeting").context["form"].errors == {"reason": ["Enter a reason."]}
    edit(client, "june", name="June meeting", note="Read this first", reason="Its whole name")
    saved = BoardMeeting.objects.get()
    assert (saved.name, saved.slug, saved.held_on) == ("June meeting", "june", day)
    assert saved.note == "Read this first"
    versions = BoardMeetingVersion.objects.filter(row_id=saved.pk).order_by("known_from")
    assert [(one.name, one.change and (one.change.by, one.change.reason)) for one in versions] == [
        ("June", (staff, "June added")),
        ("June meeting", (staff, "Its whole name")),
    ]
    [row] = page(client, "/meetings/").one("tbody").all("tr")
    assert row.text == f"June meeting: edit {day:%-d %B %Y} (to come) – Read this first"


def test_there_is_one_meeting_a_day_and_it_has_a_name(client: Client, coming: BoardMeeting) -> None:
    response = client.post("/meetings/new/", {"name": " ", "held_on": f"{coming.held_on}"})
    assert response.context["form"].errors == {
        "name": ["Enter a name."],
        "held_on": ["There is already a board meeting on that day."],
    }
    other = made("Spring", 50)
    response = edit(client, other.slug, held_on=f"{coming.held_on}", reason="x")
    assert response.context["form"].errors == {"held_on": ["There is already a board meeting on that day."]}
    assert client.post("/meetings/new/", {"name": "New", "held_on": "2099-01-01"}).status_code == 302
    assert client.get("/meetings/new-2/edit/").status_code == 200  # “new” is the address of the form


def test_the_date_of_a_meeting_with_a_published_paper_stays(
    client: Client, staff: User, coming: BoardMeeting, period: ReportingPeriod
) -> None:
    set_meeting(period=period, meeting=coming, note="", by=staff)
    moved = f"{coming.held_on + timedelta(days=1)}"
    assert edit(client, "winter", held_on=moved, reason="The room").status_code == 302
    close_period(period=period, reason="Over", by=staff)
    response = edit(client, "winter", held_on=f"{coming.held_on}", reason="Back")
    [said] = response.context["form"].errors["held_on"]
    assert said.endswith(": a paper has been published for this meeting.")
    coming.refresh_from_db()
    assert f"{coming.held_on}" == moved
    assert edit(client, "winter", name="Winter meeting", reason="Its name").status_code == 302


def test_the_date_of_a_meeting_that_was_held_stays(client: Client) -> None:
    made("Spring", -9)
    response = edit(client, "spring", held_on=f"{timezone.localdate()}", reason="x")
    assert response.context["form"].errors["held_on"][0].startswith("You cannot change the date: ")
    deleted = client.post("/meetings/spring/delete/", {"reason": "x"})
    assert next(str(one) for one in get_messages(deleted.wsgi_request)).endswith("so it cannot be deleted.")
    assert BoardMeeting.objects.count() == 1


def test_a_meeting_to_come_is_deleted_and_the_history_says_by_whom_and_why(
    client: Client, staff: User, coming: BoardMeeting
) -> None:
    address = "/meetings/winter/delete/"
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "Called off"})["Location"] == "/meetings/"
    assert not BoardMeeting.objects.exists()
    [version] = BoardMeetingVersion.objects.filter(row_id=coming.pk, end_change__reason="Called off")
    assert version.end_change is not None
    assert version.end_change.by == staff


def test_a_meeting_that_a_period_ever_served_is_kept(
    client: Client, staff: User, coming: BoardMeeting, period: ReportingPeriod
) -> None:
    for meeting in (coming, None):
        set_meeting(period=period, meeting=meeting, note="", by=staff)
        assert "Delete this meeting" not in page(client, "/meetings/winter/edit/").text
        deleted = client.post("/meetings/winter/delete/", {"reason": "Called off"})
        assert "The history of Autumn round names this meeting" in str(*get_messages(deleted.wsgi_request))
    assert BoardMeeting.objects.exists()


def test_the_list_takes_the_same_few_queries_however_long_it_is(client: Client, coming: BoardMeeting) -> None:
    before = queries_of(client, "/meetings/")
    for number in range(30):
        made(f"M{number}", 20 + number)
    assert queries_of(client, "/meetings/") == before <= 12
    assert len(page(client, "/meetings/").one("tbody").all("tr")) == 20
