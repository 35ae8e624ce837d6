"""Fills a database and answers questions about it: the only module of the benchmarks that knows the models.

It runs in a process whose Django is connected to the database to fill (`tests.benchmarks.inside`).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from actions.models import Action, Lead, OutcomeMeasure, ProgressUpdate, Relationship
from config.management.commands.demonstration_progress import five_quarters, make_calendar
from history import clock
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.benchmarks.rows import DAYS, ActionRow, Update, generated

CHUNK = 1_000  # actions at a time
ACTION_TABLE = Action._meta.db_table  # Datasette shows it
FIXTURE = settings.BASE_DIR / "fixtures" / "framework.json"


def fill(actions: int, updates_each: int, seed: int) -> None:
    """Fill an empty, migrated database with a generated plan, its calendar and its updates."""
    today = timezone.localdate()
    begun = timezone.now() - timedelta(days=DAYS + 30)
    with clock.the_past("import") as at:
        at(begun)
        places = _places()
        make_calendar(five_quarters(today), at, by=_staff())
        rows = generated(actions, updates_each, seed, len(places["leads"]))
        authors = _authors(places["leads"])
        while chunk := list(islice(rows, CHUNK)):
            at(begun)
            measures = _write_plan(chunk, places)
            _write_updates(chunk, measures, places, authors, at)
    _know_the_tables()


def _places() -> dict[str, list[Any]]:
    """Create the themes, clusters, vital fews and lead partners of the real framework, in its order."""
    for record in json.loads(FIXTURE.read_text(encoding="utf-8")):
        if record["model"].split(".")[0] in ("strategy", "partners"):
            apps.get_model(record["model"])._default_manager.create(**record["fields"])
    return {
        "themes": list(Theme.objects.all()),
        "clusters": list(Cluster.objects.all()),
        "vital_fews": list(VitalFew.objects.all()),
        "leads": list(Partner.objects.filter(kind=Partner.Kind.ORGANISATION).order_by("pk")),
    }


def _authors(partners: list[Any]) -> dict[int, User]:
    """One lead a partner."""
    authors = {}
    for partner in partners:
        author = User.objects.create_user(f"{partner.slug}@bench.example", name=f"Lead of {partner.name}")
        author.partners.add(partner)
        authors[partner.pk] = author
    return authors


def _write_plan(chunk: list[ActionRow], places: dict[str, list[Any]]) -> list[list[OutcomeMeasure]]:
    """Create the plan's rows of a chunk, and return the measures of each action."""
    actions = Action.objects.bulk_create(
        Action(
            number=row.number,
            title=row.title,
            theme=places["themes"][row.theme],
            cluster=places["clusters"][row.cluster],
            outcome_text=row.outcome_text,
        )
        for row in chunk
    )
    pairs = list(zip(chunk, actions, strict=True))
    Lead.objects.bulk_create(
        Lead(action=action, partner=places["leads"][place], order=order, acceptance="accepted")
        for row, action in pairs
        for order, place in enumerate(row.leads, start=1)
    )
    Relationship.objects.bulk_create(
        Relationship(action=action, vital_few=vital_few, strength=strength)
        for row, action in pairs
        for vital_few, strength in zip(places["vital_fews"], row.relationships, strict=True)
        if strength
    )
    made = iter(OutcomeMeasure.objects.bulk_create(list(_measures_of(pairs))))
    return [list(islice(made, len(row.measures))) for row in chunk]


def _measures_of(pairs: list[tuple[ActionRow, Action]]) -> Any:
    today = timezone.localdate()
    for row, action in pairs:
        for order, (measure, _) in enumerate(row.measures, start=1):
            day = measure.target_day
            yield OutcomeMeasure(
                action=action,
                order=order,
                text=measure.text,
                year=2008,
                target=measure.target,
                target_date=None if day is None else today + timedelta(days=day),
            )


def _write_updates(
    chunk: list[ActionRow],
    measures: list[list[OutcomeMeasure]],
    places: dict[str, list[Any]],
    authors: dict[int, User],
    at: Callable[[datetime], None],
) -> None:
    """Write the updates of a chunk in chronological order, so that some actions change each week."""
    made = []
    for row, of_row in zip(chunk, measures, strict=True):
        partner = places["leads"][row.leads[0]]
        for measure, (_, reported) in zip(of_row, row.measures, strict=True):
            made += [_update(measure, one, partner, authors[partner.pk]) for one in reported]
    for some in _batches(sorted(made, key=lambda update: update.recorded_at)):
        at(some[0].recorded_at)
        ProgressUpdate.objects.bulk_create(some, batch_size=2_000)


