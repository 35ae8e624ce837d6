"""Each e-mail once: what a mail server can do to it, and what the ledger says afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from outbox import sending
from outbox.models import Attachment, Kind, Mail, State, refused_addresses
from outbox.posting import post, send_again, withdraw, write
from outbox.process import identity, is_gone
from outbox.sending import Sent, send_waiting
from tests.outbox.mail_server import Server, mail_server, silent_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with mail_server() as running:
        use(settings, running.port)
        yield running


def use(settings: Any, port: int, seconds: float = 10) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, seconds


def written(kind: Kind = Kind.REMINDER, **fields: Any) -> Mail:
    given = {"to": "lena@skills.example", "subject": "Two updates", "text": ".dots\n.\nWords\n"} | fields
    mail = write(kind=kind, **given)
    assert mail
    return mail


def now_due() -> None:
    Mail.objects.update(not_before=timezone.now())


def test_an_e_mail_arrives_whole_and_once(server: Server) -> None:
    mail = written(html="<p>Words</p>", attachments=[("paper.pdf", b"%PDF", "application/pdf")])
    assert send_waiting() == Sent(sent=1)
    assert send_waiting() == Sent()
    assert server.received == {"lena@skills.example": 1}
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.why, Attachment.objects.count()) == ("sent", 1, "", 0)
    assert mail.sent_at


def test_a_message_is_plain_text_with_html_beside_it_and_marked_as_automatic() -> None:
    mail = post(
        kind=Kind.REMINDER, to="a@example.org", subject="Two\nlines", text="Text\n", html="<p>Text</p>"
    )
    [sent] = django_mail.outbox
    assert (sent.from_email, sent.to, sent.subject) == (
        "City Growth <portal@localhost>",
        ["a@example.org"],
        "Two lines",
    )
    assert [tuple(each) for each in sent.alternatives] == [("<p>Text</p>", "text/html")]
    assert sent.extra_headers == {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}


def test_the_same_key_is_written_once() -> None:
    assert written(key="reminder/1/opening/7")
    assert (
        write(kind=Kind.REMINDER, to="b@x.example", subject="S", text="T", key="reminder/1/opening/7") is None
    )
    assert Mail.objects.count() == 1


@pytest.mark.parametrize(
    ("answers", "state", "why"),
    [
        ({"rcpt": "550 No such user"}, "failed", "refused the address: 550 No such user"),
        ({"rcpt": "450 Try later"}, "waiting", "refused the address: 450 Try later"),
        ({"dot": "554 Looks like spam"}, "failed", "refused the message: 554 Looks like spam"),
        ({"dot": "451 Busy"}, "waiting", "refused the message: 451 Busy"),
        ({"data": "hang up"}, "waiting", "The connection to the mail server failed"),
        ({"dot": "hang up"}, "unconfirmed", "before the mail server confirmed the e-mail"),
    ],
)
def test_what_the_server_did_is_in_the_ledger(
    server: Server, answers: dict[str, str], state: str, why: str
) -> None:
    server.answers = answers
    # more than the sockets hold, so that the portal meets the closed one before it has written everything
    size = 4_000_000 if "data" in answers else 1
    written(attachments=[("large.bin", b"x" * size, "application/octet-stream")])
    send_waiting()
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == (state, 1)
    assert why in mail.why
    assert (mail.not_before > timezone.now()) == (state == "waiting")
    server.answers = {}
    now_due()
    send_waiting()
    assert server.received["lena@skills.example"] == (1 if state in ("waiting", "unconfirmed") else 0)


def test_staff_send_again_what_failed_or_is_not_confirmed(server: Server) -> None:
    server.answers = {"rcpt": "550 No such user"}
    mail = written()
    send_waiting()
    assert refused_addresses() == {"lena@skills.example"}
    server.answers = {}
    assert send_again(mail)  # and sends it
    assert not send_again(mail)
    assert server.received == {"lena@skills.example": 1}
    assert refused_addresses() == set()


def test_a_server_that_hangs_is_tried_once_for_all_that_waits_and_again_with_growing_pauses(
    settings: Any,
) -> None:
    with silent_server() as port:
        use(settings, port, seconds=0.2)
        for number in range(3):
            written(to=f"{number}@x.example")
        before = timezone.now()
        assert send_waiting() == Sent(later=3)
        assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 1]
        assert set(Mail.objects.values_list("state", flat=True)) == {"waiting"}
        Mail.objects.exclude(tries=1).delete()
        Mail.objects.update(tries=3)
        now_due()
        send_waiting()
        mail = Mail.objects.get()
        assert mail.not_before > before + sending.PAUSES[3]
        Mail.objects.update(tries=len(sending.PAUSES))
        now_due()
        assert send_waiting() == Sent(failed=1)
        assert "Given up after 10 tries." in Mail.objects.get().why


def test_no_server_at_all_is_a_reason_too(settings: Any) -> None:
    use(settings, 1)
    written()
    assert send_waiting() == Sent(later=1)
    assert "Connection refused" in Mail.objects.get().why


def test_an_address_no_server_takes_fails_for_good(server: Server) -> None:
    written(to="lena@skills.example\r\nBcc: all@x.example")
    assert send_waiting() == Sent(failed=1)
    assert not server.received


def test_what_a_stopped_process_was_sending_is_taken_back_unless_it_was_handed_over(server: Server) -> None:
    host, boot, pid, _ = identity().rsplit(" ", 3)
    gone = f"{host} {boot} {pid} 1"
    assert is_gone(gone)
    assert not is_gone(identity())
    assert not is_gone("elsewhere x 1 1")
    now = timezone.now()
    claimed = {"state": State.SENDING, "claim": "x", "claimed_at": now, "claimed_by": gone}
    before, after, elsewhere = (written(to=f"{name}@x.example") for name in ("before", "after", "elsewhere"))
    Mail.objects.filter(pk=before.pk).update(**claimed)
    Mail.objects.filter(pk=after.pk).update(**claimed, handed_at=now)
    Mail.objects.filter(pk=elsewhere.pk).update(**claimed | {"claimed_by": "elsewhere x 1 1"})
    assert send_waiting() == Sent(sent=1)
    assert server.received == {"before@x.example": 1}
    states = dict(Mail.objects.values_list("to", "state"))
    assert (states["after@x.example"], states["elsewhere@x.example"]) == ("unconfirmed", "sending")
    Mail.objects.filter(pk=elsewhere.pk).update(claimed_at=now - sending.CLAIM_LASTS - timedelta(seconds=1))
    assert send_waiting() == Sent(sent=1)


def test_a_process_whose_claim_was_taken_back_hands_nothing_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = sending.deliver

    def slowly(mail: Mail, hand_over: Any, delivered: Any) -> None:
        Mail.objects.filter(pk=mail.pk).update(claim="another")
        deliver(mail, hand_over, delivered)

    monkeypatch.setattr(sending, "deliver", slowly)
    written()
    assert send_waiting() == Sent()
    assert not server.received


@pytest.mark.parametrize("kind", [Kind.SIGN_IN, Kind.ACCOUNT, Kind.INVITATION])
def test_a_secret_is_forgotten_once_it_is_sent_or_too_late(server: Server, kind: Kind) -> None:
    first = written(kind, html="<p>ABCD-EFG</p>")
    send_waiting()
    late = written(kind, expires_at=timezone.now() - timedelta(seconds=1))
    assert send_waiting() == Sent()
    for mail in (first, late):
        mail.refresh_from_db()
        assert (mail.text, mail.html, mail.subject) == ("", "", "Two updates")
    assert (first.state, late.state, late.why) == ("sent", "failed", sending.TOO_LATE)
    assert not send_again(late)


def test_old_texts_are_trimmed_and_the_ledger_stays(server: Server) -> None:
    mail = written()
    send_waiting()
    mail.refresh_from_db()
    assert mail.text
    Mail.objects.update(made_at=timezone.now() - sending.KEEP_TEXT - timedelta(days=1))
    send_waiting()
    mail.refresh_from_db()
    assert (mail.text, mail.state) == ("", "sent")


def test_a_sign_in_code_goes_before_a_reminder_and_withdrawn_mail_never_goes(server: Server) -> None:
    written(to="one@x.example")
    code = written(Kind.SIGN_IN, to="two@x.example")
    never = written(to="three@x.example")
    assert withdraw(Mail.objects.filter(pk=never.pk), "Submitted.") == 1
    assert Mail.objects.due(timezone.now()).first() == code
    assert send_waiting() == Sent(sent=2)
    assert "three@x.example" not in server.received


def test_nothing_is_sent_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match="outside a transaction"):
        send_waiting()
