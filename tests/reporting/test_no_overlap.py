"""Two people save overlapping periods at the same time: one of them is refused, by the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reporting.models import ReportingPeriod
from tests.actors import Actor

pytestmark = pytest.mark.untraced

INSERT = """
from datetime import date
from django.db import IntegrityError, transaction
from reporting.models import ReportingPeriod

def insert(name, first):
    ReportingPeriod.objects.create(
        name=name, slug=name, opens=date(2031, 1, first), due=date(2031, 1, 20), closes=date(2031, 2, 1)
    )
"""
HELD_OPEN = "held = transaction.atomic(); held.__enter__(); insert('one', 1)"
SECOND = """
answer = "saved"
try:
    with transaction.atomic():
        insert("two", 10)
except IntegrityError as error:
    answer = str(error)
"""
FOUND = "answer = list(ReportingPeriod.objects.filter(opens__year=2031).order_by('pk').values_list('name', flat=True))"


def test_of_two_overlapping_periods_in_two_transactions_one_is_refused(actors: list[Actor]) -> None:
    """Plain transactions, which do not take turns as the portal's own writers do."""
    first, second = actors[:2]
    first.run(INSERT)
    second.run(INSERT)
    first.run(HELD_OPEN)
    second.start(SECOND)
    assert second.is_waiting()
    first.run("held.__exit__(None, None, None)")
    assert "overlap" in second.answer()
    assert first.run(FOUND) == ["one"]


def test_the_database_refuses_an_overlap_of_its_own_accord(period: ReportingPeriod) -> None:
    """Also without the portal's rule: on PostgreSQL a constraint of its own holds."""
    other = ReportingPeriod(
        name="Other", slug="other", opens=period.closes, due=period.closes, closes=period.closes
    )
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        other.save()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL session_replication_role = replica"
            )  # the portal's triggers do not fire
            with pytest.raises(IntegrityError, match="period_no_overlap"), transaction.atomic():
                other.save()
            cursor.execute("SET LOCAL session_replication_role = origin")
    other.opens = other.due = other.closes = timezone.localdate() + timedelta(days=41)
    other.save()
