"""Sessions end after three hours without a page and twelve hours after signing in; one sees and ends one's own."""

import time
from importlib import import_module

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as portal
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from actions.models import UpdateDraft
from partners.models import User
from partners.sessions import EVERY
from partners.templatetags.browsers import browser
from tests.conftest import PASSWORD
from tests.pages import form_data, page

pytestmark = [pytest.mark.once, pytest.mark.django_db]
HOUR = 3600


class Watch:
    """The clock of sessions, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.time()
        monkeypatch.setattr(time, "time", lambda: self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def test_three_hours_idle_end_a_session_and_its_cookie_never_works_again(
    lead: User, client: Client, watch: Watch
) -> None:
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    kept = client.cookies["sessionid"].value
    for _ in range(3):
        watch.wait(2.9 * HOUR)
        assert client.get("/updates/").status_code == 200
    watch.wait(3 * HOUR)
    assert client.get("/updates/")["Location"] == "/accounts/login/?next=/updates/"
    watch.wait(-3 * HOUR)
    client.cookies["sessionid"] = kept
    assert client.get("/updates/").status_code == 302


def test_twelve_hours_end_a_session_however_busy(lead: User, client: Client, watch: Watch) -> None:
    client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    for _ in range(11):
        watch.wait(HOUR)
        assert client.get("/updates/").status_code == 200
    watch.wait(HOUR - 1)
    assert client.get("/updates/").status_code == 200
    watch.wait(1)
    assert client.get("/updates/").status_code == 302


def test_a_page_notes_that_somebody_was_seen_once_a_minute_at_most(
    lead: User, client: Client, watch: Watch, django_assert_num_queries: object
) -> None:
    client.force_login(lead)
    engine = import_module(portal.SESSION_ENGINE)
    seen = lambda: engine.SessionStore(client.cookies["sessionid"].value)["seen_at"]  # noqa: E731
    first = seen()
    watch.wait(EVERY - 1)
    client.get("/help/")
    assert seen() == first
    watch.wait(2)
    client.get("/help/")
    assert seen() == int(watch.now)


def test_what_somebody_was_writing_is_kept_when_their_session_has_ended(
    lead: User, client: Client, watch: Watch
) -> None:
    client.force_login(lead)
    form = page(client, "/actions/1/measures/1/update/").one("form", action="/actions/1/measures/1/update/")
    sent = form_data(form) | {"status": "on-track", "comment": "Two hundred learners."}
    watch.wait(3 * HOUR)
    answer = client.post("/actions/1/measures/1/update/", sent)
    assert answer["Location"].startswith("/accounts/login/")
    assert UpdateDraft.objects.get(author=lead).typed["comment"] == "Two hundred learners."


def test_everyone_sees_where_they_are_signed_in_and_signs_out_elsewhere(lead: User) -> None:
    here, there = (Client(headers={"user-agent": name}) for name in ("Firefox", "Chrome"))
    for client in (here, there):
        client.post("/accounts/login/", {"login": lead.email, "password": PASSWORD})
    shown = page(here, "/accounts/sessions/")
    assert [row.all("td")[1].text for row in shown.one("tbody").all("tr")] == ["Chrome", "Firefox"]
    assert "(this browser)" in shown.one("tbody").all("tr")[1].text
    form = shown.one("form", action="/accounts/sessions/")
    assert (
        "You are signed out everywhere else."
        in here.post(form["action"], form_data(form), follow=True).content.decode()
    )
    assert here.get("/updates/").status_code == 200
    assert there.get("/updates/").status_code == 302


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/131.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131 Safari/537 Edg/131.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox on Mac",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert browser(user_agent) == words


def test_a_security_notice_says_where_in_words() -> None:
    where = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36", "ip": "127.0.0.1"}
    text = render_to_string("account/email/base_notification.txt", where)
    assert "Where: Chrome on Linux (network address 127.0.0.1)" in text


def test_the_weekly_clean_up_forgets_where_ended_sessions_came_from(lead: User, staff: User) -> None:
    """Of those that ran out, too: nobody signed out of them."""
    for person in (lead, staff):
        Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    ended = UserSession.objects.get(user=lead).session_key
    Session.objects.filter(session_key=ended).update(expire_date=timezone.now())
    call_command("clearsessions")
    assert [one.user for one in UserSession.objects.all()] == [staff]
    assert not Session.objects.filter(session_key=ended).exists()
