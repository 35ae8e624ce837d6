"""Sessions end three hours after the last page and twelve hours after signing in."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from partners.models import User
from web.events import event

STARTED, SEEN = "signed_in_at", "seen_at"
HAS_SECOND_FACTOR = "has_second_factor"  # noted by partners.second_factor
EVERY = 60  # seconds between two notes of when somebody was seen: each is a write


def begin(request: HttpRequest, **_: Any) -> None:
    """Note when somebody signed in. Receives Django's `user_logged_in`, before the session is saved."""
    request.session[STARTED] = request.session[SEEN] = int(time.time())
    request.session.pop(HAS_SECOND_FACTOR, None)


def end_old_sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Runs before the user is looked up, so an expired session has no user.

    An update form that it sends is then saved as a draft.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_cookie and SESSION_KEY in request.session:
            _check(request.session)
        return get_response(request)

    return middleware


def _check(session: SessionBase) -> None:
    now = int(time.time())
    started, seen = session.get(STARTED, 0), session.get(SEEN, 0)
    if now - started >= settings.SESSION_COOKIE_AGE or now - seen >= settings.SESSION_IDLE_SECONDS:
        event("session_expired", user=int(session[SESSION_KEY]))
        session.flush()
    elif now - seen >= EVERY:
        _note(session, now)


def _note(session: SessionBase, now: int) -> None:
    """Saved at once: the page may be read from a snapshot, and a page that only reads needs no writable database."""
    session[SEEN] = now
    with suppress(DatabaseError, UpdateError):
        session.save()
    session.modified = False


def forget_ended_sessions() -> int:
    """Delete the network addresses and browsers of sessions that have ended. Returns how many."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    deleted: int = UserSession.objects.exclude(session_key__in=live).delete()[0]
    return deleted


def end_sessions(user: User) -> None:
    """Sign a person out everywhere, so that no old cookie works if a closed account is reopened."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """Sign a person out everywhere but here."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()