def _update(measure: OutcomeMeasure, update: Update, partner: Partner, author: User) -> ProgressUpdate:
    day = timezone.localdate() - timedelta(days=update.days_ago)
    complete = update.status == "complete"
    return ProgressUpdate(
        measure=measure,
        status=update.status,
        comment=update.comment,
        next_step=update.next_step,
        value=update.value,
        evidence="The final report." if complete else "",
        completed_on=day if complete else None,
        author=author,
        author_role=author.role,
        on_behalf_of=partner,
        recorded_at=timezone.make_aware(datetime.combine(day, time(*divmod(update.minute, 60)))),
    )


def _batches(updates: Iterable[ProgressUpdate]) -> Iterator[list[ProgressUpdate]]:
    """Cut `updates`, in their order, into batches with at most one update of a measure: a batch has one stamp."""
    batch: dict[int, ProgressUpdate] = {}
    for update in updates:
        if update.measure_id in batch:
            yield list(batch.values())
            batch = {}
        batch[update.measure_id] = update
    if batch:
        yield list(batch.values())


def _know_the_tables() -> None:
    """Do what autovacuum does soon after a load on PostgreSQL; the tests' server has it off."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def fill_framework() -> None:
    """The real framework with a year of progress, as `make run` and `make demo` make it. Needs DEMONSTRATION=on."""
    call_command("prepare", verbosity=0)
    call_command("demonstration_progress", verbosity=0)
    _know_the_tables()


def facts(people: int) -> dict[str, Any]:
    """Create people with sessions, and return these and the addresses that depend on the rows."""
    staff = _staff()
    number = min(18, Action.objects.count())
    lead = _lead_of("lead@bench.example", [number])
    pairs = Counter(Action.objects.values_list("theme", "cluster")).most_common(1)
    (theme, cluster), matching = pairs[0]
    return {
        "actions": Action.objects.count(),
        "updates": ProgressUpdate.objects.count(),
        "staff": _session(staff),
        "lead": _session(lead),
        "form": f"/actions/{number}/measures/1/update/",
        "action": f"/actions/{number}/",
        "theme": [theme, Theme.objects.get(pk=theme).slug],
        "cluster": [cluster, Cluster.objects.get(pk=cluster).slug],
        "matching": matching,
        "table": ACTION_TABLE,
        "people": _people(people),
    }


def _staff() -> User:
    """The one person of City Growth, who also closes the periods of a generated plan."""
    email = "staff@bench.example"
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, name="Sam Staff", role=User.Role.STAFF)


def _people(people: int) -> list[dict[str, Any]]:
    """People who may submit on an action of their own and, ten to each, on one that others share."""
    numbers = list(Action.objects.order_by("number").values_list("number", flat=True)[: people + 5])
    shared, own = numbers[:5], numbers[5:] or numbers
    found = []
    for place in range(people):
        mine, ours = own[place % len(own)], shared[place % len(shared)]
        person = _lead_of(f"person-{place}@bench.example", [mine, ours])
        found.append({"session": _session(person), "own": mine, "shared": ours})
    return found


def _lead_of(email: str, numbers: list[int]) -> User:
    """A lead of the first named partner of each of these actions."""
    user = User.objects.create_user(email, name=email.partition("@")[0])
    leads = Lead.objects.filter(action__number__in=numbers, order=1)
    user.partners.set(leads.values_list("partner", flat=True).distinct())
    return user


def _session(user: User) -> str:
    """A session of somebody who has a second factor, which staff need in real use."""
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def stored(prefix: str) -> dict[str, int]:
    """How many updates have a comment that begins with `prefix`, and how many different comments these are."""
    comments = ProgressUpdate.objects.filter(comment__startswith=prefix).values_list("comment", flat=True)
    return {"rows": len(comments), "different": len(set(comments))}


def hand_tuned(theme: int, cluster: int, limit: int) -> tuple[int, list[tuple[Any, ...]]]:
    """For the hand-tuned peer: how many actions match two filters, and the first of them as tuples."""
    found = Action.objects.filter(theme=theme, cluster=cluster)
    columns = ("number", "title", "theme__name", "cluster__name", "outcome_text")
    return found.count(), list(found.order_by("number").values_list(*columns)[:limit])
