"""`send_mail`, killed at every step and run twice at once: nobody gets an e-mail twice, and nobody is forgotten.

And a mail server that hangs: no page is slower, and nobody learns which addresses are known.
"""

from collections.abc import Iterator

import pytest

from tests.actors import Actor
from tests.outbox.mail_server import Server, mail_server, silent_server

TWO = ("universities@demo.example", "creative-leicestershire@demo.example")
STEPS_AT_MOST = 120


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with mail_server() as running:
        yield running


@pytest.fixture
def actor(other_database: str) -> Iterator[Actor]:
    one = Actor(other_database)
    yield one
    one.stop()


@pytest.mark.untraced
def test_killed_at_every_step_it_reminds_nobody_twice_and_forgets_nobody(
    actor: Actor, server: Server
) -> None:
    actor.run(f"from tests.outbox.killing import *; only({server.port}, *{TWO})")
    unconfirmed = 0
    for step in range(1, STEPS_AT_MOST):
        server.received.clear()
        was_killed, states = actor.run(f"answer = killed_at({step})")
        assert set(states) == set(TWO), f"killed at step {step}: {states}"
        for email, state in states.items():
            times = server.received[email]
            assert times == 1 if state == "sent" else times <= 1, (
                f"killed at step {step}: {email} {times} times"
            )
            assert state in ("sent", "unconfirmed"), f"killed at step {step}: {email} is {state}"
        unconfirmed += "unconfirmed" in states.values()
        if not was_killed:
            break
    assert not was_killed
    assert step > 20  # it was killed at every step, and there are many
    assert 2 <= unconfirmed <= 8  # between the last word to the mail server and the mark that it was sent


@pytest.mark.untraced
def test_several_runs_at_once_remind_everybody_once(actor: Actor, server: Server) -> None:
    server.received.clear()
    actor.run(f"from tests.outbox.killing import *; only({server.port}, *{TWO})")
    assert actor.run("answer = at_once(3)") == [0, 0, 0]
    assert actor.run("send(); answer = sorted(Mail.objects.values_list('to', 'state'))") == [
        [email, "sent"] for email in sorted(TWO)
    ]
    assert server.received == dict.fromkeys(TWO, 1)


HANGING = """
import re
from django.core.cache import cache
from django.test import Client
from outbox.background import sender
from outbox.models import Mail
from tests.outbox.killing import only
only({port}, "universities@demo.example", "staff@demo.example")
answers, staff = [], Client(HTTP_HOST="127.0.0.1")
for email in ("universities@demo.example", "nobody@nowhere.example"):
    client = Client(HTTP_HOST="127.0.0.1")
    sent = client.post("/accounts/login/code/", {{"email": email}})
    shown = client.get(sent["Location"]).content.decode().replace(email, "ADDRESS")
    answers.append([sent.status_code, sent["Location"], re.sub(r'value="[A-Za-z0-9]{{64}}"', "", shown)])
thread = sender().thread
staff.force_login(User.objects.get(email="staff@demo.example"))
partner = User.objects.get(email="universities@demo.example").partners.get()
invited = staff.post("/accounts/invitations/", {{"email": "new@x.example", "partner": partner.pk}}, follow=True)
answer = {{
    "alike": answers[0] == answers[1],
    "invited": "Invitation sent to" in invited.content.decode(),
    "hangs": thread is not None and thread.is_alive() and sender().thread is thread,
    "mails": sorted(Mail.objects.values_list("kind", "to")),
    "state": Mail.objects.get(kind="sign-in").state,
}}
"""


def test_a_mail_server_that_hangs_slows_no_page_and_tells_nobody_which_addresses_are_known(
    actor: Actor,
) -> None:
    with silent_server() as port:
        # EMAIL_TIMEOUT is ten seconds there: what is answered below is answered while the server hangs
        found = actor.run(f"from partners.models import User{HANGING.format(port=port)}")
    assert found == {
        "alike": True,
        "invited": True,
        "hangs": True,
        "mails": [["invitation", "new@x.example"], ["sign-in", "universities@demo.example"]],
        "state": "sending",
    }
