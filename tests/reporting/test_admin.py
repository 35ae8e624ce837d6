"""Staff correct the plan in the admin: with a reason, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from actions.models import Action, ActionVersion, Lead, OutcomeMeasure, OutcomeMeasureVersion
from history.models import Clock, PlanChange
from partners.models import Partner, User
from reporting.models import ReportingPeriod
from tests.pages import Element, form_data, page, tree

pytestmark = pytest.mark.once

KEPT = (
    "actions.action", "partners.partner", "partners.user", "strategy.vitalfew", "strategy.theme", "strategy.cluster",
    "actions.progressupdate", "history.planchange", "actions.sourcecell",
)  # fmt: skip


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


def filled(client: Client, address: str, **values: Any) -> dict[str, Any]:
    """The form at `address` as a browser would send it, with these values typed."""
    form = next(form for form in page(client, address).all("form") if form.get("id").endswith("_form"))
    data = form_data(form)
    assert set(values) <= set(data), f"no field {set(values) - set(data)}"
    return data | values


def errors(response: Any) -> list[str]:
    assert response.status_code == 200
    found: Element = tree(response.content.decode())
    return [item.text for listed in found.all("ul", css="errorlist") for item in listed.all("li")]


# The plan


def test_a_change_to_the_plan_records_its_reason_and_author(client: Client, staff: User) -> None:
    action = Action.objects.get(number=10)
    address = f"/admin/actions/action/{action.pk}/change/"
    data = filled(client, address, title="Planning summits", change_reason="A series now")
    assert client.post(address, data).status_code == 302
    version = ActionVersion.objects.open().get(row_id=action.pk)
    assert (version.title, version.change.by, version.change.reason) == (
        "Planning summits",
        staff,
        "A series now",
    )
    assert version.change.kind == PlanChange.Kind.EDIT
    assert Clock.objects.get().change is None
    assert ActionVersion.objects.filter(row_id=action.pk).count() == 2
    # what was not touched has no second version
    assert OutcomeMeasureVersion.objects.filter(action=action.pk).count() == 1


@pytest.mark.parametrize("values", [{"title": ""}, {"change_reason": ""}])
def test_a_refused_change_leaves_no_trace(client: Client, values: dict[str, str]) -> None:
    action = Action.objects.get(number=10)
    address = f"/admin/actions/action/{action.pk}/change/"
    before = PlanChange.objects.count()
    data = filled(client, address, **({"title": "Other", "change_reason": "Why not"} | values))
    assert "This field is required." in errors(client.post(address, data))
    assert (PlanChange.objects.count(), ActionVersion.objects.count()) == (before, 32)
    action.refresh_from_db()
    assert action.title == "Leicester City Planning Summit"


def test_the_original_target_date_is_fixed_and_a_revised_date_is_added(client: Client, staff: User) -> None:
    measure = OutcomeMeasure.objects.get(action__number=20)
    address = f"/admin/actions/action/{measure.action_id}/change/"
    prefix = next(
        name.removesuffix("-target_date")
        for name in filled(client, address)
        if name.endswith("-0-target_date")
    )

    def typed(**dates: str) -> dict[str, str]:
        return {f"{prefix}-{name}": day for name, day in dates.items()} | {"change_reason": "Dates"}

    assert client.post(address, filled(client, address, **typed(target_date="2008-03-31"))).status_code == 302
    for moved in ("2008-06-30", ""):
        said = errors(client.post(address, filled(client, address, **typed(target_date=moved))))
        assert "The original date, 31 March 2008, stays. Set a revised date." in said
        measure.refresh_from_db()
        assert f"{measure.target_date}" == "2008-03-31"
    assert (
        client.post(address, filled(client, address, **typed(revised_date="2008-06-30"))).status_code == 302
    )
    measure.refresh_from_db()
    assert (f"{measure.target_date}", f"{measure.revised_date}") == ("2008-03-31", "2008-06-30")
    version = OutcomeMeasureVersion.objects.open().get(row_id=measure.pk)
    assert (version.change.by, version.change.reason) == (staff, "Dates")


def test_a_revised_date_without_an_original_one_is_refused(client: Client) -> None:
    measure = OutcomeMeasure.objects.get(action__number=20)
    address = f"/admin/actions/action/{measure.action_id}/change/"
    name = next(name for name in filled(client, address) if name.endswith("-0-revised_date"))
    said = errors(client.post(address, filled(client, address, **{name: "2008-06-30", "change_reason": "x"})))
    assert "A revised date needs an original target date and must differ from it." in said


def test_a_row_added_in_a_popup_is_saved(client: Client, staff: User) -> None:
    """The + beside a choice opens a window of its own, which answers a saved row with 200."""
    typed = {
        "name": "A new organisation",
        "slug": "a-new-organisation",
        "order": "17",
        "kind": "organisation",
        "change_reason": "Joined",
    }
    response = client.post("/admin/partners/partner/add/?_popup=1", typed | {"_popup": "1"})
    assert response.status_code == 200
    assert Partner.objects.filter(slug="a-new-organisation").exists()
    assert PlanChange.objects.get(reason="Joined").by == staff


# Nothing is deleted


@pytest.mark.parametrize("label", KEPT)
def test_the_admin_does_not_delete(client: Client, period: ReportingPeriod, report: Any, label: str) -> None:
    report(1)
    model = apps.get_model(label)
    row = model._default_manager.all()[0]
    name = f"admin:{label.replace('.', '_')}"
    listed = page(client, reverse(f"{name}_changelist"))
    assert not [option for option in listed.all("option") if option.get("value") == "delete_selected"]
    assert not page(client, reverse(f"{name}_change", args=[row.pk])).all("a", css="deletelink")
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(reverse(f"{name}_changelist"), sent)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_leads_and_measures_are_not_deleted_in_an_actions_form(client: Client) -> None:
    action = Action.objects.get(number=9)
    address = f"/admin/actions/action/{action.pk}/change/"
    data = filled(client, address, change_reason="Away with it")
    rows = [name.removesuffix("-id") for name in data if name.endswith("-0-id")]
    assert len(rows) == 3  # leads, relationships, measures
    assert client.post(address, data | {f"{row}-DELETE": "on" for row in rows}).status_code == 302
    assert Lead.objects.filter(action=action).count() == 2
    assert OutcomeMeasure.objects.filter(action=action).count() == 1
