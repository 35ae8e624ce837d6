"""Prepare the database of a new portal. Safe to repeat: it keeps what is there."""

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
    help = "Migrates, loads the framework into an empty plan and, in demonstration mode, creates people and a period."

    def handle(self, *args: Any, **options: Any) -> None:
        # before migrate, which gives the serving role its rights on every table
        call_command("createcachetable", verbosity=0)
        call_command("migrate", verbosity=0)
        call_command("load_framework", keep=True, stdout=self.stdout)
        if settings.DEMONSTRATION:
            make_people()
            make_period()
            self._list_people()

    def _list_people(self) -> None:
        self.stdout.write(f"\nDemonstration people, all with the password {settings.DEMONSTRATION_PASSWORD}:")
        for person in people():
            role = f"{person.role}, {person.partners}" if person.partners else person.role
            self.stdout.write(f"  {person.email:<48} {role}")
        self.stdout.write("")


def make_period() -> None:
    """Create an open reporting period, so that partner leads have updates due. Only if there is none at all."""
    if ReportingPeriod.objects.exists():
        return
    today = timezone.localdate()
    with plan_change(
        by=None, reason="A reporting period for the demonstration", kind=PlanChange.Kind.DEMONSTRATION
    ):
        ReportingPeriod.objects.create(
            name="Demonstration period",
            slug="demonstration-period",
            opens=today - timedelta(days=21),
            due=today + timedelta(days=9),
            closes=today + timedelta(days=40),
            opened_at=timezone.now(),
        )
