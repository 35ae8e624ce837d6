"""The framework into the database: fresh, again, beside people's edits, and from another city."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from actions.models import (
    Action,
    KnownAction,
    KnownMeasure,
    Lead,
    LeadAnswer,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    SourceCell,
    Status,
)
from actions.seeding import KEYS, compare, load
from history.models import VERSIONS, Clock, PlanChange
from partners.models import Partner, User
from reporting.calendar import plan_at
from strategy.framework_fixture import as_json
from strategy.framework_table import parse
from strategy.models import Theme, VitalFew
from tests.conftest import FRAMEWORK, Report
from tests.strategy.generated import framework_document
from tests.strategy.test_framework_table import elsewhere

pytestmark = pytest.mark.once


def load_framework(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("load_framework", *map(str, arguments), stdout=out)
    return out.getvalue()


def everything() -> dict[str, list[Any]]:
    """Every row of the plan, its history and what is known from both, to be compared with `==`."""
    known: list[Any] = [*VERSIONS, KnownAction, KnownMeasure]
    models = [Action, Lead, Relationship, OutcomeMeasure, SourceCell, Partner, VitalFew, Theme, PlanChange]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in [*models, *known]}


# --- Fresh, and again ----------------------------------------------------


def test_a_fresh_portal_has_the_whole_framework_and_nobody_has_reported(empty_portal: None) -> None:
    assert "32 actions loaded; 0 progress updates" in load_framework()
    counts = [model.objects.count() for model in (VitalFew, Theme, Partner, Action, Lead, OutcomeMeasure)]
    assert counts == [5, 4, 16, 32, 34, 33]
    assert Relationship.objects.filter(strength="X").count() == 47
    assert Relationship.objects.filter(strength="O").count() == 54
    plan = plan_at()
    assert {row.status for row in plan.rows(plan.actions())} == {Status.NOT_REPORTED}
    assert set(Lead.objects.values_list("acceptance", flat=True)) == {"suggested"}


def test_loading_is_one_imported_change_that_every_version_names(empty_portal: None) -> None:
    load_framework()
    change = PlanChange.objects.get()
    assert (change.kind, change.by, Clock.objects.get().change) == ("import", None, None)
    for version in VERSIONS:
        assert set(version.objects.values_list("change", "known_from")) <= {(change.pk, change.recorded_at)}


def test_loading_twice_changes_nothing(framework: None) -> None:
    before = everything()
    assert "32 actions already loaded, as in the framework" in load_framework()
    assert everything() == before


@pytest.mark.parametrize("beside", ["nothing", "progress"])
def test_loaddata_changes_nothing_of_a_framework_that_is_there(report: Report, beside: str) -> None:
    if beside == "progress":
        report(23, 2, "at-risk", value=2)
    before = everything()
    call_command("loaddata", "framework", verbosity=0)
    assert everything() == before


def test_loaddata_fills_an_empty_portal_alike(empty_portal: None) -> None:
    call_command("loaddata", "framework", verbosity=0)
    assert compare(FRAMEWORK).in_words() == []
    assert Action.objects.count() == 32


def test_another_citys_framework_fills_an_empty_portal(empty_portal: None, tmp_path: Path) -> None:
    fixture = tmp_path / "elsewhere.json"
    fixture.write_text(as_json(parse(elsewhere())), encoding="utf-8")
    assert "3 actions loaded" in load_framework(fixture)
    plan = plan_at()
    rows = {row.number: row for row in plan.with_measures(plan.rows(plan.actions()))}
    assert [vital_few.code for vital_few in plan.vital_fews] == ["G1", "G2", "G3"]
    assert rows[7].leads_in_words == "Housing Trust/All"
    assert [measure.measure.target for measure in rows[7].measures] == [12, None]
    assert [cluster.name for cluster in plan.clusters if cluster.is_cross_cluster] == ["Cross-cluster"]


# --- Beside people's edits -----------------------------------------------


def reword() -> None:
    Action.objects.filter(number=2).update(title="Look at Derby")


def strengthen() -> None:
    Relationship.objects.filter(action__number=16, vital_few__code="VF2").update(strength="X")


def unrelate() -> None:
    Relationship.objects.filter(action__number=16, vital_few__code="VF3").delete()


def relate() -> None:
    action, vital_few = Action.objects.get(number=16), VitalFew.objects.get(code="VF5")
    Relationship.objects.create(action=action, vital_few=vital_few, strength="O")


def retarget() -> None:
    OutcomeMeasure.objects.filter(action__number=18).update(target=120)


def replace_the_lead() -> None:
    Lead.objects.filter(action__number=1).update(partner=Partner.objects.get(slug="legi"))


def swap_joint_leads() -> None:
    leads = Lead.objects.filter(action__number=9)
    leads.update(order=F("order") + 10)
    leads.filter(partner__slug="universities").update(order=2)
    leads.filter(partner__slug="leicester-city-growth").update(order=1)


def decline() -> None:
    Lead.objects.filter(action__number=31).update(acceptance=Lead.Acceptance.DECLINED)


def swap_vital_fews() -> None:
    VitalFew.objects.update(order=F("order") + 10)
    VitalFew.objects.filter(code="VF1").update(order=2)
    VitalFew.objects.filter(code="VF2").update(order=1)


def rename_a_theme() -> None:
    Theme.objects.filter(slug="spatial-issues").update(name="Places")


def swap_themes() -> None:
    names = dict(Theme.objects.values_list("slug", "name"))
    Theme.objects.filter(slug="spatial-issues").update(name="Elsewhere")
    Theme.objects.filter(slug="access-to-labour").update(name=names["spatial-issues"])
    Theme.objects.filter(slug="spatial-issues").update(name=names["access-to-labour"])


def drop_a_measure() -> None:
    OutcomeMeasure.objects.get(action__number=5).delete()


def renumber() -> None:
    Action.objects.filter(number=5).update(number=50)


EDITS: list[tuple[Callable[[], None], str]] = [
    (reword, "action Action 2, title: here “Look at Derby”, in the framework “Map, understand"),
    (strengthen, "relationship Action 16, VF2: X, strength: here “X”, in the framework “O”"),
    (unrelate, "relationship 16, VF3: in the framework but not here"),
    (relate, "relationship Action 16, VF5: O: here but not in the framework"),
    (retarget, "outcome measure Action 18, measure 1, target: here “120.00”, in the framework “100”"),
    (replace_the_lead, "lead LEGI for action 1: here but not in the framework"),
    (replace_the_lead, "lead 1, learning-skills-council: in the framework but not here"),
    (swap_joint_leads, "lead Universities for action 9, order: here “2”, in the framework “1”"),
    (decline, "lead Creative Leicestershire for action 31, acceptance: here “declined”"),
    (swap_vital_fews, "vital few VF1 Vision & Leadership, order: here “2”, in the framework “1”"),
    (rename_a_theme, "theme Places, name: here “Places”, in the framework “Spatial Issues”"),
    (swap_themes, "theme Access to Labour, name: here “Access to Labour”, in the framework “Spatial Issues”"),
    (drop_a_measure, "outcome measure 5, 1: in the framework but not here"),
    (renumber, "lead 5, leicester-city-growth: in the framework but not here"),
    (renumber, "action Action 50: here but not in the framework"),
]


@pytest.mark.parametrize(
    ("progress", "edit", "message"), [(True, *EDITS[0]), *((False, *edit) for edit in EDITS)]
)
@pytest.mark.untraced
def test_peoples_edits_are_named_and_left_alone(
    report: Report, edit: Callable[[], None], message: str, progress: bool
) -> None:
    if progress:
        report(32)
    edit()
    before = everything()
    out = StringIO()
    with pytest.raises(CommandError, match=r"Nothing was changed. --overwrite .* --keep"):
        call_command("load_framework", stdout=out)
    assert message in out.getvalue()
    assert everything() == before
    assert ProgressUpdate.objects.count() == progress


@pytest.mark.parametrize("edit", [edit for edit in dict(EDITS) if edit != renumber])
def test_overwrite_sets_back_the_framework_and_keeps_the_history(
    report: Report, edit: Callable[[], None]
) -> None:
    filed = report(32)
    edit()
    versions = {version: set(version.objects.values_list("pk", flat=True)) for version in VERSIONS}
    assert "0 kept" in load_framework("--overwrite")
    assert compare(FRAMEWORK).in_words() == []
    assert all(
        kept <= set(version.objects.values_list("pk", flat=True)) for version, kept in versions.items()
    )
    assert PlanChange.objects.latest("pk").reason == "Set back to framework.json"
    assert ProgressUpdate.objects.get() == filed


def test_overwrite_lists_what_was_here_and_not_what_is_here_now(framework: None) -> None:
    retarget()
    assert "target: here “120.00”, in the framework “100”" in load_framework("--overwrite")


def test_overwrite_keeps_what_only_the_portal_has_and_lists_it(framework: None, staff: User) -> None:
    theme, cluster = Theme.objects.all()[0], Action.objects.get(number=1).cluster
    Action.objects.create(number=33, title="A new one", theme=theme, cluster=cluster, outcome_text="More")
    reword()
    output = load_framework("--overwrite")
    assert "Kept: action Action 33: here but not in the framework" in output
    assert "1 difference reset to the framework, 1 kept" in output
    assert Action.objects.filter(number=33).exists()


def test_overwrite_brings_back_a_renumbered_action_beside_the_one_it_became(report: Report) -> None:
    filed = report(5)
    renumber()
    load_framework("--overwrite")
    plan = plan_at()
    assert (plan.row(5).status, plan.row(50).status) == (Status.NOT_REPORTED, Status.ON_TRACK)
    assert plan.row(50).update == filed
    assert plan.row(5).marks == {"VF1": "O", "VF2": "O", "VF3": "O", "VF4": "X", "VF5": "O"}


def test_overwrite_that_the_database_rejects_is_reported_and_changes_nothing(framework: None) -> None:
    Theme.objects.filter(slug="spatial-issues").update(
        slug="places"
    )  # and keeps its name, which is once only
    before = everything()
    with pytest.raises(CommandError, match="Nothing was changed"):
        load_framework("--overwrite")
    assert everything() == before


def test_overwrite_keeps_what_a_partner_answered(lead: User) -> None:
    action, legi = Action.objects.get(number=1), Partner.objects.get(slug="legi")
    added = Lead.objects.create(action=action, partner=legi, order=2)
    LeadAnswer.objects.create(lead=added, answer="accept", asked_by=lead)
    load_framework("--overwrite")
    added.refresh_from_db()
    assert added.acceptance == Lead.Acceptance.DECLINED
    assert LeadAnswer.objects.filter(lead=added).exists()
    assert compare(FRAMEWORK).in_words() == []


def test_keep_leaves_a_plan_that_differs_and_exits_0(framework: None) -> None:
    reword()
    before = everything()
    assert "Kept 1 difference from the framework" in load_framework("--keep")
    assert everything() == before


def test_an_accepted_lead_and_a_target_date_are_no_difference(framework: None) -> None:
    Lead.objects.filter(action__number=1).update(acceptance=Lead.Acceptance.ACCEPTED)
    OutcomeMeasure.objects.filter(action__number=1).update(target_date="2008-12-31")
    assert compare(FRAMEWORK).in_words() == []


def test_a_framework_of_another_city_is_refused_beside_this_one(framework: None, tmp_path: Path) -> None:
    fixture = tmp_path / "elsewhere.json"
    fixture.write_text(as_json(parse(elsewhere())), encoding="utf-8")
    before = everything()
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_framework", str(fixture), stdout=out)
    assert "action Action 2: here but not in the framework" in out.getvalue()
    assert "vital few G1: in the framework but not here" in out.getvalue()
    assert everything() == before


# --- Other files --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a framework fixture"),
        ("{}", "a list of records was expected"),
        ("[1]", "a list of records was expected"),
        ("[]", "it has no actions"),
        ('[{"model": "auth.group", "fields": {}}]', "it has records of auth.group"),
        ('[{"model": "actions.action", "fields": {}}]', "needs number"),
        ('[{"model": "actions.action", "fields": {"number": 1, "size": 2}}]', "no field named 'size'"),
        ('[{"model": "actions.action", "fields": {"number": "one"}}]', "not a framework fixture"),
    ],
)
def test_another_file_is_reported_and_changes_nothing(
    framework: None, tmp_path: Path, text: str, message: str
) -> None:
    fixture = tmp_path / "other.json"
    fixture.write_text(text)
    before = everything()
    with pytest.raises(CommandError, match=message):
        load_framework(fixture)
    assert everything() == before


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_fixture_that_cannot_be_read_is_reported(framework: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        load_framework(tmp_path / name)


def test_a_fixture_that_refers_to_a_missing_row_leaves_an_empty_portal_empty(
    empty_portal: None, tmp_path: Path
) -> None:
    records = [record for record in json.loads(FRAMEWORK.read_text()) if record["model"] != "strategy.theme"]
    fixture = tmp_path / "half.json"
    fixture.write_text(json.dumps(records))
    with pytest.raises(CommandError, match="action 1 refers to a row that does not exist"):
        load_framework(fixture)
    assert not any(model.objects.exists() for model in (VitalFew, Partner, Action, PlanChange))


def test_comparing_asks_the_database_twice_a_model(framework: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2 * len(KEYS)):
        compare(FRAMEWORK)


# --- Large frameworks ----------------------------------------------------


def written(folder: Path, actions: int) -> Path:
    """The fixture of a generated framework of so many actions."""
    fixture = folder / "generated.json"
    fixture.write_text(as_json(parse(framework_document(actions))), encoding="utf-8")
    return fixture


@pytest.mark.untraced
def test_a_thousand_actions_load_in_few_statements(empty_portal: None, tmp_path: Path) -> None:
    fixture = written(tmp_path, 1000)
    with CaptureQueriesContext(connection) as queries:
        load(fixture)
    rows = sum(
        len(found)
        for name, found in everything().items()
        if not name.endswith("Version") and name[:5] != "Known"
    )
    assert Action.objects.count() == 1000
    assert rows > 15_000
    assert len(queries) < 150  # SQLite takes at most 999 values a statement
    assert compare(fixture).in_words() == []
    assert PlanChange.objects.count() == 1


def test_a_framework_of_many_chunks_is_loaded_and_compared_as_in_one(
    empty_portal: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.seeding.RECORDS_AT_ONCE", 50)
    fixture = written(tmp_path, 40)
    assert "40 actions loaded" in load_framework(fixture)
    reword()
    swap_vital_fews()
    assert "0 kept" in load_framework(fixture, "--overwrite")
    assert compare(fixture).in_words() == []


@pytest.mark.untraced
def test_many_differences_are_named_and_set_back_in_few_statements(
    empty_portal: None, tmp_path: Path
) -> None:
    fixture = written(tmp_path, 400)
    load(fixture)
    Action.objects.update(title="Reworded")
    Relationship.objects.filter(vital_few__code="VF1").delete()
    Lead.objects.update(order=F("order") + 10)
    with CaptureQueriesContext(connection) as queries:
        before = load(fixture, overwrite=True)
        differences = before.in_words()
    assert len(differences) > 950
    assert len(queries) < 100
    assert compare(fixture).in_words() == []


def test_every_kind_of_record_in_the_fixture_has_a_key() -> None:
    assert {record["model"] for record in json.loads(FRAMEWORK.read_text())} == set(KEYS)
