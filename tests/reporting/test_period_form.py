"""Staff add and edit reporting periods on their own pages: filled in from the quarter, refused in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from history.models import Clock, PlanChange
from partners.models import User
from reporting.models import BoardMeeting, ReportingPeriod, ReportingPeriodVersion
from reporting.periods import close_period
from reporting.quarters import proposed_period, quarter_end
from tests.clock import database_clock
from tests.conftest import person
from tests.pages import Element, form_data, page, tree

pytestmark = pytest.mark.once

NEW, EDIT = "/periods/new/", "/periods/autumn-round/edit/"


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def typed(**values: str) -> dict[str, str]:
    """A new period, four months from now."""
    start = timezone.localdate() + timedelta(days=120)
    days = {"opens": start, "due": start + timedelta(days=20), "closes": start + timedelta(days=40)}
    return {"name": "Spring round", "meeting": ""} | {key: f"{day}" for key, day in days.items()} | values


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.content.decode()
    found = tree(response.content.decode())
    links = found.one("div", css="govuk-error-summary").all("a")
    assert all(found.by_id(link["href"].removeprefix("#")) for link in links)
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def saved(client: Client, address: str) -> dict[str, Any]:
    return form_data(form_of(page(client, address)))


def form_of(found: Element) -> Element:
    [form] = [form for form in found.one("main").all("form") if form.all("input", name="name")]
    return form


# What the quarter suggests


@pytest.mark.once
@pytest.mark.parametrize(
    ("today", "name", "opens", "due", "closes"),
    [
        ((2008, 11, 27), "October to December 2008", (2008, 12, 17), (2009, 1, 7), (2009, 1, 14)),
        ((2009, 1, 14), "October to December 2008", (2008, 12, 17), (2009, 1, 7), (2009, 1, 14)),
        ((2009, 1, 15), "January to March 2009", (2009, 3, 17), (2009, 4, 7), (2009, 4, 14)),
        ((2008, 6, 30), "April to June 2008", (2008, 6, 16), (2008, 7, 7), (2008, 7, 14)),
        ((2008, 9, 30), "July to September 2008", (2008, 9, 16), (2008, 10, 7), (2008, 10, 14)),
    ],
)
def test_a_period_goes_from_14_days_before_the_quarters_end_to_14_after(
    today: Any, name: str, opens: Any, due: Any, closes: Any
) -> None:
    found = proposed_period(date(*today), [])
    assert (found.name, found.opens, found.due, found.closes) == (
        name, date(*opens), date(*due), date(*closes),
    )  # fmt: skip


@pytest.mark.once
def test_a_quarter_that_has_its_period_is_left_out() -> None:
    taken = ReportingPeriod(opens=date(2008, 12, 1), due=date(2008, 12, 20), closes=date(2008, 12, 17))
    assert proposed_period(date(2008, 11, 27), [taken]).name == "January to March 2009"
    assert [quarter_end(date(2008, month, 15)).month for month in range(1, 13)] == [
        3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12,
    ]  # fmt: skip


def test_the_form_is_filled_in_and_added_as_it_is(client: Client, staff: User) -> None:
    today = timezone.localdate()
    far = BoardMeeting.objects.create(name="Next", slug="next", held_on=today + timedelta(days=300))
    proposal = proposed_period(today, [])
    data = saved(client, NEW)
    assert data["name"] == proposal.name
    assert (data["opens"], data["due"], data["closes"]) == (
        f"{proposal.opens}", f"{proposal.due}", f"{proposal.closes}",
    )  # fmt: skip
    assert data["meeting"] == f"{far.pk}"
    response = client.post(NEW, data)
    made = ReportingPeriod.objects.get()
    assert response["Location"] == f"/periods/{made.slug}/"
    assert (made.state, made.name, made.meeting) == ("planned", proposal.name, far)
    change = ReportingPeriodVersion.objects.get(row_id=made.pk).change
    assert change is not None
    assert (change.by, change.by_name, change.reason) == (staff, "Sam Staff", f"{made.name} planned")
    assert Clock.objects.get().change is None


def test_a_period_is_added_and_opened_in_one_go(client: Client, staff: User) -> None:
    today = timezone.localdate()
    later = errors(client.post(NEW, typed() | {"open": "now"}))
    assert later == {"opens": [f"To open the period now, this must be {today:%-d %B %Y} or earlier."]}
    client.post(NEW, typed(opens=f"{today}") | {"open": "now"})
    assert ReportingPeriod.objects.get().state == "open"
    assert "Add and open it now" not in page(client, NEW).text


@pytest.mark.parametrize("name", ["New", "new", "Ελλάδα", "A  B"])
def test_every_period_has_an_address_of_its_own(client: Client, name: str) -> None:
    first = client.post(NEW, typed(name=name))["Location"]
    assert client.get(first).context["period"].name == name
    opens = timezone.localdate() + timedelta(days=400)
    again = typed(name=f"{name}!", opens=f"{opens}", due=f"{opens}", closes=f"{opens}")
    assert client.post(NEW, again)["Location"] not in (first, NEW)


@pytest.mark.parametrize("shift", [0, 59, -100])
def test_a_period_may_not_overlap_another(client: Client, period: ReportingPeriod, shift: int) -> None:
    opens = period.opens + timedelta(days=shift)
    closes = max(period.closes, opens) if shift < 0 else opens + timedelta(days=5)
    sent = typed(opens=f"{opens}", due=f"{opens}", closes=f"{closes}")
    changes = PlanChange.objects.count()
    [said] = errors(client.post(NEW, sent)).items()
    words = f"This period overlaps Autumn round, {period.opens:%-d %B %Y} to {period.closes:%-d %B %Y}."
    assert said == ("closes" if shift < 0 else "opens", [words])
    assert (ReportingPeriod.objects.count(), PlanChange.objects.count()) == (1, changes)


def test_a_period_may_begin_on_the_day_after_another(client: Client, period: ReportingPeriod) -> None:
    opens = period.closes + timedelta(days=1)
    sent = typed(opens=f"{opens}", due=f"{opens}", closes=f"{opens}")
    assert client.post(NEW, sent).status_code == 302


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"due": "2020-01-01"}, "due", "The due date must be"),
        ({"closes": "2020-01-01"}, "closes", "The last day must be"),
        ({"opens": "soon"}, "opens", "Enter a date"),
        ({"name": "Autumn round"}, "name", "Another reporting period has this name."),
        ({"name": ""}, "name", "Enter a name."),
        ({"closes": ""}, "closes", "Enter the last day of the period."),
    ],
)
@pytest.mark.usefixtures("period")
def test_a_faulty_period_is_refused_at_its_field_and_stays_typed(
    client: Client, sent: dict[str, str], field: str, words: str
) -> None:
    response = client.post(NEW, typed(**sent))
    [(name, [said])] = errors(response).items()
    assert (name, said.startswith(words)) == (field, True), said
    assert form_data(form_of(tree(response.content.decode()))) | {"csrfmiddlewaretoken": ""} == typed(
        **sent
    ) | {"csrfmiddlewaretoken": ""}
    assert ReportingPeriod.objects.count() == 1


def test_every_fault_is_listed(client: Client) -> None:
    assert set(errors(client.post(NEW, {"name": "", "opens": "x", "due": "", "closes": "y"}))) == {
        "name", "opens", "due", "closes",
    }  # fmt: skip


# Editing


def test_an_edit_says_why_and_keeps_what_was(client: Client, staff: User, period: ReportingPeriod) -> None:
    later = period.due + timedelta(days=3)
    data = saved(client, EDIT) | {"due": f"{later}"}
    assert errors(client.post(EDIT, data)) == {"reason": ["Enter a reason."]}
    assert client.post(EDIT, data | {"reason": "Snow"})["Location"] == "/periods/autumn-round/"
    period.refresh_from_db()
    assert (period.due, period.state) == (later, "open")
    version = ReportingPeriodVersion.objects.open().get(row_id=period.pk)
    assert version.change is not None
    assert (version.change.by, version.change.reason) == (staff, "Snow")
    changes = PlanChange.objects.count()
    client.post(EDIT, saved(client, EDIT) | {"reason": "Nothing"})
    assert PlanChange.objects.count() == changes


def test_a_form_does_not_open_or_close_a_period(client: Client, period: ReportingPeriod) -> None:
    data = saved(client, EDIT) | {"name": "Autumn", "reason": "Short", "closed_at": "2020-01-01"}
    client.post(EDIT, data)
    period.refresh_from_db()
    assert (period.name, period.slug, period.state) == ("Autumn", "autumn-round", "open")


def test_an_open_period_cannot_begin_later(client: Client, period: ReportingPeriod) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    said = errors(client.post(EDIT, saved(client, EDIT) | {"opens": f"{tomorrow}", "reason": "x"}))
    assert said["opens"][0].startswith("The period is open, so it cannot begin after today")


def test_a_closed_period_is_not_edited(client: Client, staff: User, period: ReportingPeriod) -> None:
    data = saved(client, EDIT) | {"name": "Other", "reason": "x"}
    close_period(period=period, reason="Over", by=staff)
    for response in (client.get(EDIT), client.post(EDIT, data)):
        assert response["Location"] == "/periods/autumn-round/"
    period.refresh_from_db()
    assert period.name == "Autumn round"


def test_the_second_of_two_editors_sees_what_the_first_changed(
    client: Client, client_of: Callable[[User], Client], period: ReportingPeriod
) -> None:
    other = client_of(person("olga@city.example", "Olga Other", User.Role.STAFF))
    mine = saved(client, EDIT) | {"name": "Mine", "reason": "Mine"}
    due = period.due + timedelta(days=2)
    other.post(EDIT, saved(other, EDIT) | {"due": f"{due}", "reason": "Theirs"})
    response = client.post(EDIT, mine)
    assert response.status_code == 422
    [said] = response.context["form"].non_field_errors()
    assert said.startswith(
        f"Olga Other changed this after you opened the form: “Updates due” is now {due:%-d %B %Y}."
    )
    again = form_data(form_of(tree(response.content.decode())))
    assert (again["name"], again["reason"]) == ("Mine", "Mine")
    assert client.post(EDIT, again).status_code == 302  # seen now, and chosen
    assert ReportingPeriod.objects.get().name == "Mine"


def test_on_its_day_a_period_is_opened_from_its_page(client: Client, staff: User) -> None:
    today = timezone.localdate()
    client.post(NEW, typed())
    [period] = ReportingPeriod.objects.all()
    found = page(client, f"/periods/{period.slug}/")
    assert f"You can open it from {period.opens:%-d %B %Y}." in found.text
    assert not [button for button in found.all("button") if button.text == "Open this period"]
    with database_clock(datetime.combine(period.opens, datetime.min.time(), UTC) + timedelta(hours=12)):
        assert today < period.opens
        page(client, f"/periods/{period.slug}/").one("button", css="govuk-button")
