"""“Not me”: a lead says who should report instead, and staff decide."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from partners.models import User
from reporting.models import NotMe, ReportingPeriod
from reporting.not_me import DecidedAlready, decide, open_answers
from tests.pages import page, tree

pytestmark = pytest.mark.once

ADDRESS = "/actions/20/measures/1/not-me/"
ClientOf = Callable[[User], Client]


@pytest.fixture
def answer(lead: User, period: ReportingPeriod, client_of: ClientOf) -> NotMe:
    client_of(lead).post(ADDRESS, {"hand_to": "Ann", "note": "She runs it."})
    return NotMe.objects.get()


def test_a_lead_says_who_and_may_still_submit(answer: NotMe, lead: User, client_of: ClientOf) -> None:
    assert (answer.hand_to, answer.note, answer.person, answer.person_name) == (
        "Ann",
        "She runs it.",
        lead,
        str(lead),
    )
    client = client_of(lead)
    found = page(client, ADDRESS)
    assert "City Growth has not decided yet" in found.text
    assert found.by_id("id_hand_to")["value"] == "Ann"
    assert client.get("/actions/20/measures/1/update/").status_code == 200
    response = client.post(ADDRESS, {"hand_to": "Bob"}, follow=True)
    assert (
        "Thank you. City Growth will decide who submits updates on action 20."
        in tree(response.content.decode()).text
    )
    assert [one.hand_to for one in open_answers()] == ["Bob"]


def test_without_a_name_nothing_is_sent_and_the_note_stays(lead: User, client_of: ClientOf) -> None:
    response = client_of(lead).post(ADDRESS, {"hand_to": " ", "note": "Words"})
    found = tree(response.content.decode())
    assert response.status_code == 422
    assert found.all("a", href="#id_hand_to")
    assert found.by_id("id_note").text == "Words"
    assert not NotMe.objects.exists()


@pytest.mark.parametrize("who", ["stranger", "board", "staff"])
def test_nobody_else_answers_for_them(
    who: str, period: ReportingPeriod, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    assert client_of(request.getfixturevalue(who)).post(ADDRESS, {"hand_to": "x"}).status_code == 403


def test_staff_decide_once(answer: NotMe, staff: User, client_of: ClientOf) -> None:
    client = client_of(staff)
    shown = page(client, "/periods/autumn-round/remind/")
    [form] = [form for form in shown.all("form") if form.get("action").startswith("/actions/not-me/")]
    response = client.post(form["action"], {"decision": "handed-on", "note": "Invited Ann"}, follow=True)
    assert "Lena Lead, action 20: Handed on." in tree(response.content.decode()).text
    answer.refresh_from_db()
    assert (answer.decision, answer.decided_by, answer.decision_note) == ("handed-on", staff, "Invited Ann")
    assert answer.decided_at
    again: Any = client.post(form["action"], {"decision": "dismissed"}, follow=True)
    assert "Somebody else has already decided this." in tree(again.content.decode()).text
    nothing: Any = client.post(form["action"], {}, follow=True)
    assert "Decision not recorded." in tree(nothing.content.decode()).text
    with pytest.raises(DecidedAlready):
        decide(answer=answer, decision=NotMe.Decision.DISMISSED, note="", by=staff)
    assert not open_answers()
