"""The portal's own database account cannot forge what was recorded, through the ORM or in SQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from actions.models import (
    Action,
    ActionVersion,
    EvidenceFile,
    KnownAction,
    KnownMeasure,
    Lead,
    LeadVersion,
    OutcomeMeasure,
    ProgressUpdate,
    SourceCell,
)
from history import clock, triggers
from history.models import VERSIONS, Clock, PlanChange
from partners.models import User
from tests.conftest import Report
from tests.pages import as_forged

pytestmark = pytest.mark.untraced

LONG_AGO = datetime(2008, 1, 1, tzinfo=UTC)
Attempt = Callable[[], object]


def refused(attempt: Attempt, words: str = "") -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        attempt()


# Updates


def test_a_backdated_update_is_stamped_now(report: Report, staff: User) -> None:
    before = clock.now()
    lead = Lead.objects.get(action__number=7)
    fields = {"status": "on-track", "comment": "Words", "author": staff, "author_role": "staff"}
    made = ProgressUpdate.objects.create(
        measure=OutcomeMeasure.objects.get(action__number=7),
        on_behalf_of=lead.partner,
        recorded_at=LONG_AGO,
        author_name="Somebody Else",
        partner_name="Another partner",
        **fields,
    )
    made.refresh_from_db()
    assert made.recorded_at >= before
    assert (made.author_name, made.partner_name) == ("Sam Staff", lead.partner.name)


def test_what_was_submitted_gets_no_other_key(report: Report) -> None:
    made = report(7)
    refused(lambda: ProgressUpdate.objects.filter(pk=made.pk).update(id=made.pk + 1), "never changed")


# The plan


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.__name__)
def test_keys_of_the_plans_rows_never_change(version: Any, framework: None, period: object) -> None:
    live = version.live._default_manager.first()
    if live is not None:
        rows = version.live._default_manager.filter(pk=live.pk)
        refused(
            lambda: rows.update(id=live.pk + 10_000), "key of a row is never changed|periods do not overlap"
        )


@pytest.mark.usefixtures("framework")
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"known_from": LONG_AGO},
        {"known_from": LONG_AGO, "known_until": LONG_AGO + timedelta(days=1)},
        {"title": "Otherwise"},
        {"row_id": 4711},
        {"change_id": None},
    ],
)
def test_a_version_is_written_by_nobody(changed: dict[str, Any]) -> None:
    forged = as_forged(ActionVersion.objects.open().get(number=7), **changed)
    refused(lambda: forged.save(force_insert=True), "never written by hand")


@pytest.mark.usefixtures("framework")
def test_an_open_version_is_ended_by_nobody() -> None:
    version = LeadVersion.objects.open().filter(action__number=7)
    for moment in (LONG_AGO, clock.now(), clock.now() + timedelta(days=1)):
        refused(lambda moment=moment: version.update(known_until=moment), "never changed")
    refused(version.delete, "never deleted")


@pytest.mark.parametrize("model", [KnownAction, KnownMeasure])
def test_what_is_known_is_written_by_nobody(model: Any, report: Report) -> None:
    report(7, 1, "off-track")
    known = model.objects.open().filter(action__number=7)
    for values in ({"rank": 4}, {"known_from": LONG_AGO}, {"known_until": clock.now() + timedelta(days=1)}):
        refused(lambda values=values: known.update(**values), "calculated, never written by hand")
    forged = as_forged(known.get(), rank=4)
    refused(lambda: forged.save(force_insert=True), "calculated, never written by hand|(?i:unique)")
    ended = model.objects.filter(action__number=7, known_until__isnull=False)
    refused(ended.delete, "calculated, never written by hand")


@pytest.mark.usefixtures("framework")
def test_what_the_source_said_stays() -> None:
    cells = SourceCell.objects.filter(action__number=7)
    refused(lambda: cells.update(raw="Otherwise"), "a cell of the source is never changed")
    refused(cells.delete, "a cell of the source is never deleted")


def test_evidence_that_was_submitted_stays(report: Report, staff: User) -> None:
    measure = OutcomeMeasure.objects.get(action__number=7)
    file = EvidenceFile.objects.create(
        measure=measure, uploaded_by=staff, file=ContentFile(b"words", "notes.txt"), name="notes.txt",
        content_type="text/plain", size=5,
    )  # fmt: skip
    report(7, evidence_file=file)
    found = EvidenceFile.objects.filter(pk=file.pk)
    for values in ({"name": "other.txt"}, {"file": "evidence/other"}, {"size": 1}):
        refused(lambda values=values: found.update(**values), "an evidence file is never changed")
    refused(lambda: found._raw_delete("default"), "submitted is never deleted|(?i:foreign key)")


# Another program


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has REPLACE")
def test_another_program_on_the_file_replaces_nothing(other_database: str) -> None:
    """Without `recursive_triggers`, REPLACE deletes rows and fires no DELETE trigger."""
    with closing(sqlite3.connect(urlsplit(other_database).path)) as stranger:
        for table in ("actions_action", "actions_actionversion", "actions_knownaction", "history_planchange"):
            before = stranger.execute(f"SELECT * FROM {table}").fetchall()
            with pytest.raises(sqlite3.DatabaseError):
                stranger.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
            stranger.rollback()
            with pytest.raises(sqlite3.DatabaseError):
                stranger.execute(f"UPDATE OR REPLACE {table} SET id = id + 1")
            stranger.rollback()
            assert stranger.execute(f"SELECT * FROM {table}").fetchall() == before


# The role that serves the portal on PostgreSQL


@pytest.fixture
def as_application(report: Report) -> Iterator[None]:
    """Run the rest of the test as a role that does not own the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("CREATE ROLE application_of_a_test")
        with override_settings(DATABASE_APPLICATION_ROLE="application_of_a_test"):
            triggers.install(connection)
        cursor.execute("SET LOCAL ROLE application_of_a_test")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
