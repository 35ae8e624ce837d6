"""`manage.py clearsessions`: deletes sessions that have ended, with the network address and browser of each."""

from typing import Any

from django.contrib.sessions.management.commands.clearsessions import Command as DjangosCommand

from partners.sessions import forget_ended_sessions


class Command(DjangosCommand):
    help = "Delete expired sessions, with the network address and browser of each."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        forget_ended_sessions()
