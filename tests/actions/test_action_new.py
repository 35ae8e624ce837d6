"""Adding an action: complete and checked before anything of it is in the plan."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.editing.write import EditRefused, check_number
from actions.models import Action, Lead, OutcomeMeasure, Relationship, Status
from actions.plan import Plan
from history.models import PlanChange
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.pages import Element, form_data, page, tree

pytestmark = pytest.mark.once

ADDRESS = "/actions/new/"


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def form_of(found: Element) -> dict[str, Any]:
    return form_data(found.by_id("main").one("form"))


def press(client: Client, data: dict[str, Any], do: str, status: int) -> Element:
    response = client.post(ADDRESS, data | {"do": do})
    assert response.status_code == status, tree(response.content.decode()).text[:1500]
    return tree(response.content.decode()) if status != 302 else Element("none")


def errors(found: Element) -> list[str]:
    return [one.text for one in found.one(css="govuk-error-summary").all("li")]


def complete() -> dict[str, str]:
    return {
        "title": "Open a market for local food",
        "outcome_text": "A market every month",
        "theme": str(Theme.objects.get(slug="image-identity").pk),
        "cluster": str(Cluster.objects.get(slug="food-drink").pk),
        f"mark_{VitalFew.objects.get(code='VF3').pk}": "X",
        "new_lead_1": str(Partner.objects.get(slug="universities").pk),
        "new_lead_1_as": "accepted",
        "new_1_text": "12 markets a year",
        "new_1_target": "12",
        "new_1_target_date": "2030-12-31",
        "reason": "Agreed by the board",
    }


def test_an_action_is_added_when_it_is_complete_and_checked(client: Client, staff: User) -> None:
    start = page(client, ADDRESS)
    assert form_of(start)["number"] == "33"
    assert "Add an action" in page(client, "/actions/").text
    count = PlanChange.objects.count()
    refused = press(client, form_of(start), "check", 422)
    assert errors(refused) == [
        "Enter what the action is.", "Enter the outcome.", "Choose a theme.", "Choose a cluster.",
        "Choose X or O for at least one vital few.", "Choose at least one lead.",
        "New measure: enter the wording.", "Enter a reason.",
    ]  # fmt: skip
    data = form_of(press(client, form_of(refused) | complete(), "add-lead", 200))
    checked = press(client, data, "check", 200)
    assert "Relationship to VF3" in checked.text
    assert "12 markets a year" in checked.text
    assert (Action.objects.count(), PlanChange.objects.count()) == (32, count)
    edited = form_of(press(client, form_of(checked), "edit", 200))
    assert edited["title"].strip() == "Open a market for local food"
    press(client, form_of(checked), "save", 302)
    press(client, form_of(checked), "save", 422)  # a double click
    assert (Action.objects.count(), PlanChange.objects.count()) == (33, count + 1)
    row = Plan().row(33)
    assert (row.status, row.marks, row.leads_in_words) == (
        Status.NOT_REPORTED,
        {"VF3": "X"},
        "Universities (accepted)",
    )
    assert row.measures[0].measure.target == 12
    assert "Sam Staff: Agreed by the board" in page(client, "/actions/33/").text


def test_a_number_is_used_once(client: Client) -> None:
    data = form_of(page(client, ADDRESS)) | complete()
    for number, error in (
        ("7", "There is already an action 7. Choose another number."),
        ("0", "Ensure this value is greater than or equal to 1."),
        ("x", "The number must be a whole number."),
    ):
        assert errors(press(client, data | {"number": number}, "save", 422)) == [error]
    assert Action.objects.count() == 32
    with pytest.raises(EditRefused):
        check_number(32)


def test_an_action_that_lacks_something_is_listed_as_incomplete(framework: None) -> None:
    assert not Plan().incomplete_actions().exists()
    Relationship.objects.filter(action__number=1).delete()
    Lead.objects.filter(action__number=2).update(acceptance="declined")
    OutcomeMeasure.objects.filter(action__number=3).delete()
    Lead.objects.filter(action__number=5).delete()
    assert [one.number for one in Plan().incomplete_actions()] == [1, 2, 3, 5]
