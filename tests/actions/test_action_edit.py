"""Editing an action where it is read: checked first, saved as one change, and never over somebody else's unseen."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.action_history import ActionHistory
from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    OutcomeMeasure,
    OutcomeMeasureVersion,
    ProgressUpdate,
    Relationship,
    Status,
)
from actions.plan import Plan
from history.clock import plan_change
from history.models import PlanChange
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.pages import Element, form_data, page, tree

pytestmark = pytest.mark.once

NUMBER = 7
ADDRESS = f"/actions/{NUMBER}/edit/"


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def colleague(client_of: Callable[[User], Client], framework: None) -> Client:
    return client_of(
        User.objects.create_user("cora@city.example", "x", name="Cora Colleague", role=User.Role.STAFF)
    )


def action(number: int = NUMBER) -> Action:
    return Action.objects.get(number=number)


def measure(number: int = NUMBER, order: int = 1) -> OutcomeMeasure:
    return OutcomeMeasure.objects.get(action__number=number, order=order)


def box(name: str, number: int = NUMBER, order: int = 1) -> str:
    """The name of a measure's field in the form."""
    return f"measure_{measure(number, order).pk}_{name}"


def mark(code: str) -> str:
    return f"mark_{VitalFew.objects.get(code=code).pk}"


def form_of(found: Element) -> dict[str, Any]:
    return form_data(found.by_id("main").one("form"))


def filled(client: Client, number: int = NUMBER, **typed: str) -> dict[str, Any]:
    """The form as a browser would send it, with these values typed."""
    data = form_of(page(client, f"/actions/{number}/edit/"))
    return data | {"reason": "Agreed with the lead"} | typed


def press(client: Client, data: dict[str, Any], do: str, status: int, number: int = NUMBER) -> Element:
    response = client.post(f"/actions/{number}/edit/", data | {"do": do})
    assert response.status_code == status, tree(response.content.decode()).text[:1500]
    return tree(response.content.decode()) if status != 302 else Element("none")


def errors(found: Element) -> list[str]:
    return [one.text for one in found.one(css="govuk-error-summary").all("li")]


