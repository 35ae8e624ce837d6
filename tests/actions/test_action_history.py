"""An action's history in words, and whether what was imported has been changed since."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from actions.action_history import ActionHistory, PlanEvent, Provenance
from actions.models import Action, Lead, OutcomeMeasure, Relationship
from actions.plan import Plan
from history.clock import end_of, plan_change
from history.models import PlanChange
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.clock import recorded_at

NUMBER = 23


def events(plan: Plan | None = None) -> list[PlanEvent]:
    return ActionHistory(Action.objects.get(number=NUMBER).pk, plan or Plan()).events()


def provenance(number: int = NUMBER) -> list[Provenance]:
    plan = Plan()
    row = plan.row(number)
    return ActionHistory(row.id, plan).provenance(row)


def changed(number: int = NUMBER) -> list[str]:
    """The headings of the source cells that a person has changed."""
    return [one.cell.heading for one in provenance(number) if one.changed]


def retitle(title: str = "Otherwise") -> None:
    Action.objects.filter(number=NUMBER).update(title=title)


def move() -> None:
    theme, cluster = Theme.objects.get(slug="spatial-issues"), Cluster.objects.get(slug="retail")
    Action.objects.filter(number=NUMBER).update(theme=theme, cluster=cluster)


def weaken() -> None:
    Relationship.objects.filter(action__number=NUMBER, vital_few__code="VF1").update(strength="O")


def unrelate() -> None:
    Relationship.objects.filter(action__number=NUMBER, vital_few__code="VF1").delete()


def relate() -> None:
    action, vital_few = Action.objects.get(number=NUMBER), VitalFew.objects.get(code="VF1")
    Relationship.objects.create(action=action, vital_few=vital_few, strength="O")


def add_a_lead() -> None:
    Lead.objects.create(
        action=Action.objects.get(number=NUMBER), partner=Partner.objects.get(slug="legi"), order=2
    )


def decline() -> None:
    Lead.objects.filter(action__number=NUMBER).update(acceptance="declined")


def measure(order: int, **values: object) -> Callable[[], object]:
    return lambda: OutcomeMeasure.objects.filter(action__number=NUMBER, order=order).update(**values)


def add_a_measure() -> None:
    action = Action.objects.get(number=NUMBER)
    OutcomeMeasure.objects.create(action=action, order=3, text="Five trips", year=2008, target=5)


def drop_a_measure() -> None:
    OutcomeMeasure.objects.get(action__number=NUMBER, order=2).delete()


TITLE = "Leverage multi-ethnic workforce and international connections"
DATED = date(2008, 12, 31)
IN_WORDS: list[tuple[Callable[[], object], list[str], list[str]]] = [
    (retitle, [f"Wording: “{TITLE}” → “Otherwise”"], ["Action"]),
    (
        move,
        [
            "Theme: “Access to Labour” → “Spatial Issues”",
            "Cluster: “Cross-cluster” → “Retail”",
        ],
        ["Theme", "Cluster"],
    ),
    (weaken, ["Relationship to VF1: “strong” → “supporting”"], ["VF1"]),
    (unrelate, ["Relationship to VF1 removed: “strong”"], ["VF1"]),
    (add_a_lead, ["Lead LEGI added: “Suggested”"], ["Suggested Lead"]),
    (decline, ["Lead Leicester City Growth: “Suggested” → “Declined”"], ["Suggested Lead"]),
    (measure(2, target=7), ["Measure 2, target: “4” → “7”"], ["Outcome Measure 2008"]),
    (measure(2, target=Decimal("4000.5")), ["Measure 2, target: “4” → “4,000.5”"], ["Outcome Measure 2008"]),
    (measure(2, baseline=1), ["Measure 2, baseline: none → “1”"], []),
    (measure(2, target_date=DATED), ["Measure 2, target date: none → “31 December 2008”"], []),
    (add_a_measure, ["Measure 3 added: “Five trips”"], ["Outcome Measure 2008"]),
    (
        drop_a_measure,
        [
            "Measure 2 removed: “Four new international links established through international students "
            "studying in Leicester.”"
        ],
        ["Outcome Measure 2008"],
    ),
]


def test_what_was_imported_is_one_event_and_nothing_of_it_is_changed(framework: None) -> None:
    [event] = events()
    assert (event.lines, event.who) == (["Imported from the framework"], "Imported")
    assert event.reason == "Framework table (framework.json)"
    for number in range(1, 33):
        cells = provenance(number)
        assert len(cells) == (10 if number == 16 else 11)
        assert not any(one.changed for one in cells)


@pytest.mark.parametrize(("change", "lines", "headings"), IN_WORDS)
def test_a_change_is_said_in_words_with_who_and_why(
    framework: None, staff: User, change: Callable[[], object], lines: list[str], headings: list[str]
) -> None:
    with plan_change(by=staff, reason="The board said so"):
        change()
    event, imported = events()
    assert (event.lines, event.who, event.reason) == (lines, "Sam Staff", "The board said so")
    assert event.change is not None
    assert event.change.by == staff
    assert imported.who == "Imported"
    assert changed() == headings


def test_a_change_that_nobody_owned_up_to_says_so(framework: None) -> None:
    retitle()
    event = events()[0]
    assert (event.who, event.reason, event.change) == ("Changed outside the portal", "", None)
    assert changed() == ["Action"]


def test_a_demonstrations_change_says_so(framework: None) -> None:
    with plan_change(by=None, reason="To show", kind=PlanChange.Kind.DEMONSTRATION):
        retitle()
    assert events()[0].who == "Demonstration"


def test_everything_changed_together_is_one_event_and_the_newest_stands_first(
    framework: None, staff: User
) -> None:
    soon, later = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=2)
    with recorded_at(soon), plan_change(by=staff, reason="Together"):
        retitle("First thought")
        retitle("Second thought")
        weaken()
        measure(2, target=7)()
    with recorded_at(later), plan_change(by=staff, reason="Alone"):
        retitle("Third thought")
    third, second, _ = events()
    assert third.lines == ["Wording: “Second thought” → “Third thought”"]
    assert second.lines == [
        f"Wording: “{TITLE}” → “Second thought”",
        "Relationship to VF1: “strong” → “supporting”",
        "Measure 2, target: “4” → “7”",
    ]
    assert (third.when, second.when) == (later, soon)


def test_at_a_moment_the_history_ends_there(framework: None, staff: User) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    with recorded_at(tomorrow), plan_change(by=staff, reason="Later"):
        retitle()
        unrelate()
    today = Plan(moment=end_of(timezone.localdate()))
    assert [event.who for event in events(today)] == ["Imported"]
    after = Plan(moment=tomorrow + timedelta(microseconds=1))
    assert events(after)[0].reason == "Later"
    assert "Relationship to VF1 removed: “strong”" in events(after)[0].lines


def test_what_was_removed_and_set_again_is_both_in_the_history_and_no_longer_changed(framework: None) -> None:
    unrelate()
    assert changed() == ["VF1"]
    relate()
    assert changed() == ["VF1"]  # supporting now
    Relationship.objects.filter(action__number=NUMBER, vital_few__code="VF1").update(strength="X")
    assert changed() == []
    lines = [line for event in reversed(events()) for line in event.lines]
    assert lines[1:] == [
        "Relationship to VF1 removed: “strong”",
        "Relationship to VF1 added: “supporting”",
        "Relationship to VF1: “supporting” → “strong”",
    ]


def test_what_others_changed_in_other_actions_is_not_in_this_ones_history(framework: None) -> None:
    Action.objects.filter(number=24).update(title="Otherwise")
    Relationship.objects.filter(action__number=24).delete()
    assert len(events()) == 1
    assert changed() == []


@pytest.mark.parametrize("change", [change for change, _, headings in IN_WORDS if headings])
@pytest.mark.untraced
def test_what_was_set_back_to_the_framework_is_no_longer_changed(
    framework: None, change: Callable[[], object]
) -> None:
    change()
    assert changed()
    if change is add_a_measure:
        OutcomeMeasure.objects.get(action__number=NUMBER, order=3).delete()  # nothing of the framework's
    call_command("load_framework", overwrite=True, verbosity=0, stdout=StringIO())
    assert changed() == []


def test_a_joint_lead_in_another_order_is_changed(framework: None) -> None:
    leads = Lead.objects.filter(action__number=9)
    for slug, order in (("universities", 3), ("leicester-city-growth", 1), ("universities", 2)):
        leads.filter(partner__slug=slug).update(order=order)
    assert changed(9) == ["Suggested Lead"]


def test_provenance_gives_the_raw_cells_in_the_order_of_the_document(framework: None) -> None:
    cells = [one.cell for one in provenance(27)]
    assert [cell.column for cell in cells] == list(range(1, 12))
    assert {cell.line for cell in cells} == {40}
    assert (cells[4].raw, cells[4].mend) == (
        "LeicesterShire Promotions",
        "“LeicesterShire Promotions” was read as “Leicestershire Promotions”, as it is spelt elsewhere",
    )