@pytest.mark.usefixtures("as_application")
def test_the_serving_role_writes_what_people_write_and_nothing_else(report: Report, staff: User) -> None:
    report(7, 1, "off-track")
    with clock.plan_change(by=staff, reason="Better words"):
        Action.objects.filter(number=7).update(title="Otherwise")
    Lead.objects.filter(action__number=8).delete()
    assert KnownAction.objects.open().get(number=7).rank == 0
    clock.settle(clock.now())
    version = ActionVersion.objects.open().filter(number=7)
    trigger = "ALTER TABLE actions_progressupdate DISABLE TRIGGER ALL"
    for attempt in (
        lambda: version.update(title="Forged"),
        lambda: as_forged(version.get()).save(force_insert=True),
        version.delete,
        lambda: KnownAction.objects.open().update(rank=4),
        lambda: ProgressUpdate.objects.update(comment="Forged"),
        lambda: ProgressUpdate.objects.all()._raw_delete("default"),
        lambda: PlanChange.objects.update(reason="Forged"),
        lambda: Clock.objects.update(door="import"),
        sql(trigger),
        sql("CREATE OR REPLACE FUNCTION portal_now() RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$"),
        sql("DROP FUNCTION portal_actions_action_update() CASCADE"),
        sql("SET session_replication_role = replica"),
        sql("TRUNCATE actions_progressupdate CASCADE"),
    ):
        refused(attempt, "permission denied|must be owner")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
@pytest.mark.usefixtures("as_application")
def test_a_table_of_the_sessions_own_is_not_taken_for_the_clock(report: Report) -> None:
    sql("CREATE TEMP TABLE history_clock AS SELECT 1 AS id, 1::bigint AS stamp, 'x' AS door")()
    with connection.cursor() as cursor:
        columns, values = 'name, slug, "order", kind', "'New', 'new', 99, 'organisation'"
        cursor.execute(f"INSERT INTO public.partners_partner ({columns}) VALUES ({values}) RETURNING id")
        (key,) = cursor.fetchone()
        cursor.execute("SELECT known_from FROM partners_partnerversion WHERE row_id = %s", [key])
        (since,) = cursor.fetchone()
    assert since > datetime(2020, 1, 1, tzinfo=UTC)


def sql(statement: str) -> Attempt:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run
