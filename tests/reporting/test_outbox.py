"""The page of the ledger: every e-mail and what became of it, never what a secret one says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from outbox.models import Kind, Mail, State, failed_mails, unconfirmed_mails
from outbox.posting import write
from partners.models import User
from tests.pages import page, queries_of, tree

pytestmark = pytest.mark.once


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def mails(framework: None) -> list[Mail]:
    found = []
    for number, (kind, state) in enumerate(zip(Kind, State, strict=True)):
        one = write(
            kind=kind, to=f"{number}@x.example", subject=f"Subject {number}", text=f"Secret words {number}"
        )
        assert one
        fields: dict[str, Any] = {"state": state, "claim": "x", "claimed_at": timezone.now()}
        Mail.objects.filter(pk=one.pk).update(
            **fields, sent_at=timezone.now(), why=f"Reason {number}", tries=2
        )
        found.append(one)
    Mail.objects.update(tried_at=timezone.now())
    return found


def test_it_lists_every_e_mail_and_no_text(client: Client, mails: list[Mail]) -> None:
    found = page(client, "/outbox/")
    assert len(found.one("tbody").all("tr")) == len(mails)
    for number, (kind, state) in enumerate(zip(Kind, State, strict=True)):
        for words in (
            f"Subject {number}",
            f"{number}@x.example",
            f"Reason {number}",
            kind.label,
            state.label,
        ):
            assert words in found.text
    assert "Secret words" not in found.text


def test_it_is_filtered_by_state_and_kind_and_a_wrong_filter_is_none(
    client: Client, mails: list[Mail]
) -> None:
    def shown(query: str) -> int:
        return len(page(client, f"/outbox/?{query}").all("th", scope="row"))

    assert shown("state=failed") == shown("kind=reminder") == shown("kind=reminder&state=failed") == 1
    assert shown("kind=paper&state=failed") == 0
    assert shown("kind=nonsense&state=&page=99") == len(mails)


def test_staff_send_again_what_failed_or_is_not_confirmed_and_nothing_else(
    client: Client, mails: list[Mail]
) -> None:
    again = [
        form["action"] for form in page(client, "/outbox/").all("form") if "send-again" in form.get("action")
    ]
    doubtful = [*failed_mails(), *unconfirmed_mails()]
    assert sorted(again) == sorted(f"/outbox/{one.pk}/send-again/" for one in doubtful)
    Mail.objects.filter(state=State.WAITING).delete()
    response = client.post(again[0], follow=True)
    assert "is on its way again" in tree(response.content.decode()).text
    assert len(mail.outbox) == 1
    sent = Mail.objects.get(state=State.SENT, to=mail.outbox[0].to[0])
    refused = client.post(f"/outbox/{sent.pk}/send-again/", follow=True)
    assert "cannot be sent again: sent" in tree(refused.content.decode()).text
    assert len(mail.outbox) == 1


def test_a_page_has_fifty_and_a_number_of_queries(client: Client, mails: list[Mail]) -> None:
    before = queries_of(client, "/outbox/")
    for number in range(50):
        write(kind=Kind.REMINDER, to=f"r{number}@x.example", subject="S", text="T")
    assert queries_of(client, "/outbox/") == before
    assert before <= 12
    assert len(page(client, "/outbox/").one("tbody").all("tr")) == 50
