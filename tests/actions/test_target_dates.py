"""One target date for all measures that have none: shown before, saved once, and never over a date that is set."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from actions.models import OutcomeMeasure, OutcomeMeasureVersion
from history.clock import plan_change
from history.models import PlanChange
from partners.models import User
from tests.pages import form_data, page, tree

pytestmark = pytest.mark.once

ADDRESS = "/actions/target-dates/"


def test_the_plan_ends_on_a_day(client_of: Callable[[User], Client], staff: User) -> None:
    client = client_of(staff)
    with plan_change(by=staff, reason="Known before"):
        OutcomeMeasure.objects.filter(action__number=7).update(target_date=date(2008, 6, 30))
    start = page(client, ADDRESS)
    assert "32 outcome measures have no target date" in start.text
    data = form_data(start.by_id("main").one("form"))
    response = client.post(ADDRESS, data)
    assert response.status_code == 422
    assert [one.text for one in tree(response.content.decode()).one(css="govuk-error-summary").all("li")] == [
        "Enter the target date.", "Enter a reason.",
    ]  # fmt: skip
    count = PlanChange.objects.count()
    response = client.post(ADDRESS, data | {"day": "2008-12-31", "reason": "The plan ends", "do": "check"})
    checked = tree(response.content.decode())
    assert "The target date of 32 measures becomes 31 December 2008" in checked.text
    assert PlanChange.objects.count() == count
    carried = form_data(checked.by_id("main").one("form"))
    edited = client.post(ADDRESS, carried | {"do": "edit"}).content.decode()
    assert "The plan ends" in edited
    with plan_change(by=staff, reason="Meanwhile"):
        OutcomeMeasure.objects.filter(action__number=8).update(target_date=date(2008, 7, 31))
    response = client.post(ADDRESS, carried | {"do": "save"})
    assert response.status_code == 409  # what was checked is no longer what would be saved
    carried = form_data(tree(response.content.decode()).by_id("main").one("form"))
    assert client.post(ADDRESS, carried | {"do": "save"}).status_code == 302
    assert set(OutcomeMeasure.objects.values_list("target_date", flat=True)) == {
        date(2008, 6, 30), date(2008, 7, 31), date(2008, 12, 31),
    }  # fmt: skip
    versions = OutcomeMeasureVersion.objects.open().filter(target_date=date(2008, 12, 31))
    assert {(one.change.by, one.change.reason) for one in versions if one.change} == {
        (staff, "The plan ends")
    }
    assert "Every outcome measure has a target date" in page(client, ADDRESS).text


@pytest.mark.once
def test_the_way_there_is_on_the_list_of_measures(client_of: Callable[[User], Client], staff: User) -> None:
    assert "Set missing target dates" in page(client_of(staff), "/measures/").text
