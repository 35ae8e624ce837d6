"""Inviting many people at once: every fault by line, and nothing sent before the preview."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.invite_many import parse_lines
from partners.models import Invitation, Partner, User
from tests.pages import form_data, tree

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
GOOD = "Nina New <Nina@Food.example>, Food & Drink Forum\n\nold@uni.example; universities"
FAULTY = """\
"Patel, Asha" <asha@food.example>, Food and Drink Forum
nonsense
bo@board.example, LEGI
new@legi.example
new@legi.example, Nowhere Ltd
lena@skills.example, learning-skills-council
asha@food.example, food-drink-forum
, LEGI"""


def faults(text: str, partner: Partner | None = None) -> dict[int, str]:
    return {line.number: line.fault for line in parse_lines(text, partner_for_all=partner) if line.fault}


def test_lines_are_read_as_people_paste_them(staff: User) -> None:
    first, second = parse_lines(GOOD)
    assert (first.number, first.email, first.name, str(first.partner), first.fault) == (
        1, "nina@food.example", "Nina New", "Food & Drink Forum", "",
    )  # fmt: skip
    assert (second.number, second.email, second.name, str(second.partner)) == (
        3, "old@uni.example", "", "Universities",
    )  # fmt: skip
    legi = Partner.objects.get(slug="legi")
    assert [
        line.partner for line in parse_lines("a@b.example\nc@d.example,universities", partner_for_all=legi)
    ] == [
        legi,
        Partner.objects.get(slug="universities"),
    ]


def test_every_fault_is_told_by_its_line(staff: User, lead: User, board: User) -> None:
    said = faults(FAULTY)
    assert {number: fault.split(".")[0] for number, fault in said.items()} == {
        2: "“nonsense” is not an e-mail address",
        3: "This person already has an account as Board member",
        4: "There is no partner",
        5: "“Nowhere Ltd” is not a partner in this portal",
        6: "This person already submits updates for Learning & Skills Council",
        7: "The same person and partner as line 1",
        8: "There is no e-mail address",
    }


def test_many_lines_take_as_many_queries_as_one(staff: User) -> None:
    counts = []
    for number in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            parse_lines("\n".join(f"p{one}@food.example, universities" for one in range(number)))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_nothing_is_sent_before_the_preview_and_then_all(staff: User, client_of: ClientOf) -> None:
    client = client_of(staff)
    preview = client.post("/people/invite/", {"lines": GOOD})
    assert (preview.status_code, len(mail.outbox), Invitation.objects.count()) == (200, 0, 0)
    shown = tree(preview.content.decode()).one("main")
    assert [row.one("th").text for row in shown.one("tbody").all("tr")] == [
        "nina@food.example",
        "old@uni.example",
    ]
    assert shown.one("button", name="send").text == "Send 2 invitations"
    sent = form_data(shown.one("form")) | {"send": "on"}
    done = client.post("/people/invite/", sent, follow=True)
    assert "2 invitations are on the way." in done.content.decode()
    assert [message.to for message in mail.outbox] == [["nina@food.example"], ["old@uni.example"]]
    assert Invitation.objects.filter(invited_by=staff).count() == 2
    again = client.post("/people/invite/", sent)
    assert again.status_code == 422
    assert (
        again.content.decode().count("already has an invitation for this partner") == 4
    )  # summary and field
    assert len(mail.outbox) == 2


def test_with_a_fault_nothing_goes_unless_staff_send_the_good_ones(
    staff: User, lead: User, board: User, client_of: ClientOf
) -> None:
    client = client_of(staff)
    refused = client.post("/people/invite/", {"lines": FAULTY, "send": "on"})
    assert (refused.status_code, len(mail.outbox)) == (422, 0)
    shown = tree(refused.content.decode()).one("main")
    assert shown.one("button", name="send_good").text == "Send the 1 that is ready"
    assert (
        "Line 5: “Nowhere Ltd” is not a partner in this portal." in shown.one(css="govuk-error-summary").text
    )
    assert shown.by_id("id_lines").text == " ".join(FAULTY.split())
    client.post("/people/invite/", form_data(shown.one("form")) | {"send_good": "on"})
    assert [message.to for message in mail.outbox] == [["asha@food.example"]]


@pytest.mark.parametrize(
    ("lines", "says"),
    [("  ", "Paste at least one line."), ("a@b.example\n" * 201, "Paste no more than 200 lines at a time")],
)
def test_too_few_and_too_many_lines_are_refused(
    lines: str, says: str, staff: User, client_of: ClientOf
) -> None:
    response = client_of(staff).post("/people/invite/", {"lines": lines})
    assert response.status_code == 422
    assert says in response.content.decode()
