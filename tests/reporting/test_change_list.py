"""The log of all changes: who, when, why, old and new; filtered, paged and exported, as at any day."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from actions.action_history import ActionHistory
from actions.models import Action, Lead, OutcomeMeasure, Relationship
from actions.plan import Plan
from history.clock import plan_change
from partners.models import Partner, User
from reporting.models import BoardMeeting, ReportingPeriod
from strategy.models import Theme, VitalFew
from tests.clock import days_ago, recorded_at
from tests.pages import Element, page, queries_of

ADDRESS = "/changes/"
EARLIER = days_ago(30)


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def changes(staff: User, period: ReportingPeriod) -> None:
    """A change of every kind: thirty days ago by Sam, then by Ann, then outside the portal."""
    ann = User.objects.create_user("ann@city.example", "x", name="Ann Other", role=User.Role.STAFF)
    with recorded_at(EARLIER), plan_change(by=staff, reason="The board of May"):
        Action.objects.filter(number=7).update(title="A retail nétwork")
        OutcomeMeasure.objects.filter(action__number=7).update(target_date=date(2008, 12, 31), unit="shops")
        Theme.objects.filter(slug="image-identity").update(name="Image and Identity")
    with plan_change(by=ann, reason="A late correction"):
        OutcomeMeasure.objects.filter(action__number=7).update(revised_date=date(2009, 3, 31))
        Relationship.objects.filter(action__number=7, vital_few__code="VF3").delete()
        Relationship.objects.get_or_create(
            action=Action.objects.get(number=7),
            vital_few=VitalFew.objects.get(code="VF5"),
            defaults={"strength": "O"},
        )
        Lead.objects.filter(action__number=7).update(acceptance="accepted")
        Partner.objects.filter(slug="universities").update(name="The Universities")
        ReportingPeriod.objects.filter(pk=period.pk).update(due=period.due + timedelta(days=1))
        BoardMeeting.objects.create(
            name="June", slug="june", held_on=timezone.localdate() + timedelta(days=9)
        )
    Action.objects.filter(number=8).update(title="Nobody said why")
    User.objects.filter(pk=ann.pk).update(name="Ann Married")


def lines(found: Element) -> list[tuple[str, ...]]:
    """What, old and new of each line."""
    rows = [row for body in found.all("tbody") for row in body.all("tr") if row.all("td")]
    return [tuple(cell.text for cell in row.all() if cell.tag in ("th", "td")) for row in rows]


def whats(client: Client, query: str) -> set[str]:
    return {line[0] for line in lines(page(client, f"{ADDRESS}?{query}"))}


def test_every_change_is_told_newest_first_by_the_name_of_then(
    client: Client, changes: None, period: ReportingPeriod
) -> None:
    found = page(client, ADDRESS)
    heads = [one.text.partition(" · ")[2] for one in found.all("th", scope="rowgroup")]
    assert heads[:2] == ["Changed outside the portal", "Ann Other: A late correction"]
    assert heads[-1].startswith("Imported")
    assert "A late correction" in found.text
    told = lines(found)
    assert told[0] == ("Action 8: Wording", told[0][1], "Nobody said why")
    assert ("Action 7: Measure 1, revised date", "–", "31 March 2009") in told
    assert any(line[0] == "Action 7: Wording" and line[2] == "A retail nétwork" for line in told)
    assert ("Theme Image and Identity: name", "Image & Identity", "Image and Identity") in told
    assert ("Partner The Universities: name", "Universities", "The Universities") in told
    day = timezone.localdate() + timedelta(days=9)
    assert ("Board meeting added: June", "–", f"{day:%-d %B %Y}") in told
    opens, due = period.opens, period.due
    words = f"opens {opens:%-d %B %Y}, due {due:%-d %B %Y}"
    assert ("Reporting period added: Autumn round", "–", words) in told
    assert told[-1][0] == "Framework imported"
    links = {a.text: a["href"] for a in found.all("a") if a.get("href")}
    assert links["Action 7: Measure 1, revised date"] == "/actions/7/#measure-1"
    assert links["Theme Image and Identity: name"] == "/themes/image-identity/"


def test_the_log_of_an_action_has_the_lines_of_its_own_history(client: Client, changes: None) -> None:
    found = page(client, f"{ADDRESS}?action=7")
    history = ActionHistory(Action.objects.get(number=7).pk, Plan()).events()
    from_history = sorted(line for event in history for line in event.lines if "framework" not in line)
    told = []
    for what, old, new in lines(found):
        name = what.removeprefix("Action 7: ")
        if name.endswith((" added", " removed")):
            told.append(f"{name}: “{new if name.endswith('added') else old}”")
        elif name != "Framework imported":
            told.append(f"{name}: {'none' if old == '–' else f'“{old}”'} → “{new}”")
    assert sorted(told) == from_history
    assert f'href="{ADDRESS}?action=7"' in client.get("/actions/7/").content.decode()


def test_filters_narrow_the_log(client: Client, changes: None) -> None:
    dates = {"Action 7: Measure 1, target date", "Action 7: Measure 1, revised date"}
    assert whats(client, "kind=date") == dates
    assert whats(client, "kind=measure") == dates | {"Action 7: Measure 1, unit"}
    assert whats(client, "kind=theme") == {"Theme Image and Identity: name"}
    assert whats(client, "kind=lead") == {f"Action 7: Lead {Lead.objects.get(action__number=7).partner}"}
    assert whats(client, "kind=import") == {"Framework imported"}
    assert whats(client, "kind=period") == {
        "Reporting period added: Autumn round",
        "Reporting period Autumn round: updates due",
    }
    assert whats(client, "kind=period&action=7") == set()
    assert whats(client, "action=8") == {"Action 8: Wording", "Framework imported"}
    assert whats(client, "action=999") == set()
    assert whats(client, "who=outside&kind=action") == {"Action 8: Wording"}
    assert whats(client, "who=Sam+Staff&kind=action") == {"Action 7: Wording"}
    assert whats(client, "q=NÉTWORK&kind=action") == {"Action 7: Wording"}
    assert whats(client, "q=board+may&kind=theme") == {"Theme Image and Identity: name"}
    assert whats(client, "q=100%25") == set()
    day = timezone.localdate(EARLIER)
    assert "Theme Image and Identity: name" in whats(client, f"since={day}&until={day}")
    assert "Partner The Universities: name" not in whats(client, f"until={day}")
    assert client.get(f"{ADDRESS}?q=&kind=lead&who=").headers["Location"] == f"{ADDRESS}?kind=lead"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("kind=everything", "“everything” is not a kind of change."),
        ("who=Nobody", "Nobody called “Nobody” has changed the plan."),
        ("action=seven", "The action number must be a whole number."),
        ("since=soon", "From: enter a date, for example 2026-09-01."),
        ("since=2026-02-02&until=2026-01-01", "The last date must be on or after the first."),
    ],
)
@pytest.mark.once
def test_an_impossible_filter_is_an_error_on_its_field(client: Client, query: str, error: str) -> None:
    found = page(client, f"{ADDRESS}?{query}")
    assert [one.text for one in found.one(css="govuk-error-summary").all("li")] == [error]
    assert not found.all("table")
    response = client.get(f"{ADDRESS}export.csv?{query}")
    assert response.status_code == 400
    assert error in response.content.decode()


def test_an_earlier_day_knows_no_later_change(client: Client, changes: None) -> None:
    day = timezone.localdate(EARLIER) + timedelta(days=1)
    found = page(client, f"{ADDRESS}?as_at={day}")
    told = {line[0] for line in lines(found)}
    assert "Action 7: Wording" in told
    assert not told & {"Action 8: Wording", "Partner The Universities: name"}
    assert "Ann Other" not in found.text
    assert "Theme Image and Identity: name" not in whats(client, f"as_at={day - timedelta(days=9)}")


def test_files_have_the_lines_of_the_page(client: Client, changes: None) -> None:
    query = "action=7&who=Ann+Other"
    response = client.get(f"{ADDRESS}export.csv?{query}")
    assert f"changes-{timezone.localdate()}.csv" in response["Content-Disposition"]
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["What"], row["Old"] or "–", row["New"] or "–") for row in rows] == lines(
        page(client, f"{ADDRESS}?{query}")
    )
    assert {(row["Who"], row["Why"], row["Action No"]) for row in rows} == {
        ("Ann Other", "A late correction", "7")
    }
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{ADDRESS}export.xlsx?{query}").streaming_content)))
    values = [[cell.value for cell in row] for row in book["Changes"].iter_rows(min_row=2)]
    assert [row[5] for row in values] == [row["What"] for row in rows]
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    assert notes["Filter"] == "Changed by: Ann Other, Action number: 7"
    assert notes["Open this view again"].endswith(f"/changes/?{query}")


def test_what_was_typed_is_no_formula(client: Client, staff: User) -> None:
    with plan_change(by=staff, reason="=1+1"):
        Action.objects.filter(number=7).update(title='=HYPERLINK("x")')
    content = b"".join(client.get(f"{ADDRESS}export.csv?action=7").streaming_content).decode()
    assert "'=HYPERLINK" in content
    assert "'=1+1" in content


def test_pages_take_the_same_few_queries_however_long_the_log_is(
    client: Client, changes: None, staff: User
) -> None:
    few = queries_of(client, ADDRESS)
    for turn in range(40):
        with plan_change(by=staff, reason=f"Turn {turn}"):
            Action.objects.filter(number__lte=3).update(title=f"Title {turn}")
    found = page(client, ADDRESS)
    assert len(lines(found)) == 50
    assert queries_of(client, ADDRESS) <= few
    second = page(client, f"{ADDRESS}?page=2")
    assert lines(second) != lines(found)
    assert not {tuple(one) for one in lines(found)} & {
        tuple(one) for one in lines(second) if "Title" in one[2]
    }
    assert client.get(f"{ADDRESS}?page=999999").status_code == 200
    assert client.get(f"{ADDRESS}?page=-1").status_code == 200


def test_all_roles_read_it_and_staff_find_it(
    client: Client, lead: User, board: User, client_of: Callable[[User], Client], period: ReportingPeriod
) -> None:
    assert any(a.get("href") == ADDRESS for a in page(client, "/").one("header").all("a"))
    for person in (lead, board):
        found = page(client_of(person), f"{ADDRESS}?kind=period")
        assert "Reporting period added: Autumn round" in found.text
        assert not [a for a in found.all("a") if a.get("href", "").startswith("/periods/")]
    found = page(client, f"{ADDRESS}?kind=period")
    assert [a for a in found.all("a") if a.get("href") == "/periods/autumn-round/"]
