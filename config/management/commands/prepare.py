"""Everything between an empty machine and a portal that can be served; again, it keeps what is there."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from history.clock import plan_change
from history.models import PlanChange
from partners.demonstration import make_people, people
from reporting.models import ReportingPeriod


class Command(BaseCommand):
    help = "Migrates, loads the framework where there is none, and (demonstration mode) makes people and a period."

    def handle(self, *args: Any, **options: Any) -> None:
        # before migrate, which gives the serving role its rights on every table
        call_command("createcachetable", verbosity=0)
        call_command("migrate", verbosity=0)
        call_command("load_framework", keep=True, stdout=self.stdout)
        if settings.DEMONSTRATION:
            make_people()
            make_period()
            self._say_who()

    def _say_who(self) -> None:
        self.stdout.write(
            f"\nDemonstration people; the password of each is {settings.DEMONSTRATION_PASSWORD}"
        )
        for email, what in people():
            self.stdout.write(f"  {email:<48} {what}")
        self.stdout.write("")


def make_period() -> None:
    """A period that is open, so that a lead has something due. Only where there is none at all."""
    if ReportingPeriod.objects.exists():
        return
    today = timezone.localdate()
    with plan_change(by=None, reason="So that a lead has something due", kind=PlanChange.Kind.DEMONSTRATION):
        ReportingPeriod.objects.create(
            name="Demonstration period",
            slug="demonstration-period",
            opens=today - timedelta(days=21),
            due=today + timedelta(days=9),
            closes=today + timedelta(days=40),
            opened_at=timezone.now(),
        )
