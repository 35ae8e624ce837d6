"""What the database itself enforces, however it is asked: the ORM, `.update()`, `bulk_create` and raw SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from actions.models import (
    Action,
    ActionVersion,
    EvidenceFile,
    Lead,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    SourceCell,
    Status,
    UpdateDraft,
    as_number,
    percent_of_target,
)
from actions.models.status import CHOOSABLE
from history import triggers
from history.clock import plan_change
from history.models import VERSIONS, Clock, PlanChange, Version
from partners.models import Partner, User
from reporting.models import BoardMeeting, ReportingPeriod
from strategy.models import Cluster, Theme, VitalFew
from tests.conftest import Report

TWICE = "(?i)unique|never replaced"  # SQLite's triggers come before its own check


def refused(attempt: Callable[[], object], match: str | None = None) -> None:
    """The database refuses what `attempt` does."""
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        attempt()


def sql(statement: str, *values: Any) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def measure(number: int, order: int = 1) -> OutcomeMeasure:
    return OutcomeMeasure.objects.get(action__number=number, order=order)


# --- Append-only ---------------------------------------------------------


def test_the_database_has_exactly_the_triggers_that_the_models_ask_for(db: None) -> None:
    assert triggers.installed(connection) == triggers.expected(connection)
    assert len(triggers.installed(connection)) > 50


def test_a_progress_update_is_never_changed(report: Report) -> None:
    filed = report(1, comment="As it was")
    table = ProgressUpdate._meta.db_table
    changed = ProgressUpdate.objects.get()
    changed.comment = "Otherwise"
    for attempt in (
        changed.save,
        lambda: changed.save(update_fields=["comment"]),
        lambda: ProgressUpdate.objects.update(comment="Otherwise"),
        lambda: ProgressUpdate.objects.bulk_update([changed], ["comment"]),
        lambda: ProgressUpdate.objects.filter(pk=filed.pk).update(recorded_at=timezone.now()),
        sql(f"UPDATE {table} SET comment = 'Otherwise'"),
        sql(f"UPDATE {table} SET comment = comment"),
    ):
        refused(attempt, "never changed")
    assert ProgressUpdate.objects.get().comment == "As it was"


def test_a_progress_update_is_never_deleted(report: Report) -> None:
    filed = report(1)
    table = ProgressUpdate._meta.db_table
    for attempt in (
        filed.delete,
        ProgressUpdate.objects.all().delete,
        lambda: ProgressUpdate.objects.all()._raw_delete("default"),
        sql(f"DELETE FROM {table} WHERE id = %s", filed.pk),
    ):
        refused(attempt, "never deleted")
    filed.refresh_from_db()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has REPLACE")
def test_a_progress_update_is_never_replaced(report: Report) -> None:
    filed = report(1, comment="As it was")
    table = ProgressUpdate._meta.db_table
    columns = [f'"{field.column}"' for field in ProgressUpdate._meta.local_fields]
    values = ["'Otherwise'" if column == '"comment"' else column for column in columns]
    replace = f"REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}"
    refused(sql(replace), "never replaced")
    filed.refresh_from_db()
    assert filed.comment == "As it was"


def test_the_measure_and_the_people_of_a_progress_update_cannot_be_deleted(
    report: Report, staff: User
) -> None:
    filed = report(1)
    for row in (filed.measure, staff, filed.on_behalf_of):
        with pytest.raises(models.ProtectedError):
            row.delete()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.__name__)
def test_history_is_never_changed_and_never_deleted(period: ReportingPeriod, version: type[Version]) -> None:
    BoardMeeting.objects.create(name="January", slug="january", held_on=date(2008, 1, 1))
    table = version._meta.db_table
    kept = version.kept_fields()[0].column
    before = list(version.objects.order_by("pk").values())
    assert before
    row = version.objects.all()[0]
    row.known_from = timezone.now()
    for attempt in (
        row.save,
        lambda: version.objects.update(known_from=timezone.now()),
        lambda: version.objects.update(row_id=1 + before[0]["row_id"], known_until=timezone.now()),
        sql(f'UPDATE {table} SET "{kept}" = "{kept}"'),
    ):
        refused(attempt, "never changed")
    for attempt in (row.delete, version.objects.all().delete, sql(f"DELETE FROM {table}")):
        refused(attempt, "never deleted")
    assert list(version.objects.order_by("pk").values()) == before


def test_a_version_that_ended_is_never_opened_again(framework: None) -> None:
    Action.objects.filter(number=1).update(title="Otherwise")
    ended = ActionVersion.objects.filter(known_until__isnull=False)
    assert ended.count() == 1
    for values in ({"known_until": None}, {"known_until": timezone.now()}, {"end_change": None}):
        refused(lambda values=values: ended.update(**values))


def test_a_plan_change_is_never_deleted_and_its_words_are_never_changed(staff: User) -> None:
    with plan_change(by=staff, reason="Better words") as change:
        Action.objects.filter(number=1).update(title="Otherwise")
    refused(lambda: PlanChange.objects.filter(pk=change.pk)._raw_delete("default"), "never deleted")
    refused(sql(f"DELETE FROM {PlanChange._meta.db_table}"), "never deleted")
    for values in (
        {"reason": "x"},
        {"by": None},
        {"by_name": "Somebody Else"},
        {"recorded_at": timezone.now()},
        {"kind": "import"},
    ):
        refused(
            lambda values=values: PlanChange.objects.filter(pk=change.pk).update(**values), "never changed"
        )
    Theme.objects.filter(slug="spatial-issues").update(order=9)  # another stamp than the change's
    for values in ({"change": change, "must_end": 1}, {"change": change}):
        refused(lambda values=values: Clock.objects.update(**values), "is over|must end")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has TRUNCATE")
def test_what_was_recorded_is_never_truncated(report: Report, period: ReportingPeriod) -> None:
    report(1)
    sql("SET CONSTRAINTS ALL IMMEDIATE")()
    for model in (ProgressUpdate, PlanChange, *VERSIONS):
        before = model._default_manager.count()
        refused(sql(f"TRUNCATE {model._meta.db_table} CASCADE"), "never deleted")
        assert model._default_manager.count() == before


def test_only_one_plan_change_is_open_at_a_time(staff: User) -> None:
    with plan_change(by=staff, reason="Outer") as change:
        refused(lambda: PlanChange.objects.create(reason="Inner"), "open already")
        with pytest.raises(IntegrityError, match="open already"), plan_change(by=staff, reason="Inner"):
            pass
        assert Clock.objects.get().change == change
    assert (Clock.objects.get().change, PlanChange.objects.filter(reason="Inner").count()) == (None, 0)


def test_an_error_inside_a_plan_change_undoes_it_whole(staff: User) -> None:
    before = PlanChange.objects.count(), ActionVersion.objects.count()

    def change_half() -> None:
        with plan_change(by=staff, reason="Half"):
            Action.objects.filter(number=1).update(title="Otherwise")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_half()
    assert (PlanChange.objects.count(), ActionVersion.objects.count()) == before


# --- What a progress update must say -------------------------------------


@pytest.mark.parametrize(
    ("status", "lacking"),
    [(status, name) for status in CHOOSABLE for name in status.asks_for],
)
def test_each_status_demands_its_fields(report: Report, status: Status, lacking: str) -> None:
    empty = None if lacking.endswith("_on") else ""
    refused(lambda: report(1, status=status, **{lacking: empty}))
    report(1, status=status)


@pytest.mark.parametrize("status", CHOOSABLE)
def test_bulk_create_is_held_to_the_same(report: Report, status: Status) -> None:
    filed = report(1, status=status)
    filed.pk, filed.once_key = None, "another"
    for name in status.asks_for:
        setattr(filed, name, None if name.endswith("_on") else "")
    refused(lambda: ProgressUpdate.objects.bulk_create([filed]))


@pytest.mark.parametrize("status", ["not-reported", "On track", "", "late"])
def test_nobody_files_a_status_that_is_not_to_be_chosen(report: Report, status: str) -> None:
    filed = report(1)
    filed.pk, filed.once_key, filed.status = None, "another", status
    refused(lambda: ProgressUpdate.objects.bulk_create([filed]))


def test_evidence_is_words_or_an_address_or_a_file(report: Report, staff: User) -> None:
    file = EvidenceFile.objects.create(
        measure=measure(1),
        uploaded_by=staff,
        file="x",
        name="minutes.pdf",
        content_type="application/pdf",
        size=1,
    )
    assert report(1, status="complete", evidence="Said").evidence_in_words == "Said"
    by_address = report(1, status="complete", evidence="", evidence_url="https://example.org/")
    assert by_address.evidence_in_words == "https://example.org/"
    by_file = report(1, status="complete", evidence="", evidence_file=file)
    assert by_file.evidence_in_words == "minutes.pdf"


def test_only_staff_close_a_measure(report: Report, lead: User, staff: User) -> None:
    refused(lambda: report(1, status="closed", by=lead), "update_closed_by_staff|CHECK")
    assert report(1, status="closed", by=staff).status == Status.CLOSED


@pytest.mark.parametrize("status", CHOOSABLE)
def test_no_change_repeats_only_on_track_and_not_started(report: Report, status: Status) -> None:
    if status in (Status.ON_TRACK, Status.NOT_STARTED):
        assert report(1, status=status, no_change=True, comment="").no_change
    else:
        refused(lambda: report(1, status=status, no_change=True))


def test_a_value_is_only_for_a_measure_with_a_numeric_target(report: Report) -> None:
    refused(lambda: report(1, value=3), "numeric target")
    refused(lambda: report(23, 1, value=3), "numeric target")
    assert report(23, 2, value=3).value == 3
    assert report(18, value=0).value == 0
    filed = report(1)
    filed.pk, filed.once_key, filed.value = None, "another", 0
    refused(lambda: ProgressUpdate.objects.bulk_create([filed]), "numeric target")


def test_one_form_files_one_report_and_one_update_is_corrected_once(report: Report) -> None:
    first = report(1, once_key="form")
    refused(lambda: report(1, once_key="form"))
    report(1, corrects=first)
    refused(lambda: report(1, corrects=first))


def test_an_update_names_the_role_that_its_author_had(report: Report, lead: User) -> None:
    filed = report(1, by=lead)
    User.objects.filter(pk=lead.pk).update(role=User.Role.STAFF)
    filed = ProgressUpdate.objects.with_evidence().get(pk=filed.pk)
    assert filed.submitted_by == "Lena Lead, Learning & Skills Council"
    assert (
        report(1, by=filed.author).submitted_by
        == "Lena Lead (City Growth staff), for Learning & Skills Council"
    )


def test_an_update_for_everyone_is_for_all_partners(report: Report, staff: User) -> None:
    everyone = Partner.objects.get(kind=Partner.Kind.EVERYONE)
    update = ProgressUpdate.objects.get(pk=report(4, by=staff, on_behalf_of=everyone).pk)
    assert update.submitted_by == "Sam Staff (City Growth staff), for all partners"


# --- The plan's rows -----------------------------------------------------


def copy_of(row: models.Model, **changes: Any) -> models.Model:
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        pytest.param(VitalFew, {"order": 9}, id="vital few code"),
        pytest.param(VitalFew, {"code": "VF9"}, id="vital few order"),
        pytest.param(Theme, {"slug": "x"}, id="theme name"),
        pytest.param(Theme, {"name": "x"}, id="theme slug"),
        pytest.param(Cluster, {"slug": "x"}, id="cluster name"),
        pytest.param(Cluster, {"name": "x"}, id="cluster slug"),
        pytest.param(Partner, {"slug": "x"}, id="partner name"),
        pytest.param(Partner, {"name": "x"}, id="partner slug"),
        pytest.param(Action, {}, id="action number"),
        pytest.param(Lead, {"order": 9}, id="lead partner"),
        pytest.param(Lead, {"partner_id": None}, id="lead order"),
        pytest.param(Relationship, {}, id="relationship"),
        pytest.param(OutcomeMeasure, {}, id="measure order"),
        pytest.param(SourceCell, {}, id="source cell"),
    ],
)
def test_each_row_of_the_plan_stands_once(framework: None, model: type[Any], changes: dict[str, Any]) -> None:
    row = model.objects.all()[0]
    if "partner_id" in changes:
        changes = {"partner_id": Partner.objects.exclude(pk=row.partner_id)[0].pk}
    refused(lambda: model.objects.bulk_create([copy_of(row, **changes)]), TWICE)


def test_only_one_partner_is_everyone(framework: None) -> None:
    refused(lambda: Partner.objects.filter(slug="legi").update(kind="everyone"), "(?i)unique")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Relationship, {"strength": "x"}),
        (Relationship, {"strength": ""}),
        (Lead, {"acceptance": "maybe"}),
        (Partner, {"kind": "club"}),
        (Action, {"number": 0}),
        (OutcomeMeasure, {"baseline": 1, "target": None}),
        (OutcomeMeasure, {"revised_date": date(2009, 1, 1)}),
        (OutcomeMeasure, {"target_date": date(2009, 1, 1), "revised_date": date(2009, 1, 1)}),
        (PlanChange, {"kind": "guess"}),
    ],
)
def test_codes_and_values_that_are_not_allowed_are_refused(
    framework: None, model: type[Any], values: dict[str, Any]
) -> None:
    one = model.objects.order_by("pk")[:1].values("pk")
    refused(lambda: model.objects.filter(pk__in=list(one.values_list("pk", flat=True))).update(**values))


def test_what_the_plan_refers_to_cannot_be_deleted(framework: None) -> None:
    for model in (VitalFew, Theme, Cluster, Partner, Action):
        with pytest.raises(models.ProtectedError):
            model.objects.all()[0].delete()


def test_the_original_target_date_stays_for_good(framework: None) -> None:
    row = measure(1)
    row.target_date = date(2008, 12, 31)
    row.save()
    row.target_date = date(2009, 6, 30)
    for attempt in (
        row.save,
        lambda: OutcomeMeasure.objects.filter(pk=row.pk).update(target_date=None),
        lambda: OutcomeMeasure.objects.bulk_update([row], ["target_date"]),
        sql(f"UPDATE {OutcomeMeasure._meta.db_table} SET target_date = '2010-01-01' WHERE id = %s", row.pk),
    ):
        refused(attempt, "stays for good")
    with pytest.raises(ValidationError, match="Set a revised date"):
        row.clean()
    OutcomeMeasure.objects.filter(pk=row.pk).update(revised_date=date(2009, 6, 30))
    row.refresh_from_db()
    assert (row.target_date, row.revised_date) == (date(2008, 12, 31), date(2009, 6, 30))


# --- Periods and meetings ------------------------------------------------


def new_period(name: str, opens: date, closes: date, **fields: Any) -> ReportingPeriod:
    return ReportingPeriod(name=name, slug=name, opens=opens, due=opens, closes=closes, **fields)


@pytest.mark.parametrize(
    ("opens", "closes", "allowed"),
    [(-30, -21, True), (-30, -20, False), (-30, 50, False), (0, 1, False), (40, 50, False), (41, 50, True)],
)
def test_reporting_periods_never_overlap(
    period: ReportingPeriod, opens: int, closes: int, allowed: bool
) -> None:
    today = timezone.localdate()
    other = new_period("other", today + timedelta(days=opens), today + timedelta(days=closes))
    if allowed:
        other.full_clean()
        other.save()
        return
    with pytest.raises(ValidationError, match="This period overlaps Autumn round"):
        other.full_clean()
    refused(other.save, "do not overlap")
    refused(lambda: ReportingPeriod.objects.bulk_create([other]), "do not overlap")


def test_a_period_is_not_moved_over_another_and_two_of_one_statement_do_not_overlap(framework: None) -> None:
    first = new_period("first", date(2008, 1, 1), date(2008, 1, 31))
    refused(
        lambda: ReportingPeriod.objects.bulk_create(
            [first, new_period("x", date(2008, 1, 31), date(2008, 2, 1))]
        ),
        "do not overlap",
    )
    second = new_period("second", date(2008, 2, 1), date(2008, 2, 29))
    ReportingPeriod.objects.bulk_create([first, second])
    moved = ReportingPeriod.objects.filter(slug="first")
    refused(lambda: moved.update(closes=date(2008, 2, 1)), "do not overlap")
    moved.update(closes=date(2008, 1, 30))


def test_only_one_period_is_open(period: ReportingPeriod) -> None:
    now, long_ago = timezone.now(), date(2008, 1, 1)
    refused(new_period("other", long_ago, long_ago, opened_at=now).save, "period_one_open")
    new_period("other", long_ago, long_ago).save()
    other = ReportingPeriod.objects.filter(slug="other")
    refused(lambda: other.update(opened_at=now), "period_one_open")
    ReportingPeriod.objects.filter(pk=period.pk).update(closed_at=now)
    other.update(opened_at=now)
    assert [period.name for period in ReportingPeriod.objects.open()] == ["other"]


@pytest.mark.parametrize(
    "values",
    [
        {"opens": date(2008, 1, 2)},
        {"closes": date(2007, 12, 31)},
        {"due": date(2008, 1, 2)},
        {"closed_at": timezone.now()},
    ],
)
def test_a_periods_dates_are_in_order(framework: None, values: dict[str, Any]) -> None:
    day = date(2008, 1, 1)
    new_period("x", day, day).save()
    refused(lambda: ReportingPeriod.objects.update(**values), "(?i)check")


def test_period_names_and_meetings_stand_once(period: ReportingPeriod) -> None:
    long_ago = date(2008, 1, 1)
    for taken in ({"name": period.name}, {"slug": period.slug}):
        other = new_period("other", long_ago, long_ago)
        for name, value in taken.items():
            setattr(other, name, value)
        refused(other.save, TWICE)
    BoardMeeting.objects.create(name="January", slug="january", held_on=long_ago)
    refused(lambda: BoardMeeting.objects.create(name="x", slug="x", held_on=long_ago), TWICE)
    refused(lambda: BoardMeeting.objects.create(name="x", slug="january", held_on=date(2008, 2, 1)), TWICE)


# --- Answers, proposals and drafts ---------------------------------------


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({"answer": "accept"}, True),
        ({"answer": "decline", "reason": "No"}, True),
        ({"answer": "decline"}, False),
        ({"answer": "propose", "reason": "They"}, False),
        ({"answer": "maybe", "reason": "Well"}, False),
        ({"answer": "accept", "decision": "agreed"}, False),
        ({"answer": "accept", "decided_at": timezone.now()}, False),
    ],
)
def test_an_answer_of_a_suggested_lead_says_what_it_must(
    lead: User, fields: dict[str, Any], allowed: bool
) -> None:
    suggested = Lead.objects.get(action__number=1)
    answer = LeadAnswer(lead=suggested, asked_by=lead, **fields)
    if not allowed:
        return refused(answer.save, "(?i)check")
    answer.save()
    return refused(
        lambda: LeadAnswer.objects.create(lead=suggested, asked_by=lead, answer="accept"), "(?i)unique"
    )


def test_who_accepts_proposes_nobody(lead: User) -> None:
    suggested, legi = Lead.objects.get(action__number=1), Partner.objects.get(slug="legi")
    refused(lambda: LeadAnswer.objects.create(lead=suggested, asked_by=lead, answer="accept", proposed=legi))


def test_a_proposal_for_a_measure_says_something_and_is_decided_by_someone(lead: User) -> None:
    refused(lambda: MeasureProposal.objects.create(measure=measure(20), asked_by=lead))
    proposal = MeasureProposal.objects.create(measure=measure(20), asked_by=lead, unit="places")
    proposal.decision = "agreed"
    refused(proposal.save)


def test_a_person_has_one_draft_a_measure(lead: User, stranger: User) -> None:
    UpdateDraft.objects.create(measure=measure(4), author=lead)
    UpdateDraft.objects.create(measure=measure(4), author=stranger)
    refused(lambda: UpdateDraft.objects.create(measure=measure(4), author=lead), "(?i)unique")


# --- Words and numbers ---------------------------------------------------


@pytest.mark.parametrize(
    ("value", "target", "percent"),
    [(25, 100, 25), (0, 10, 0), (15, 10, 150), (None, 10, None), (1, None, None), (1, 0, None)],
)
def test_percent_of_target_is_none_where_either_is_missing(
    value: int | None, target: int | None, percent: int | None
) -> None:
    def decimal(number: int | None) -> Decimal | None:
        return None if number is None else Decimal(number)

    assert percent_of_target(decimal(value), decimal(target)) == decimal(percent)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100.00", "100"),
        ("1234.50", "1,234.5"),
        ("0.00", "0"),
        ("0.05", "0.05"),
        ("1000000", "1,000,000"),
        (None, ""),
    ],
)
def test_numbers_read_as_people_write_them(value: str | None, text: str) -> None:
    assert as_number(None if value is None else Decimal(value)) == text


def test_a_target_may_change_and_not_go_once_values_stand_against_it(report: Report) -> None:
    measure = OutcomeMeasure.objects.get(action__number=20)
    report(20, value=3)
    OutcomeMeasure.objects.filter(pk=measure.pk).update(target=12)
    with pytest.raises(IntegrityError, match="can be changed, but not removed"), transaction.atomic():
        OutcomeMeasure.objects.filter(pk=measure.pk).update(target=None)
    measure.target = None
    with pytest.raises(ValidationError, match="can change it, but not remove it"):
        measure.full_clean()
