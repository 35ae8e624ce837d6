"""Plan the reminders that are due and send what waits in the outbox: for cron or a systemd timer."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from outbox.models import Mail
from outbox.sending import send_waiting
from reporting.calendar import plan_at
from reporting.reminders import plan_reminders, reminders_due


class Command(BaseCommand):
    help = "Writes the reminders that are due into the outbox, and sends every e-mail that waits there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument(
            "--now",
            metavar="YYYY-MM-DDTHH:MM",
            help="plan reminders as if it were this time (Europe/London), not now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = plan_at()
        now = _moment(options["now"]) if options["now"] else plan.moment
        if options["dry_run"]:
            due = reminders_due(plan, now)
            self.stdout.write(due.in_words())
            for letter in due.letters:
                self.stdout.write(f"  would remind {letter.person.email}: {letter.subject}")
            waiting = Mail.objects.due(timezone.now()).count()
            self.stdout.write(f"Outbox: {waiting} to be sent now. Nothing was written or sent.")
            return
        self.stdout.write(plan_reminders(plan, now).in_words())
        self.stdout.write(f"Outbox: {send_waiting().in_words()}")


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y-%m-%dT%H:%M"))  # noqa: DTZ007  made aware here
    except ValueError as error:
        raise CommandError(f"“{text}” is not a time like 2026-11-27T08:00.") from error
