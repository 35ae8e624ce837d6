"""`make bench`: how long pages and files take, as ratios within one run, on the plan as it is and on a large one.

The yardstick is the accessibility statement, a page without a plan, timed in turn with the others. Ratios are
medians of pairs; seconds would say more of the machine than of the portal.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import tests.environment  # noqa: F401  before Django reads its settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.utils import timezone

from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, Relationship
from actions.seeding import load
from history.clock import plan_change
from partners.models import User

LARGE, UPDATES_EACH, ROUNDS = 1_000, 8, 7
YARDSTICK = "/accessibility/"
PAGES = (
    "/",
    "/actions/",
    "/actions/?per_page=100",
    "/actions/?vital_few=VF3&strength=strong&sort=-status",
    "/actions/?q=leicester+skills",
    "/actions/18/",
    "/board/",
    "/updates/",
    "/actions/export.csv",
    "/actions/export.xlsx",
)


def main() -> int:
    """Prints a table and answers 0: it measures, and judges nothing."""
    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if not Action.objects.exists():
        load(settings.BASE_DIR / "fixtures" / "framework.json")
    lead = User.objects.create_user("lead@bench.example", name="Lead", role=User.Role.LEAD)
    lead.partners.set(Lead.objects.filter(action__number=9).values_list("partner", flat=True))
    report_on_everything(lead)
    small = measured(lead)
    multiply(lead)
    large = measured(lead)
    many = Action.objects.count()
    print(f"{connection.vendor}, Python {sys.version.split()[0]}; medians of {ROUNDS} pairs with {YARDSTICK}")
    print(f"| page or file | queries | times the yardstick, 32 actions | queries | times, {many} actions |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for address in PAGES:
        (queries, ratio), (large_queries, large_ratio) = small[address], large[address]
        print(f"| `{address}` | {queries} | {ratio:.1f} | {large_queries} | {large_ratio:.1f} |")
    return 0


def measured(user: User) -> dict[str, tuple[int, float]]:
    """Queries, and the median of the ratios to the yardstick, for each page."""
    client = Client()
    client.force_login(user)
    found = {}
    for address in PAGES:
        fetch(client, address)  # once, to warm what is warm in use
        with CaptureQueriesContext(connection) as queries:
            fetch(client, address)
        asked = len(queries)  # now: the next request empties the log
        ratios = []
        for _ in range(ROUNDS):
            own = timed(lambda a=address: fetch(client, a))
            ratios.append(own / timed(lambda: fetch(client, YARDSTICK)))
        found[address] = (asked, statistics.median(ratios))
    return found


def fetch(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return b"".join(response)


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def report_on_everything(lead: User) -> None:
    """Some reports on every measure, over two years."""
    partner = lead.partners.all()[0]
    known = set(ProgressUpdate.objects.values_list("measure", flat=True))
    ProgressUpdate.objects.bulk_create(
        ProgressUpdate(
            measure=measure,
            status=("on-track", "at-risk")[number % 2],
            comment="Goes on as it should, more or less.",
            next_step="The next step" if number % 2 else "",
            author=lead,
            author_role=lead.role,
            on_behalf_of=partner,
            recorded_at=timezone.now() - timedelta(days=90 * number + 1),
        )
        for measure in OutcomeMeasure.objects.exclude(pk__in=known)
        for number in range(UPDATES_EACH)
    )


def multiply(lead: User) -> None:
    """The framework's actions over and over, under new numbers, until there are LARGE of them."""
    originals = list(Action.objects.filter(number__lte=32))
    with plan_change(by=None, reason="A large plan"):
        for number in range(33, LARGE + 1):
            original = originals[number % 32]
            copy = Action.objects.create(
                number=number,
                title=original.title,
                theme=original.theme,
                cluster=original.cluster,
                outcome_text=original.outcome_text,
            )
            for model in (Lead, Relationship, OutcomeMeasure):
                rows: Any = list(model.objects.filter(action=original))  # type: ignore[attr-defined]
                for row in rows:
                    row.pk, row._state.adding, row.action = None, True, copy
                model.objects.bulk_create(rows)  # type: ignore[attr-defined]
    report_on_everything(lead)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
