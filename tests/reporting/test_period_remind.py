"""Reminding by hand: the exact e-mails first, for any filter; then who got one, who was left out and why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from actions.models import OutcomeMeasure
from outbox.models import Kind, Mail
from partners.models import User
from reporting.calendar import plan_at
from reporting.models import ReportingPeriod
from reporting.not_me import say_not_me
from reporting.reminders import last_reminded
from tests.clock import days_ago
from tests.conftest import person
from tests.pages import Element, form_data, numbers, page, queries_of, tree

pytestmark = pytest.mark.once

ADDRESS = "/periods/autumn-round/remind/"


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User, period: ReportingPeriod) -> Client:
    return client_of(staff)


def pressed(client: Client, button: str, query: str = "", **typed: Any) -> Any:
    """Fill in the form of the page, press a button of it, and follow."""
    form = form_data(page(client, ADDRESS + query).one("main").all("form")[0])
    return client.post(ADDRESS + query, form | {"do": button} | typed, follow=True)


def said(response: Any) -> str:
    return " ".join(tree(response.content.decode()).text.split())


def letters_on(found: Element) -> list[str]:
    return [one.one("summary").text for one in found.all("details", css="mail")]


def test_the_preview_shows_the_exact_e_mails_and_sending_sends_them(
    client: Client, lead: User, stranger: User, staff: User
) -> None:
    found = page(client, ADDRESS)
    assert "2 people to remind. Updates are due by" in found.one("p", css="lede").text
    assert [text.split(":")[0] for text in letters_on(found)] == ["Cleo Creative", "Lena Lead"]
    words = "The board meets early.\nPlease be brief."
    preview = tree(pressed(client, "preview", words=words).content.decode())
    shown = [one.one("pre")._raw().strip() for one in preview.all("details", css="mail")]
    assert not mail.outbox
    response = pressed(client, "send", words=words)
    assert "2 reminders are on the way to Cleo Creative, Lena Lead." in said(response)
    assert [message.body.strip().replace("\r\n", "\n") for message in mail.outbox] == shown
    assert words in mail.outbox[0].body
    assert "Please be brief." in str(mail.outbox[0].alternatives[0][0])
    assert {message.to[0] for message in mail.outbox} == {lead.email, stranger.email}
    assert set(last_reminded(plan_at(), ReportingPeriod.objects.get())) == {lead.pk, stranger.pk}


def test_food_and_drink_strong_for_vf3_who_owes_is_reminded_in_four_clicks(client: Client) -> None:
    """From Today: Coverage, the cell, Remind, Send."""
    person("gita@growth.example", "Gita Growth", User.Role.LEAD, "leicester-city-growth")
    person("elsie@elsewhere.example", "Elsie Else", User.Role.LEAD, "retail-cluster")
    coverage = page(client, linked(page(client, "/today/"), "Coverage"))
    table = coverage.all("table", css="coverage")[0]
    place = [head.text for head in table.one("thead").all("th")].index("Food & Drink")
    row = next(row for row in table.all("tr") if row.text.startswith("VF3"))
    cell = row.all("td")[place - 1]
    listed = page(client, cell.all("a")[0]["href"])
    assert numbers(listed) == [8, 32]
    address = linked(listed, "Remind")
    owing = page(client, address)
    assert [text.split(":")[0] for text in letters_on(owing)] == ["Gita Growth"]
    form = form_data(owing.one("main").all("form")[0])
    client.post(address, form | {"do": "send"}, follow=True)
    assert [message.to for message in mail.outbox] == [["gita@growth.example"]]


def linked(found: Element, text: str) -> str:
    return next(link["href"] for link in found.all("a") if link.text == text)


def test_somebody_reminded_within_a_day_is_left_out_unless_staff_include_them(
    client: Client, lead: User
) -> None:
    pressed(client, "send")
    found = page(client, ADDRESS)
    assert "Nobody to remind." in found.one("p", css="lede").text
    assert "Lena Lead: Last reminded" in found.text
    response = pressed(client, "send", recent="on")
    assert "1 reminder is on the way to Lena Lead." in said(response)
    Mail.objects.update(made_at=days_ago(2))
    assert len(letters_on(page(client, ADDRESS))) == 1


def test_a_double_click_sends_once(client: Client, lead: User) -> None:
    form = form_data(page(client, ADDRESS).one("main").all("form")[0]) | {"do": "send", "recent": "on"}
    client.post(ADDRESS, form)
    again = client.post(ADDRESS, form, follow=True)
    assert "No reminders were sent" in said(again)
    assert len(mail.outbox) == 1


def test_a_filter_chooses_the_people_and_each_is_reminded_of_everything(
    client: Client, lead: User, stranger: User, joint_lead: User
) -> None:
    query = "?lead=learning-skills-council&awaited=on&sort=-number&page=1"
    found = page(client, ADDRESS + query)
    assert "1 person to remind" in found.one("p", css="lede").text
    assert "led by Learning & Skills Council" in found.one("p", css="lede").text
    response = pressed(client, "send", query)
    assert [message.to for message in mail.outbox] == [[lead.email]]
    assert "Action 20:" in mail.outbox[0].body
    assert "on the way to Lena Lead" in said(response)
    # every parameter of the list is accepted, and one that is wrong is said, and sends nothing
    for one in (
        "q=skills",
        "vital_few=VF1&strength=strong",
        "status=not-reported",
        "cluster=retail&theme=image-identity",
    ):
        assert client.get(f"{ADDRESS}?{one}").status_code == 200
    wrong = client.post(f"{ADDRESS}?vital_few=VF9", {"do": "send"})
    assert wrong.status_code == 400
    summary = tree(wrong.content.decode()).one("div", css="govuk-error-summary")
    assert [one.text for one in summary.all("li")] == ["The plan has no vital few “VF9”."]


def test_who_is_left_out_and_what_nobody_can_be_reminded_of(
    client: Client, lead: User, joint_lead: User, stranger: User, report: Any
) -> None:
    report(31, 1, by=stranger)  # so that Cleo owes only what all lead together
    Mail.objects.create(
        key="x",
        kind=Kind.PAPER,
        to=joint_lead.email,
        state="failed",
        mailbox_refused=True,
        tried_at=timezone.now(),
    )
    for measure in OutcomeMeasure.objects.filter(action__number__in=(1, 20, 4)):
        say_not_me(measure_id=measure.pk, hand_to="Ann <ann@skills.example>", note="She runs it.", by=lead)
    found = page(client, ADDRESS)
    out = " ".join(one.text for one in found.all("li"))
    assert "Lena Lead: Said someone else should submit the updates" in out
    assert "Uma University: The mail server refuses the address" in out
    assert "Cleo Creative: Only owes updates on actions led by all partners" in out
    assert "Universities: the mail server refuses the address" in out
    assert "Leicester City Growth: nobody has an account" in out
    assert "ann@skills.example" in found.text
    assert letters_on(found) == []
    shared = tree(pressed(client, "preview", shared="on").content.decode())
    assert [text.split(":")[0] for text in letters_on(shared)] == ["Cleo Creative"]


def test_after_an_error_everything_typed_is_still_there(client: Client, lead: User) -> None:
    response = pressed(client, "send", words="x" * 2001, recent="on")
    found = tree(response.content.decode())
    assert response.status_code == 422
    assert found.by_id("id_words").text == "x" * 2001
    assert "checked" in found.by_id("id_recent").attrs
    assert found.all("a", href="#id_words")
    assert not mail.outbox


def test_a_period_that_is_not_open_reminds_nobody(client: Client, lead: User) -> None:
    ReportingPeriod.objects.update(closed_at=timezone.now())
    for response in (client.get(ADDRESS, follow=True), client.post(ADDRESS, {"do": "send"}, follow=True)):
        assert "Autumn round is closed. You can only send reminders for an open period." in said(response)
    assert not mail.outbox


def test_the_button_stands_on_the_list_and_the_period_for_staff_at_present(
    client: Client, client_of: Callable[[User], Client], lead: User, board: User, report: Any
) -> None:
    def link(browser: Client, address: str) -> list[str]:
        return [one["href"] for one in page(browser, address).all("a") if one.text == "Remind"]

    listed = "/actions/?cluster=food-drink&awaited=on&sort=title&per_page=5"
    assert link(client, listed) == [f"{ADDRESS}?cluster=food-drink&awaited=on"]
    assert link(client, "/periods/autumn-round/") == [ADDRESS]
    assert link(client, f"/actions/?as_at={days_ago(30):%Y-%m-%d}") == link(client, "/measures/") == []
    assert link(client_of(lead), "/actions/") == link(client_of(board), "/actions/") == []
    for measure in OutcomeMeasure.objects.select_related("action"):
        report(measure.action.number, measure.order)
    assert link(client, "/actions/") == []


def test_the_page_has_a_limit_and_a_number_of_queries(client: Client, lead: User) -> None:
    before = queries_of(client, ADDRESS)
    for number in range(24):
        person(f"{number}@skills.example", f"P{number:02}", User.Role.LEAD, "learning-skills-council")
    assert queries_of(client, ADDRESS) == before
    assert before <= 50
    assert len(letters_on(page(client, ADDRESS))) == 20
    assert len(letters_on(page(client, f"{ADDRESS}?page=2"))) == 5
