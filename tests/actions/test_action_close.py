"""Closing an action as the board decided."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from actions.editing.write import EditRefused, close_action
from actions.models import Action, Lead, ProgressUpdate, Status
from actions.plan import Plan
from partners.models import User
from tests.conftest import Report
from tests.pages import form_data, page, tree

pytestmark = pytest.mark.once

ADDRESS = "/actions/23/close/"


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def test_every_unfinished_measure_is_closed_with_reason_and_date(
    client: Client, staff: User, report: Report
) -> None:
    report(23, 1, "complete")
    found = page(client, ADDRESS)
    assert "Not yet reported" in found.text
    data = form_data(found.by_id("main").one("form"))
    today = timezone.localdate()
    for typed, errors in (
        ({}, ["Enter the date of the board’s decision.", "Enter a reason."]),
        (
            {"decided_on": f"{today + timedelta(days=1)}", "reason": "x"},
            ["The date must be today or in the past."],
        ),
    ):
        response = client.post(ADDRESS, data | typed)
        assert response.status_code == 422
        summary = tree(response.content.decode()).one(css="govuk-error-summary")
        assert [one.text for one in summary.all("li")] == errors
    data |= {"decided_on": f"{today}", "reason": "Merged with action 24"}
    assert client.post(ADDRESS, data).status_code == 302
    updates = list(ProgressUpdate.objects.filter(measure__action__number=23).order_by("pk"))
    closed = updates[1:]
    assert {(one.status, one.comment, one.decided_on, one.author) for one in closed} == {
        (Status.CLOSED, "Merged with action 24", today, staff)
    }
    assert [one.status for one in Plan().row(23).measures] == [
        Status.COMPLETE,
        *[Status.CLOSED] * len(closed),
    ]
    assert "is already complete or closed" in page(client, ADDRESS).text
    with pytest.raises(EditRefused):
        close_action(
            action=Action.objects.get(number=23), seen=updates[-1].pk, reason="x", decided_on=today, by=staff
        )


def test_an_update_submitted_meanwhile_is_not_closed_over(client: Client, report: Report) -> None:
    data = form_data(page(client, ADDRESS).by_id("main").one("form"))
    data |= {"decided_on": f"{timezone.localdate()}", "reason": "Withdrawn"}
    report(23, 1, "on-track")
    response = client.post(ADDRESS, data)
    assert response.status_code == 422
    found = tree(response.content.decode())
    assert "Somebody has submitted an update" in found.text
    assert "On track" in found.text
    again = form_data(found.by_id("main").one("form"))
    assert again["reason"].strip() == "Withdrawn"
    assert client.post(ADDRESS, again).status_code == 302
    assert Plan().row(23).status == Status.CLOSED


def test_an_action_without_a_lead_gets_one_first(client: Client) -> None:
    Lead.objects.filter(action__number=23).delete()
    data = form_data(page(client, ADDRESS).by_id("main").one("form"))
    response = client.post(ADDRESS, data | {"decided_on": f"{timezone.localdate()}", "reason": "Withdrawn"})
    assert response.status_code == 422
    assert "Add a lead first" in response.content.decode()