def table(found: Element) -> list[list[str]]:
    return [
        [cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in found.one("tbody").all("tr")
    ]


def last_lines(number: int = NUMBER) -> list[str]:
    return ActionHistory(action(number).pk, Plan()).events()[0].lines


# One edit


def test_the_form_sent_untouched_changes_nothing(client: Client) -> None:
    changes = PlanChange.objects.count()
    found = press(client, filled(client), "check", 200)
    assert "You have not changed anything." in found.text
    press(client, filled(client), "save", 302)
    assert PlanChange.objects.count() == changes


def test_a_target_date_is_revised_with_a_reason_in_four_clicks(client: Client, staff: User) -> None:
    """The list, the action, Edit, Save."""
    with plan_change(by=staff, reason="The plan's end"):
        OutcomeMeasure.objects.filter(pk=measure().pk).update(target_date=date(2008, 12, 31))
    listed = page(client, "/actions/")
    detail = page(client, next(a["href"] for a in listed.all("a") if a.get("href") == f"/actions/{NUMBER}/"))
    edit = page(client, next(a["href"] for a in detail.all("a") if a.text == "Edit this action"))
    assert "31 December 2008" in edit.text
    data = form_of(edit)
    assert box("target_date") not in data
    data |= {box("revised_date"): "2009-03-31", "reason": "Six months late", "do": "save"}
    assert client.post(ADDRESS, data).status_code == 302
    one = measure()
    assert (one.target_date, one.revised_date) == (date(2008, 12, 31), date(2009, 3, 31))
    change = OutcomeMeasureVersion.objects.open().get(row_id=one.pk).change
    assert change
    assert (change.by, change.reason) == (staff, "Six months late")
    shown = page(client, f"/actions/{NUMBER}/").text
    assert "31 December 2008, revised to 31 March 2009" in shown
    assert "Measure 1, revised date: none → “31 March 2009”" in shown


def test_everything_is_shown_before_it_is_saved_and_saved_as_one_change(client: Client, staff: User) -> None:
    one, lead = action(), Lead.objects.get(action__number=NUMBER)
    other = Partner.objects.exclude(pk=lead.partner_id).filter(kind="organisation")[0]
    related = Relationship.objects.filter(action=one)[0].vital_few
    typed = {
        "title": "Another title, café",
        "outcome_text": "Another outcome",
        "theme": str(Theme.objects.exclude(pk=one.theme_id)[0].pk),
        "cluster": str(Cluster.objects.exclude(pk=one.cluster_id)[0].pk),
        f"mark_{related.pk}": "",
        mark("VF2"): "O",
        f"lead_{lead.partner_id}": "accepted",
        "new_lead_1": str(other.pk),
        "new_lead_1_as": "suggested",
        box("text"): "Reworded\r\nin two lines",
        box("target"): "5,000",
        box("baseline"): "10",
        box("unit"): "visitors",
        box("target_date"): "2008-12-31",
    }
    data = filled(client, **typed)
    count, before = PlanChange.objects.count(), action().title
    checked = press(client, data, "check", 200)
    assert (PlanChange.objects.count(), action().title) == (count, before)
    shown = table(checked)
    assert ["Wording", before, "Another title, café"] in shown
    assert ["Measure 1, target", "none", "5,000"] in shown
    assert ["Measure 1, target date", "none", "31 December 2008"] in shown
    assert [f"Lead {lead.partner}", "Suggested", "Accepted"] in shown
    assert [f"Lead {other} added", "none", "Suggested"] in shown
    assert [f"Relationship to {related.code} removed", "supporting", "none"] in shown
    assert ["Relationship to VF2 added", "none", "supporting"] in shown
    press(client, form_of(checked), "save", 302)
    assert PlanChange.objects.count() == count + 1
    assert PlanChange.objects.latest("pk").reason == "Agreed with the lead"
    assert sorted(line.replace("“", "").partition(":")[0] for line in last_lines()) == sorted(
        row[0] for row in shown
    )
    assert measure().text == "Reworded\nin two lines"
    assert not Relationship.objects.filter(action=one, vital_few=related).exists()


FAULTS: tuple[tuple[dict[str, str], str], ...] = (
    ({"title": " "}, "Enter what the action is."),
    ({"reason": ""}, "Enter a reason."),
    ({"theme": "999"}, "Select a valid choice. 999 is not one of the available choices."),
    ({"text": ""}, "Measure 1: enter the wording."),
    ({"year": "soon"}, "Measure 1: the year must be a number, like 2008."),
    ({"target": "", "baseline": "3"}, "Measure 1: a baseline needs a numeric target."),
    ({"revised_date": "2009-01-01"}, "Measure 1: enter the original target date first."),
    (
        {"target_date": "2009-01-01", "revised_date": "2009-01-01"},
        "Measure 1: the revised date is the same as the original. Leave it blank.",
    ),
    ({"target_date": "31.12.08"}, "Target date: enter a date, for example 2008-12-31."),
    ({"retire": "on"}, "An action needs at least one outcome measure. Add another one first."),
    ({"mark_": ""}, "Choose X or O for at least one vital few."),
    ({"lead_": ""}, "Choose at least one lead."),
)


def test_a_faulty_form_is_refused_and_keeps_what_was_typed(client: Client) -> None:
    of_measure = ("text", "year", "target", "baseline", "revised_date", "target_date", "retire")
    boxes = {name: box(name) for name in of_measure}
    sound = filled(client, outcome_text="Typed and kept")
    count = PlanChange.objects.count()
    for typed, error in FAULTS:
        data = dict(sound)
        for name, value in typed.items():
            many = [
                key for key in data if name.endswith("_") and key.startswith(name) and key != "lead_slots"
            ]
            data |= dict.fromkeys(many or [boxes.get(name, name)], value)
        found = press(client, data, "save", 422)
        assert errors(found) == [error]
        assert found.by_id(found.one(css="govuk-error-summary").all("a")[0]["href"].removeprefix("#"))
        assert form_of(found)["outcome_text"].strip() == "Typed and kept"
    assert PlanChange.objects.count() == count


def test_measures_are_added_and_split(client: Client) -> None:
    data = filled(client)
    found = press(client, data | {"title": "Kept"}, f"split-{measure().pk}", 200)
    data = form_of(found)
    assert data["title"].strip() == "Kept"
    assert data["new_1_text"].strip() == measure().text
    data = form_of(press(client, data, "add-measure", 200))
    data |= {
        box("text"): "First half",
        "new_1_text": "Second half",
        "new_2_text": "A third",
        "new_2_target": "12.5",
    }
    press(client, data, "save", 302)
    press(client, data, "save", 302)  # a double click
    texts = OutcomeMeasure.objects.filter(action__number=NUMBER).values_list("order", "text")
    assert list(texts) == [(1, "First half"), (2, "Second half"), (3, "A third")]
    data = filled(client) | {box("retire", order=2): "on"}
    assert ["Measure 2 removed", "Second half", "none"] in table(press(client, data, "check", 200))
    press(client, data, "save", 302)
    assert not OutcomeMeasure.objects.filter(action__number=NUMBER, order=2).exists()
    data = form_of(press(client, filled(client), "add-measure", 200)) | {"new_1_text": "A fourth"}
    press(client, data, "save", 302)
    assert measure(order=4).text == "A fourth"  # the number of the retired one is not used again


def test_a_measure_with_updates_is_closed_by_board_decision(client: Client, report: Any, staff: User) -> None:
    report(NUMBER, 1, "on-track")
    today = timezone.localdate()
    data = filled(client) | {box("retire"): "on"}
    assert errors(press(client, data, "check", 422)) == ["Measure 1: enter the date of the board’s decision."]
    data[box("decided_on")] = f"{today + timedelta(days=2)}"
    assert errors(press(client, data, "check", 422)) == ["Measure 1: the date must be today or in the past."]
    data[box("decided_on")] = f"{today}"
    count = ProgressUpdate.objects.count()
    assert ["Measure 1, status", "On track", "Closed, not completed"] in table(
        press(client, data, "check", 200)
    )
    assert ProgressUpdate.objects.count() == count
    press(client, data, "save", 302)
    update = ProgressUpdate.objects.latest("pk")
    assert (update.status, update.comment, update.decided_on) == (
        Status.CLOSED,
        "Agreed with the lead",
        today,
    )
    assert Plan().row(NUMBER).status == Status.CLOSED


def test_a_lead_that_has_responded_stays_as_declined(client: Client, staff: User) -> None:
    lead = Lead.objects.get(action__number=NUMBER)
    other = Partner.objects.exclude(pk=lead.partner_id).filter(kind="organisation")[0]
    answer = LeadAnswer.objects.create(lead=lead, answer="decline", reason="No", asked_by=staff)
    data = filled(client, **{f"lead_{lead.partner_id}": "", "new_lead_1": str(other.pk)})
    said = errors(press(client, data, "save", 422))
    assert said == [f"{lead.partner} has responded. Decide on the response first."]
    LeadAnswer.objects.filter(pk=answer.pk).update(
        decision="refused", decided_by=staff, decided_at=timezone.now()
    )
    press(client, data, "save", 302)
    lead.refresh_from_db()
    assert lead.acceptance == Lead.Acceptance.DECLINED
    assert [one.partner_id for one in Plan().leads().filter(action=action().pk)] == [other.pk]


# Two editors


def test_the_second_editor_sees_the_first_ones_change_and_chooses(client: Client, colleague: Client) -> None:
    mine = filled(client, title="My title", outcome_text="My outcome")
    theirs = filled(colleague, title="Their title", reason="The board asked")
    theirs[box("unit")] = "jobs"
    press(colleague, theirs, "save", 302)
    for do in ("check", "save", "add-measure"):
        found = press(client, mine, do, 409)
        assert "Cora Colleague: The board asked" in found.text
        assert "Their title" in found.text
        assert "My title" in found.text
    assert action().title == "Their title"
    assert len(found.all("input", type="radio")) == 2  # only the title was changed by both
    data = form_of(found)
    kept = press(client, data, "merge", 200)  # theirs is chosen unless one chooses otherwise
    assert [row[0] for row in table(kept)] == ["Outcome measure"]
    checked = press(client, data | {"pick_title": "mine"}, "merge", 200)
    assert ["Wording", "Their title", "My title"] in table(checked)
    press(client, form_of(checked), "save", 302)
    one = action()
    assert (one.title, one.outcome_text, measure().unit) == ("My title", "My outcome", "jobs")


def test_a_third_change_meanwhile_is_shown_too(client: Client, colleague: Client) -> None:
    mine = filled(client, title="My title")
    press(colleague, filled(colleague, title="First"), "save", 302)
    data = form_of(press(client, mine, "save", 409)) | {"pick_title": "mine"}
    press(colleague, filled(colleague, title="Second"), "save", 302)
    found = press(client, data, "merge", 409)
    assert "Second" in found.text
    checked = press(client, form_of(found) | {"pick_title": "mine"}, "merge", 200)
    press(client, form_of(checked), "save", 302)
    assert action().title == "My title"


def test_a_measure_that_the_other_retired_is_not_saved_again(client: Client, colleague: Client) -> None:
    data = form_of(press(colleague, filled(colleague), "add-measure", 200)) | {"new_1_text": "Second"}
    press(colleague, data, "save", 302)
    mine = filled(client) | {box("text", order=2): "My wording of the second"}
    press(colleague, filled(colleague) | {box("retire", order=2): "on"}, "save", 302)
    found = press(client, mine, "save", 409)
    assert "They removed this measure from the plan. You had typed: My wording of the second" in found.text
    checked = press(client, form_of(found), "merge", 200)
    assert "You have not changed anything." in checked.text


def test_a_double_click_saves_once(client: Client) -> None:
    data = filled(client, title="Once")
    press(client, data, "save", 302)
    count = PlanChange.objects.count()
    press(client, data, "save", 302)
    assert PlanChange.objects.count() == count


def test_a_form_without_its_stamp_or_with_nonsense_is_no_fault_of_the_portal(client: Client) -> None:
    data = filled(client, title="Another")
    for seen in ("", "x", "9" * 17, "9" * 40, "-1", "²"):
        assert client.post(ADDRESS, data | {"seen": seen, "do": "check"}).status_code == 200
    assert client.post(ADDRESS, {"do": "merge", "seen": "1", "seen_then": "x"}).status_code == 422
    assert client.post(ADDRESS, data | {"do": "split-nothing", "measure_slots": "9" * 30}).status_code == 200


def test_the_whole_cast_but_staff_is_refused(
    lead: User, stranger: User, board: User, client_of: Callable[[User], Client]
) -> None:
    for person in (lead, stranger, board):
        for address in (ADDRESS, f"/actions/{NUMBER}/close/", "/actions/new/", "/actions/target-dates/"):
            assert client_of(person).get(address).status_code == 403
            assert client_of(person).post(address, {"do": "save"}).status_code == 403
        assert "Edit this action" not in page(client_of(person), f"/actions/{NUMBER}/").text


def test_an_earlier_day_cannot_be_edited(client: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    assert client.get(f"{ADDRESS}?as_at={yesterday}").status_code == 400
    assert "Edit this action" not in page(client, f"/actions/{NUMBER}/?as_at={yesterday}").text
