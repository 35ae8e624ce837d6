"""One action: its row of the framework, how it goes, what was changed, and where it comes from."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.decisions import answer_lead, decide_proposal
from actions.models import (
    Action,
    Lead,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
)
from actions.plan import Plan
from history import clock
from history.clock import plan_change
from partners.models import Partner, User
from reporting.models import BoardMeeting, ReportingPeriod
from tests.pages import Element, page, queries_of, source

pytestmark = [pytest.mark.once, pytest.mark.untraced]

ACTIONS = {action.number: action for action in source().actions}


@pytest.fixture
def client(client_of: Callable[[User], Client], board: User) -> Client:
    return client_of(board)


def facts(found: Element) -> dict[str, str]:
    listed = found.one("aside", css="facts").one("dl")
    return dict(zip([dt.text for dt in listed.all("dt")], [dd.text for dd in listed.all("dd")], strict=True))


def told(found: Element) -> list[str]:
    """The updates on the first measure, in the order of the page: the latest is beside the facts."""
    latest = found.all("div", css="measure__latest")[0].text
    earlier = [item.text for history in found.all("ol", css="history")[:-1] for item in history.all("li")]
    return [latest, *earlier]


def changes(found: Element) -> list[str]:
    """The changes to the plan, in the order of the page."""
    return [item.text for item in found.all("ol", css="history")[-1].all("li")]


def provenance(found: Element) -> list[list[str]]:
    rows = found.one("details", css="source").one("tbody").all("tr")
    return [[cell.text for cell in row.all("th") + row.all("td")] for row in rows]


# The row of the framework


@pytest.mark.parametrize("number", ACTIONS)
@pytest.mark.once
def test_a_page_says_what_the_framework_says(client: Client, number: int) -> None:
    action, found = ACTIONS[number], page(client, f"/actions/{number}/")
    assert found.one("h1").text == f"Action {number} {action.title}"
    title = f"Action {number}: {action.title} – Strategy Action Framework – Leicester"
    assert found.one("title").text == title
    words = {"X": "X strong", "O": "O supporting"}
    related = [vf for vf in source().vital_fews if vf.code in action.marks]
    others = [vf.code for vf in source().vital_fews if vf.code not in action.marks]
    marks = " ".join(f"{words[action.marks[vf.code]]}: {vf.code} {vf.name}" for vf in related)
    dates = ["Target date, measure 1", "Target date, measure 2"] if number == 23 else ["Target date"]
    assert facts(found) == {
        "Suggested leads" if len(action.leads) > 1 else "Suggested lead": " / ".join(action.leads),
        "Vital fews" if len(related) > 1 else "Vital few": (
            f"{marks} Not related to {', '.join(others)}" if others else marks
        ),
        "Theme": action.theme,
        "Cluster": action.cluster,
        **dict.fromkeys(dates, "Not set (the framework says 2008)"),
    }
    worded = [heading.text for heading in found.all("h2", css="measure__words")]
    if number == 23:
        assert [text.partition(" of 2 ")[0] for text in worded] == [
            "Outcome measure 2008, 1",
            "Outcome measure 2008, 2",
        ]
    else:
        assert worded == [f"Outcome measure 2008 {action.outcome_text}"]
    assert [status.text for status in found.one("main").all("strong", css="status")] == [
        "– Not yet reported"
    ] * (3 if number == 23 else 1)


@pytest.mark.parametrize("number", ACTIONS)
@pytest.mark.once
def test_a_page_shows_the_cells_of_the_source_as_they_stand(client: Client, number: int) -> None:
    assert provenance(page(client, f"/actions/{number}/")) == [
        [
            cell.heading,
            f"line {cell.line}, column {cell.column}",
            " ".join(cell.raw.split()) or "empty",
            cell.mend or "unchanged",
            "No",
        ]
        for cell in sorted(ACTIONS[number].cells, key=lambda cell: (cell.line, cell.column))
    ]


@pytest.mark.parametrize("number", [0, 33, 99999999999999999999])
def test_an_action_that_the_plan_does_not_have_is_not_found(client: Client, number: int) -> None:
    assert page(client, f"/actions/{number}/", status=404).one("h1").text == "Page not found"


@pytest.mark.parametrize(("number", "before", "after"), [(1, None, 2), (16, 15, 17), (32, 31, None)])
@pytest.mark.once
def test_the_actions_before_and_after_are_a_step_away(
    client: Client, number: int, before: int | None, after: int | None
) -> None:
    ways = page(client, f"/actions/{number}/").one("nav", aria_label="Actions before and after")
    assert {link["rel"]: link["href"] for link in ways.all("a")} == {
        rel: f"/actions/{other}/" for rel, other in (("prev", before), ("next", after)) if other
    }


# How it goes


@pytest.mark.parametrize(
    ("number", "measure", "target"), [(18, 1, "100"), (20, 1, "10"), (23, 2, "4"), (5, 1, None)]
)
@pytest.mark.once
def test_a_target_is_shown_where_the_measure_opens_with_a_number(
    client: Client, number: int, measure: int, target: str | None
) -> None:
    section = page(client, f"/actions/{number}/").all("section", css="measure")[measure - 1]
    assert (f"Target {target}. No value yet." in section.text) == bool(target)
    assert ("Target " in section.text) == bool(target)


def test_two_measures_stand_apart_and_the_action_shows_the_worse(client: Client, report: Any) -> None:
    report(23, 1, "complete")
    report(23, 2, "at-risk")
    found = page(client, "/actions/23/")
    first, second = found.all("section", css="measure")
    assert first.one("h2").text.startswith(
        "Outcome measure 2008, 1 of 2 An increase in the number of Asian and Black employees"
    )
    assert second.one("h2").text.startswith("Outcome measure 2008, 2 of 2 Four new international links")
    assert [part.all("strong", css="status")[0].text for part in (first, second)] == [
        "■ Complete",
        "▲ At risk",
    ]
    assert found.one("main").all("p")[0].text == "▲ At risk 1 of 2 measures"


def test_history_stands_newest_first_with_what_became_of_what(
    client: Client, report: Any, lead: User
) -> None:
    now = timezone.now()
    report(1, 1, "on-track", by=lead, recorded_at=now - timedelta(days=3), comment="Begun")
    report(1, 1, "on-track", recorded_at=now - timedelta(days=2), comment="", no_change=True)
    report(1, 1, "at-risk", recorded_at=now - timedelta(days=1), comment="Late\nby weeks", next_step="Push")
    newest, middle, oldest = told(page(client, "/actions/1/"))
    when = f"{timezone.localtime(now - timedelta(days=1)):%-d %B %Y at %H:%M}"
    assert newest == (
        f"{when} · Sam Staff (City Growth staff), for Learning & Skills Council On track → At risk "
        "Late by weeks Recovery step: Push"
    )
    confirmed = f"{timezone.localtime(now - timedelta(days=2)):%-d %B %Y}"
    assert middle.endswith(f"✓ On track Begun (confirmed unchanged {confirmed})")
    assert oldest.endswith("· Lena Lead, Learning & Skills Council ✓ On track Begun")


def test_a_corrected_report_and_its_correction_name_each_other(client: Client, report: Any) -> None:
    wrong = report(1, 1, "off-track", recorded_at=timezone.now() - timedelta(hours=1))
    right = report(1, 1, "on-track", corrects=wrong)
    found = page(client, "/actions/1/")
    assert "Corrects the update of" in found.by_id(f"report-{right.pk}").text
    assert found.by_id(f"report-{right.pk}").one("a")["href"] == f"#report-{wrong.pk}"
    assert "which the figures use" in found.by_id(f"report-{wrong.pk}").text
    assert found.by_id(f"report-{wrong.pk}").one("a")["href"] == f"#report-{right.pk}"


def test_values_stand_beside_the_target_in_percent_and_in_a_table(client: Client, report: Any) -> None:
    now = timezone.now()
    report(18, 1, "on-track", recorded_at=now - timedelta(days=9), value=Decimal(20))
    report(18, 1, "on-track", recorded_at=now - timedelta(days=5), value=Decimal("45.5"))
    report(18, 1, "on-track", recorded_at=now - timedelta(days=1))
    found = page(client, "/actions/18/")
    assert "45.5 of 100 (46% of target) on" in found.one("section", css="measure").text
    rows = found.one("main").all("details")[0].one("table").one("tbody").all("tr")
    assert [[cell.text for cell in row.all("td")] for row in rows] == [
        ["On track", "", ""],
        ["On track", "45.5", "46%"],
        ["On track", "20", "20%"],
    ]
    picture = found.one("main").one("svg")
    assert len(picture.all("circle")) == 3 + 2
    assert picture.one("line", css="trend__target")
    assert {"Target 100", "20", "45.5", "✓ On track"} <= {text.text for text in picture.all("text")}
    assert "viewbox" not in picture.attrs  # it would shrink the text on a phone


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.once
def test_no_picture_is_drawn_of_fewer_than_two_reports(client: Client, report: Any, count: int) -> None:
    for _ in range(count):
        report(18, 1, "on-track", value=Decimal(20))
    found = page(client, "/actions/18/").one("main")
    assert not found.all("svg")
    assert ("No update has been submitted yet." in found.text) == (count == 0)


def test_a_revised_date_stands_beside_the_original_one_and_turns_nothing_green(client: Client) -> None:
    with plan_change(by=None, reason="Dates"):
        OutcomeMeasure.objects.filter(action__number=7).update(
            target_date=date(2008, 3, 31), revised_date=date(2099, 12, 31)
        )
    found = page(client, "/actions/7/")
    assert facts(found)["Target date"] == "31 March 2008, revised to 31 December 2099"
    assert len(found.all("span", css="flag--past-target")) == 1


def test_silence_after_the_due_date_is_said_by_action_and_measure(
    client: Client, period: ReportingPeriod
) -> None:
    [flag] = page(client, "/actions/7/").one("main").all("span", css="flag")
    assert flag.text == "Update awaited"
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    flags = page(client, "/actions/7/").one("main").all("span", css="flag")
    assert [flag.text for flag in flags] == ["Update overdue"]
    assert facts(page(client, "/actions/7/"))["Update due"].endswith(" (overdue)")


# Who is offered what


@pytest.mark.parametrize(
    ("role", "number", "reports", "answers"),
    [
        ("lead", 1, True, True),
        ("lead", 9, False, False),
        ("lead", 4, True, False),
        ("joint_lead", 9, True, True),
        ("staff", 9, True, False),
        ("board", 9, False, False),
    ],
)
@pytest.mark.once
def test_only_who_may_report_is_offered_the_form(
    role: str, number: int, reports: bool, answers: bool, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue("client_of")(request.getfixturevalue(role))
    filed = request.getfixturevalue("report")(number)
    addresses = [link["href"] for link in page(client, f"/actions/{number}/").one("main").all("a")]
    form = f"/actions/{number}/measures/1/update/"
    assert [address for address in addresses if address.startswith(form)] == (
        [form, f"{form}?correct={filed.pk}"] if reports else []
    )
    assert any("/leads/" in address for address in addresses) == answers


def test_an_answer_and_a_proposal_are_shown_with_what_was_decided(
    client: Client, lead: User, staff: User, client_of: Callable[[User], Client]
) -> None:
    answer_lead(
        lead=Lead.objects.get(action__number=20),
        answer=LeadAnswer.Answer.PROPOSE,
        reason="They train",
        proposed=Partner.objects.get(slug="legi"),
        by=lead,
    )
    proposal = MeasureProposal.objects.create(
        measure=OutcomeMeasure.objects.get(action__number=20),
        baseline=3,
        unit="places",
        asked_by=lead,
        asked_by_name="Lena Lead",
    )
    undecided = clock.now()
    decide_proposal(proposal=proposal, agreed=False, reason="Too few", by=staff)
    User.objects.update(name="Renamed since")
    found = page(client, "/actions/20/").text
    assert (
        "Lena Lead for Learning & Skills Council: Propose another lead (LEGI). “They train” Waiting for City Growth."
        in found
    )
    assert (
        "Lena Lead made a proposal for measure 1: baseline 3, unit places. Not agreed by Sam Staff," in found
    )
    assert "“Too few”" in found
    assert "/leads/" not in "".join(link["href"] for link in page(client_of(lead), "/actions/20/").all("a"))
    then = Plan(moment=undecided)
    assert [one.decision for one in then.requests(then.row(20))] == ["Waiting for City Growth"] * 2


def test_the_page_follows_an_answer_at_once(client: Client, lead: User) -> None:
    """Whatever is kept of the page, written by whatever means."""
    page(client, "/actions/20/")
    LeadAnswer.objects.create(
        lead=Lead.objects.get(action__number=20), answer="accept", asked_by=lead, asked_by_name="Lena Lead"
    )
    assert "Lena Lead for Learning & Skills Council: Accept." in page(client, "/actions/20/").text
    LeadAnswer.objects.all().delete()
    assert "Accept" not in page(client, "/actions/20/").text


# How staff correct it


def test_staff_edit_or_close_the_action_from_its_page(
    staff: User, client_of: Callable[[User], Client]
) -> None:
    links = page(client_of(staff), "/actions/10/").one("aside", css="facts").all("a")
    ways = {link.text: link["href"] for link in links}
    assert ways["Edit this action"] == "/actions/10/edit/"
    assert ways["Close this action"] == "/actions/10/close/"


@pytest.mark.parametrize("role", ["lead", "board"])
@pytest.mark.once
def test_nobody_else_is_offered_to_edit_it(role: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue("client_of")(request.getfixturevalue(role))
    assert "Edit this action" not in page(client, "/actions/1/").text


def test_suggested_is_said_once_and_an_accepted_lead_is_marked(client: Client) -> None:
    assert facts(page(client, "/actions/18/"))["Suggested leads"] == "Leicester City Growth / LEGI"
    Lead.objects.filter(action__number=18, partner__slug="legi").update(acceptance="accepted")
    assert facts(page(client, "/actions/18/"))["Suggested leads"] == "Leicester City Growth / LEGI ✓ accepted"
    Lead.objects.filter(action__number=18).update(acceptance="accepted")
    assert (
        facts(page(client, "/actions/18/"))["Leads"] == "Leicester City Growth ✓ accepted / LEGI ✓ accepted"
    )


@pytest.mark.once
def test_the_meanings_of_the_statuses_are_one_click_away(client: Client) -> None:
    links = page(client, "/actions/18/").one("main").all("a", href="/help/#statuses")
    assert [link.text for link in links] == ["What the statuses mean"]


def test_board_meetings_are_marked_in_the_picture(client: Client, report: Any) -> None:
    now = timezone.now()
    for days in (40, 2):
        report(1, 1, "on-track", recorded_at=now - timedelta(days=days))
    assert not page(client, "/actions/1/").one("main").one("svg").all("line", css="trend__meeting")
    held = timezone.localdate() - timedelta(days=20)
    BoardMeeting.objects.create(name="Summer", slug="summer", held_on=held)
    line = page(client, "/actions/1/").one("main").one("svg").one("line", css="trend__meeting")
    assert line.text == f"Summer, {held:%-d %B %Y}"


# What was changed


def test_a_fresh_action_has_one_event_its_import(client: Client) -> None:
    (event,) = changes(page(client, "/actions/23/"))
    assert event.endswith("· Imported: Framework table (framework.json) Imported from the framework")


def test_a_change_stands_in_the_history_with_who_and_why_and_by_its_cell(client: Client, staff: User) -> None:
    with plan_change(by=staff, reason="The summit is a series now"):
        Action.objects.filter(number=10).update(title="Planning summits")
        Relationship.objects.filter(action__number=10, vital_few__code="VF1").update(strength="X")
        Relationship.objects.filter(action__number=10, vital_few__code="VF5").delete()
        Lead.objects.filter(action__number=10).update(acceptance="accepted")
    found = page(client, "/actions/10/")
    newest = changes(found)[0]
    assert "· Sam Staff: The summit is a series now" in newest
    for line in (
        "Wording: “Leicester City Planning Summit” → “Planning summits”",
        "Relationship to VF1: “supporting” → “strong”",
        "Relationship to VF5 removed: “strong”",
        "Lead Leicester City Council: “Suggested” → “Accepted”",
    ):
        assert line in newest
    changed = {row[0]: row[4] for row in provenance(found)}
    assert {heading for heading, word in changed.items() if word != "No"} == {"Action", "VF1", "VF5"}
    assert "Leicester City Planning Summit" in [row[2] for row in provenance(found)]


def test_a_change_outside_the_portal_is_told_as_such(client: Client) -> None:
    Action.objects.filter(number=10).update(outcome_text="Other words")
    found = page(client, "/actions/10/")
    assert "· Changed outside the portal" in changes(found)[0]
    assert [row[0] for row in provenance(found) if row[4] != "No"] == ["Outcome Measure 2008"]


@pytest.mark.once
def test_what_people_typed_is_text_and_no_markup(client: Client, report: Any) -> None:
    evil = "<script>alert(1)</script><b>bold</b>"
    report(1, 1, "off-track", comment=evil, next_step=evil, evidence=evil)
    found = page(client, "/actions/1/")
    assert not found.one("main").all("script")
    assert not found.one("main").all("b")
    assert told(found)[0].count(evil) == 3


def test_the_page_asks_as_little_with_many_reports_as_with_one(
    client: Client, report: Any, lead: User
) -> None:
    now = timezone.now()
    first = report(23, 1, recorded_at=now - timedelta(days=30))
    report(23, 2, recorded_at=now - timedelta(days=30))

    def asked() -> int:
        return queries_of(client, "/actions/23/")

    asked()
    few = asked()
    for days in range(5, 0, -1):
        report(
            23,
            1,
            "at-risk",
            by=lead,
            recorded_at=now - timedelta(days=days),
            corrects=first if days == 5 else None,
        )
        report(23, 2, "off-track", recorded_at=now - timedelta(days=days))
    assert asked() == few <= 38
    assert ProgressUpdate.objects.count() == 12
