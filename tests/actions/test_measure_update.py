"""Submitting an update: what each status requires, what is saved, and two at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.drafts import form_key
from actions.models import EvidenceFile, Lead, MeasureProposal, OutcomeMeasure, ProgressUpdate, UpdateDraft
from partners.models import Partner, User
from reporting.calendar import plan_at

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
Report = Callable[..., ProgressUpdate]
KEY = "k" * 32
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def address(number: int, order: int = 1) -> str:
    return reverse("measure_update", args=[number, order])


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "status": "on-track",
        "comment": "The network met twice.",
        "once_key": KEY,
        "do": "submit",
    } | fields


def test_a_report_is_filed_for_the_leads_partner_and_the_next_one_due_is_offered(
    lead: User, client_of: ClientOf, period: object
) -> None:
    response = client_of(lead).post(address(1), typed(), follow=True)
    update = ProgressUpdate.objects.get()
    assert (update.measure.action.number, update.status, update.comment) == (
        1,
        "on-track",
        "The network met twice.",
    )
    assert (update.author, update.author_role) == (lead, "lead")
    assert update.on_behalf_of.slug == "learning-skills-council"
    assert response.redirect_chain == [(f"/updates/?submitted={update.pk}", 302)]
    assert "Update submitted</h2>" in words(response)
    assert "Next: action 4" in words(response)
    assert "<strong>2 updates are due by" in words(response)


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ("not-started", {"comment"}),
        ("on-track", {"comment"}),
        ("at-risk", {"comment", "recovery_step"}),
        ("off-track", {"comment", "board_request"}),
        ("complete", {"evidence", "completed_on"}),
    ],
)
def test_each_status_asks_for_what_it_needs_and_lists_every_fault(
    lead: User, client_of: ClientOf, status: str, missing: set[str]
) -> None:
    response = client_of(lead).post(address(1), {"status": status, "comment": "  ", "once_key": KEY})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == missing
    summary = words(response).split("There is a problem")[1].split("</div>")[0]
    for name in missing:
        assert f'href="#id_{name}"' in summary
        assert f'id="id_{name}_error"' in words(response)
    assert not ProgressUpdate.objects.exists()


def test_nothing_typed_is_lost_by_an_error(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    mine = typed(
        status="at-risk", comment="Läuft <b>schleppend</b>", evidence="Minutes", evidence_url="nonsense"
    )
    response = client.post(address(1), mine)
    form = response.context["form"]
    assert {name: form[name].value() for name in ("status", "comment", "evidence", "evidence_url")} == {
        name: mine[name] for name in ("status", "comment", "evidence", "evidence_url")
    }
    assert "&lt;b&gt;schleppend" in words(response)
    again = client.get(address(1))  # the browser was closed
    assert again.context["form"]["comment"].value() == mine["comment"]
    assert "Your draft" in words(again)


def test_the_last_answer_stands_beside_and_is_never_filled_in(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    report(1, comment="Said last time")
    response = client_of(lead).get(address(1))
    assert "Said last time" in words(response)
    assert not response.context["form"]["comment"].value()
    assert not response.context["form"]["status"].value()


@pytest.mark.parametrize(
    ("status", "extra"),
    [
        ("at-risk", {"recovery_step": "A new start in May"}),
        ("off-track", {"board_request": "Fund it"}),
        ("complete", {"evidence": "The minutes", "completed_on": "2026-01-31"}),
        ("complete", {"evidence_url": "https://www.example.org/report", "completed_on": "2026-01-31"}),
    ],
)
def test_a_status_with_what_it_asks_for_is_filed(
    lead: User, client_of: ClientOf, status: str, extra: dict[str, str]
) -> None:
    response = client_of(lead).post(address(1), typed(status=status, **extra))
    assert response.status_code == 302
    update = ProgressUpdate.objects.get()
    assert update.status == status
    columns = {"recovery_step": "next_step", "board_request": "next_step"}
    assert {name: str(getattr(update, columns.get(name, name))) for name in extra} == extra


def test_closing_is_for_staff_alone_with_reason_and_the_date_of_the_decision(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    closing = typed(status="closed", comment="Merged into action 2", decided_on="2026-03-01")
    refused = client_of(lead).post(address(1), closing)
    assert "status" in refused.context["form"].errors
    asked = client_of(staff).post(address(1), closing | {"decided_on": "", "comment": ""})
    assert set(asked.context["form"].errors) == {"comment", "decided_on"}
    assert client_of(staff).post(address(1), closing).status_code == 302
    assert str(ProgressUpdate.objects.get().decided_on) == "2026-03-01"


@pytest.mark.parametrize(
    ("status", "name", "more"),
    [("complete", "completed_on", {"evidence": "The minutes"}), ("closed", "decided_on", {})],
)
def test_a_date_is_today_or_before(
    staff: User, client_of: ClientOf, status: str, name: str, more: dict[str, str]
) -> None:
    client = client_of(staff)
    partner = Partner.objects.get(slug="learning-skills-council").pk
    today = timezone.localdate()
    filled = typed(status=status, on_behalf_of=partner, **more)
    response = client.post(address(1), filled | {name: str(today + timedelta(days=1))})
    assert response.status_code == 422
    assert response.context["form"].errors == {name: ["The date must be today or in the past."]}
    assert not ProgressUpdate.objects.exists()
    assert client.post(address(1), filled | {name: str(today)}).status_code == 302
    assert getattr(ProgressUpdate.objects.get(), name) == today


WITH_EACH = [
    ("not-started", {}),
    ("on-track", {}),
    ("at-risk", {"recovery_step": "A step"}),
    ("off-track", {"board_request": "A request"}),
    ("complete", {"completed_on": "2026-01-31"}),
    ("closed", {"decided_on": "2026-01-31"}),
]


@pytest.mark.parametrize(("status", "asked"), WITH_EACH)
def test_evidence_is_kept_with_every_status(
    staff: User, client_of: ClientOf, status: str, asked: dict[str, str]
) -> None:
    given = {"evidence": "Minutes of May", "evidence_url": "https://example.org/minutes"}
    partner = Partner.objects.get(slug="learning-skills-council").pk
    sent = typed(status=status, on_behalf_of=partner, **asked, **given)
    upload = SimpleUploadedFile("a.pdf", PDF)
    assert client_of(staff).post(address(1), sent | {"evidence_file": upload}).status_code == 302
    update = ProgressUpdate.objects.get()
    assert {name: getattr(update, name) for name in given} == given
    assert update.evidence_file is not None
    assert update.evidence_file.name == "a.pdf"


@pytest.mark.parametrize(("status", "asked"), WITH_EACH)
def test_a_step_and_a_date_are_kept_only_with_the_status_that_asks_for_them(
    staff: User, client_of: ClientOf, status: str, asked: dict[str, str]
) -> None:
    everything = {
        "recovery_step": "Old step",
        "board_request": "Old request",
        "completed_on": "2026-02-01",
        "decided_on": "2026-02-02",
    }
    partner = Partner.objects.get(slug="learning-skills-council").pk
    sent = typed(status=status, on_behalf_of=partner, evidence="x", **everything)
    assert client_of(staff).post(address(1), sent).status_code == 302
    update = ProgressUpdate.objects.get()
    kept = {str(getattr(update, name) or "") for name in ("next_step", "completed_on", "decided_on")}
    assert kept - {""} == {value for name, value in everything.items() if name in asked}


# Numbers


def test_a_value_is_asked_for_only_where_there_is_a_target(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    assert "value" not in client_of(lead).get(address(1)).context["form"].fields
    report(20, value=3)
    OutcomeMeasure.objects.filter(action__number=20).update(unit="apprenticeships")
    form = client_of(lead).get(address(20)).context["form"]
    assert form.fields["value"].help_text == (
        "The total so far. Target: 10 apprenticeships. Last time: 3 apprenticeships."
    )


@pytest.mark.parametrize(
    ("value", "question"),
    [("2", "2 is lower than last time (3)."), ("12.5", "12.5 is higher than the target (10).")],
)
def test_an_unusual_value_is_asked_about_and_not_refused(
    lead: User, client_of: ClientOf, report: Report, value: str, question: str
) -> None:
    seen = report(20, value=3).pk
    client = client_of(lead)
    asked = client.post(address(20), typed(value=value, seen=seen))
    assert asked.status_code == 422
    assert asked.context["form"].errors["value"][0].startswith(question)
    assert "Yes, this value is right" in words(asked)
    assert client.post(address(20), typed(value=value, seen=seen, value_is_right="on")).status_code == 302
    assert str(ProgressUpdate.objects.newest_first()[0].value.normalize()) == value


def test_a_value_as_before_is_not_asked_about_and_past_the_target_it_is_asked_once(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    client = client_of(lead)

    def sent(value: str, **more: str) -> list[str]:
        """The questions and errors about this value, of a target of 10; none where it is submitted."""
        seen = ProgressUpdate.objects.newest_first()[0].pk
        response = client.post(address(20), typed(value=value, seen=seen, once_key=token_urlsafe(24), **more))
        errors: list[str] = response.context["form"].errors.get("value", []) if response.context else []
        assert response.status_code == (422 if errors else 302)
        return errors

    report(20, value=3)
    assert sent("3") == []
    assert sent("10") == []  # the target itself
    assert sent("10.01")[0].startswith("10.01 is higher than the target (10).")
    assert sent("10.01", value_is_right="on") == []
    assert sent("10.01") == []
    assert sent("11") == []
    assert sent("10.5")[0].startswith("10.5 is lower than last time (11).")
    values = ProgressUpdate.objects.order_by("recorded_at").values_list("value", flat=True)
    assert [str(value.normalize()) for value in values] == ["3", "3", "1E+1", "10.01", "10.01", "11"]


def test_the_value_that_a_correction_replaces_is_no_measure_of_it(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    """A nought too many: the right value is less than the wrong one, and not to be asked about."""
    report(20, value=3, by=lead)
    wrong = report(20, value=50, by=lead)
    client = client_of(lead)
    sent = typed(seen=wrong.pk, corrects=wrong.pk)
    assert client.post(address(20), sent | {"value": "2"}).status_code == 422  # less than the 3 before it
    assert client.post(address(20), sent | {"value": "5"}).status_code == 302
    assert ProgressUpdate.objects.newest_first()[0].value == 5


def test_a_value_that_is_no_number_is_an_error_and_stays_as_typed(lead: User, client_of: ClientOf) -> None:
    response = client_of(lead).post(address(20), typed(value="about ten"))
    assert response.context["form"].errors["value"] == ["Enter a number, like 40 or 5,000."]
    assert 'value="about ten"' in words(response)


def test_baseline_and_unit_are_proposed_and_change_nothing_by_themselves(
    lead: User, client_of: ClientOf
) -> None:
    client_of(lead).post(address(20), typed(value="3", baseline="1", unit="apprenticeships"))
    proposal = MeasureProposal.objects.get()
    assert (proposal.baseline, proposal.unit, proposal.asked_by) == (1, "apprenticeships", lead)
    measure = OutcomeMeasure.objects.get(action__number=20)
    assert (measure.baseline, measure.unit) == (None, "")


# Evidence


def test_a_file_is_kept_and_served_to_those_signed_in_as_an_attachment(
    lead: User, board: User, client_of: ClientOf, client: Client
) -> None:
    upload = SimpleUploadedFile("../../Minutes <1>.pdf", PDF, content_type="text/html")
    client_of(lead).post(address(1), typed(evidence_file=upload))
    found = ProgressUpdate.objects.get().evidence_file
    assert found is not None
    assert (found.name, found.content_type, found.size) == ("Minutes _1_.pdf", "application/pdf", len(PDF))
    assert re.fullmatch(r"evidence/[0-9a-f]{32}", found.file.name)
    response = client_of(board).get(found.get_absolute_url())
    assert b"".join(response) == PDF  # type: ignore[arg-type]
    assert response["Content-Disposition"] == 'attachment; filename="Minutes _1_.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert client.get(found.get_absolute_url()).status_code == 302


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("page.html", b"<script>alert(1)</script>", "Use one of these: PDF, PNG, JPEG"),
        ("tool.exe", b"MZ" + b"\0" * 64, "Use one of these: PDF, PNG, JPEG"),
        ("picture.png", b"<html><script>alert(1)</script></html>", "do not match its type"),
        ("report.pdf", PNG, "do not match its type"),
        ("data.csv", b"a,b\0c", "do not match its type"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_a_bad_file_is_refused_at_its_field_and_the_words_stay(
    lead: User, client_of: ClientOf, name: str, content: bytes, says: str
) -> None:
    response = client_of(lead).post(address(1), typed(evidence_file=SimpleUploadedFile(name, content)))
    assert response.status_code == 422
    assert says in response.context["form"].errors["evidence_file"][0]
    assert response.context["form"]["comment"].value() == "The network met twice."
    assert not EvidenceFile.objects.exists()


def test_a_file_that_is_too_large_is_refused(lead: User, client_of: ClientOf, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = len(PDF) - 1
    response = client_of(lead).post(address(1), typed(evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    assert "MB or smaller" in response.context["form"].errors["evidence_file"][0]


def test_a_good_file_survives_an_error_elsewhere_and_can_be_taken_away(
    lead: User, client_of: ClientOf
) -> None:
    client = client_of(lead)
    first = client.post(address(1), typed(comment="", evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    assert "a.pdf" in words(first)
    assert "saved in your draft" in words(first)
    client.post(address(1), typed())
    assert ProgressUpdate.objects.get().evidence_file == EvidenceFile.objects.get()
    client.post(address(1), typed(comment="", seen=ProgressUpdate.objects.get().pk, once_key="n" * 32))
    assert UpdateDraft.objects.get().evidence_file is None


def test_a_held_file_is_dropped_when_its_tick_says_so(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    client.post(address(1), typed(comment="", evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    client.post(address(1), typed(drop_file="on"))
    assert ProgressUpdate.objects.get().evidence_file is None


def test_a_file_in_a_draft_is_there_for_its_author_alone(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    client_of(lead).post(address(1), typed(comment="", evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    file = EvidenceFile.objects.get()
    own = client_of(lead).get(file.get_absolute_url())
    assert b"".join(own) == PDF  # type: ignore[arg-type]
    assert client_of(staff).get(file.get_absolute_url()).status_code == 404


# Drafts, lapsed sessions, forms older than a sign-in


def test_a_draft_is_for_its_author_alone_and_gone_when_submitted(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf
) -> None:
    client_of(joint_lead).post(address(9), {"comment": "half a sen", "do": "draft"})
    assert client_of(joint_lead).get(address(9)).context["form"]["comment"].value() == "half a sen"
    assert not client_of(other_joint_lead).get(address(9)).context["form"]["comment"].value()
    client_of(joint_lead).post(address(9), typed())
    assert not UpdateDraft.objects.exists()


def test_a_draft_is_written_only_when_something_is_refused_or_asked_to_be_kept(
    lead: User, client_of: ClientOf
) -> None:
    client = client_of(lead)

    def drafts_written(number: int, sent: dict[str, Any] | None) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address(number)) if sent is None else client.post(address(number), sent)
        written = [query["sql"] for query in queries if 'actions_updatedraft"' in query["sql"]]
        return sum(sql.startswith(("INSERT", "UPDATE")) for sql in written)

    assert drafts_written(1, None) == 0
    upload = SimpleUploadedFile("a.pdf", PDF)
    assert drafts_written(1, typed(evidence_file=upload)) == 0
    assert ProgressUpdate.objects.count() == 1
    assert drafts_written(1, typed()) == 0  # again
    assert drafts_written(20, typed(comment="", once_key="m" * 32)) > 0
    assert UpdateDraft.objects.count() == 1
    assert drafts_written(20, typed(once_key="m" * 32)) == 0
    assert not UpdateDraft.objects.exists()
    assert drafts_written(20, {"comment": "half a sen", "do": "draft"}) > 0


def test_a_draft_is_discarded_on_demand(lead: User, client_of: ClientOf) -> None:
    client_of(lead).post(address(1), {"comment": "half a sen", "do": "draft"})
    client_of(lead).post(address(1), {"comment": "half a sen", "do": "discard"})
    assert not UpdateDraft.objects.exists()


def test_words_sent_after_the_session_lapsed_are_kept_for_their_author(
    lead: User, stranger: User, client_of: ClientOf, client: Client
) -> None:
    form = client_of(lead).get(address(1))
    key = form.context["form_key"]
    lost = client.post(
        address(1), typed(form_key=key, evidence_file=SimpleUploadedFile("a.pdf", PDF))
    )  # signed out by now
    assert lost.status_code == 302
    assert lost["Location"] == f"/accounts/login/?next={address(1)}"
    assert not ProgressUpdate.objects.exists()
    assert "What you typed is saved" in words(client.get(lost["Location"]))
    again = client_of(lead).get(address(1))
    assert again.context["form"]["comment"].value() == "The network met twice."
    assert again.context["form"]["status"].value() == "on-track"
    assert "a.pdf" in words(again)


@pytest.mark.parametrize("key", ["", "forged", "WzEsMV0:1abc:forged"])
def test_nobody_writes_a_draft_with_a_forged_key(lead: User, client: Client, key: str) -> None:
    client.post(address(1), typed(form_key=key))
    assert not UpdateDraft.objects.exists()


def test_a_closed_account_keeps_no_draft(lead: User, client: Client) -> None:
    key = form_key(lead, OutcomeMeasure.objects.get(action__number=1))
    User.objects.filter(pk=lead.pk).update(is_active=False)
    client.post(address(1), typed(form_key=key))
    assert not UpdateDraft.objects.exists()


def test_a_form_older_than_the_sign_in_submits_nothing_and_keeps_the_words(lead: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lead)
    key = form_key(lead, OutcomeMeasure.objects.get(action__number=1))
    response = strict.post(address(1), typed(form_key=key, csrfmiddlewaretoken="x" * 64))
    assert response.status_code == 403
    assert "What you typed is saved as a draft" in words(response)
    assert not ProgressUpdate.objects.exists()
    assert strict.get(address(1)).context["form"]["comment"].value() == "The network met twice."


def test_a_form_that_expired_with_the_session_says_once_that_the_words_are_saved(lead: User) -> None:
    key = form_key(lead, OutcomeMeasure.objects.get(action__number=1))
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(address(1), typed(form_key=key, csrfmiddlewaretoken="x" * 64))
    assert response.status_code == 403
    shown = words(response)
    assert re.findall(r"<(title|h1)[^>]*> ?You have been signed out", shown) == ["title", "h1"]
    assert "This page has expired" not in shown
    assert (shown.count("signed out"), shown.count("What you typed is saved")) == (2, 1)
    assert "What you typed is saved" not in words(strict.get("/accounts/login/"))


def test_another_person_on_the_same_machine_does_not_get_the_words(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    key = form_key(lead, OutcomeMeasure.objects.get(action__number=1))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    strict.post(address(1), typed(form_key=key))
    assert not UpdateDraft.objects.exists()


# Two at once, and twice


def test_the_second_of_two_sees_what_the_first_filed_and_nothing_is_filed_yet(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf
) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs <i>first</i>"))
    response = client_of(other_joint_lead).post(
        address(9), typed(comment="Mine, second", status="at-risk", recovery_step="A step", once_key="m" * 32)
    )
    assert response.status_code == 409
    page = words(response)
    assert "Theirs &lt;i&gt;first&lt;/i&gt;" in page
    assert "Uma University, Universities" in page
    assert "Mine, second" in page
    assert ProgressUpdate.objects.count() == 1


def carried(response: Any) -> dict[str, str]:
    """The fields that the page of a conflict sends on."""
    fields: dict[str, str] = response.context["carried"]
    return fields


def test_the_second_may_file_as_well(joint_lead: User, other_joint_lead: User, client_of: ClientOf) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs"))
    client = client_of(other_joint_lead)
    conflict = client.post(address(9), typed(comment="Mine", once_key="m" * 32))
    assert client.post(address(9), carried(conflict) | {"do": "submit-mine"}).status_code == 302
    assert [u.comment for u in ProgressUpdate.objects.newest_first()] == ["Mine", "Theirs"]


def test_the_second_may_keep_theirs(joint_lead: User, other_joint_lead: User, client_of: ClientOf) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs"))
    client = client_of(other_joint_lead)
    conflict = client.post(address(9), typed(comment="Mine", once_key="m" * 32))
    client.post(address(9), carried(conflict) | {"do": "keep-theirs"})
    assert [u.comment for u in ProgressUpdate.objects.all()] == ["Theirs"]
    assert not UpdateDraft.objects.exists()


def test_the_second_may_edit_and_is_not_stopped_by_the_same_report_again(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf
) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs"))
    client = client_of(other_joint_lead)
    conflict = client.post(address(9), typed(comment="Mine", once_key="m" * 32))
    edit = client.post(address(9), carried(conflict) | {"do": "edit"})
    form = edit.context["form"]
    assert form["comment"].value() == "Mine"
    sent = typed(comment="Mine, better", seen=form["seen"].value(), once_key=form["once_key"].value())
    assert client.post(address(9), sent).status_code == 302
    assert [u.comment for u in ProgressUpdate.objects.newest_first()] == ["Mine, better", "Theirs"]


def test_a_third_report_in_between_is_shown_as_well(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf, report: Report
) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs"))
    client = client_of(other_joint_lead)
    conflict = client.post(address(9), typed(comment="Mine", once_key="m" * 32))
    report(9, comment="A third")
    again = client.post(address(9), carried(conflict) | {"do": "submit-mine"})
    assert again.status_code == 409
    assert "A third" in words(again)


def test_a_closed_browser_in_the_middle_of_a_conflict_loses_nothing(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf
) -> None:
    client_of(joint_lead).post(address(9), typed(comment="Theirs"))
    client_of(other_joint_lead).post(address(9), typed(comment="Mine", once_key="m" * 32))
    opened = client_of(other_joint_lead).get(address(9))
    assert opened.context["form"]["comment"].value() == "Mine"


def test_a_draft_knows_what_its_author_had_seen(
    joint_lead: User, other_joint_lead: User, client_of: ClientOf, report: Report
) -> None:
    seen = report(9).pk
    mine = client_of(other_joint_lead)
    mine.post(address(9), typed(seen=seen, do="draft"))
    client_of(joint_lead).post(address(9), typed(seen=seen, comment="Theirs"))
    form = mine.get(address(9)).context["form"]
    sent = typed(comment="Mine", seen=form["seen"].value(), once_key="m" * 32)
    assert mine.post(address(9), sent).status_code == 409


def test_a_double_click_submits_once_and_answers_the_same(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    first, second = client.post(address(1), typed()), client.post(address(1), typed())
    assert (first.status_code, second.status_code) == (302, 302)
    assert ProgressUpdate.objects.count() == 1


# Corrections


def test_a_correction_is_a_new_report_that_names_the_one_it_corrects(
    lead: User, client_of: ClientOf, board: User, report: Report
) -> None:
    wrong = report(1, status="off-track", comment="Wrong action!", by=lead)
    client = client_of(lead)
    form = client.get(address(1), {"correct": wrong.pk}).context["form"]
    assert (form["comment"].value(), form["corrects"].value()) == ("Wrong action!", wrong.pk)
    client.post(address(1), typed(comment="Right", seen=wrong.pk, corrects=wrong.pk))
    assert ProgressUpdate.objects.newest_first()[0].corrects == wrong
    page = words(client_of(board).get("/actions/1/"))
    assert "Wrong action!" in page
    assert "<strong>Corrects</strong>" in page
    assert "<strong>Corrected</strong> by" in page
    assert "✓" in page.split("govuk-summary-list")[0]


def test_the_form_asks_what_has_happened_so_far_since_or_what_to_correct(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    client = client_of(lead)

    def asked(**fields: Any) -> tuple[str, list[str]]:
        response = client.post(address(1), {"status": "on-track", "comment": "", "once_key": KEY} | fields)
        form = response.context["form"]
        assert form["comment"].label in words(response)
        return form["comment"].label, form.errors["comment"]

    assert asked() == (
        "What has happened so far?",
        ["Say in a sentence or two what has happened so far."],
    )
    last = report(1, by=lead)
    assert asked(seen=last.pk) == (
        "What has happened since the last update?",
        ["Say in a sentence or two what has happened since the last update."],
    )
    assert asked(seen=last.pk, corrects=last.pk) == (
        "What should the update say?",
        ["Enter what the update should say."],
    )
    opened = client.get(address(1), {"correct": last.pk}).context["form"]
    assert opened["comment"].label == "What should the update say?"


def test_a_correction_is_announced_as_one(lead: User, client_of: ClientOf, report: Report) -> None:
    wrong = report(1, status="off-track", by=lead)
    sent = typed(comment="Right", seen=wrong.pk, corrects=wrong.pk)
    response = client_of(lead).post(address(1), sent, follow=True)
    assert "Correction submitted</h2>" in words(response)
    assert "Update submitted" not in words(response)


def test_a_correction_carries_nothing_over_that_its_status_does_not_ask_for(
    lead: User, staff: User, client_of: ClientOf, report: Report
) -> None:
    """From At risk to On track, sent as the form was opened: with the old recovery step in its field."""
    wrong = report(1, status="at-risk", comment="Slipped", next_step="Ask the colleges", by=lead)
    client = client_of(lead)
    form = client.get(address(1), {"correct": wrong.pk}).context["form"]
    assert form["recovery_step"].value() == "Ask the colleges"
    names = ("comment", "recovery_step", "seen", "corrects", "once_key")
    opened = {name: form[name].value() or "" for name in names}
    assert client.post(address(1), opened | {"status": "on-track"}).status_code == 302
    update = ProgressUpdate.objects.newest_first()[0]
    assert (update.status, update.comment, update.next_step) == ("on-track", "Slipped", "")
    plan = plan_at()
    [row] = plan.with_updates(plan.rows(plan.actions().filter(number=1)))
    assert row.update is not None
    assert (row.update.pk, row.update.next_step, row.known.troubled_since) == (update.pk, "", None)
    file = b"".join(client_of(staff).get("/actions/export.csv").streaming_content).decode()
    assert "Ask the colleges" not in file
    assert "Ask the colleges" not in words(client.get("/updates/"))
    assert "Ask the colleges" not in words(client.get(address(1)))
    assert "Ask the colleges" in words(client.get("/actions/1/"))  # in the history, where all of it stays


def test_a_correction_takes_back_the_value_of_what_it_corrects(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    report(20, value=3, by=lead)
    wrong = report(20, value=7, by=lead)
    client = client_of(lead)
    assert client.post(address(20), typed(seen=wrong.pk, corrects=wrong.pk, value="")).status_code == 302
    assert plan_at().row(20).measures[0].known.value == 3


def test_only_the_latest_report_can_be_corrected(lead: User, client_of: ClientOf, report: Report) -> None:
    old = report(1, comment="Old", by=lead)
    new = report(1, comment="New", by=lead)
    client = client_of(lead)
    newer = client.get(address(1), {"correct": old.pk})
    assert newer.status_code == 409
    assert "There is a newer update" in words(newer)
    assert "New" in words(newer)
    assert f'href="{address(1)}?correct={new.pk}"' in words(newer)
    for unknown in ("0", "999999", "x", ""):
        assert client.get(address(1), {"correct": unknown}).status_code == 404
    assert client.get(address(1, 1), {"correct": report(20).pk}).status_code == 404
    client.post(address(1), typed(seen=new.pk, corrects=old.pk))
    assert ProgressUpdate.objects.newest_first()[0].corrects is None


# For whom


def test_staff_report_for_a_lead_and_every_page_says_so(staff: User, client_of: ClientOf) -> None:
    growth = Partner.objects.get(slug="leicester-city-growth")
    client = client_of(staff)
    assert "on_behalf_of" in client.post(address(9), typed()).context["form"].errors
    response = client.post(address(9), typed(on_behalf_of=growth.pk), follow=True)
    assert "Sam Staff (City Growth staff), for Leicester City Growth" in words(response)
    assert response.redirect_chain == [("/actions/9/", 302)]


def test_author_and_partner_cannot_be_forged(
    lead: User, stranger: User, staff: User, client_of: ClientOf
) -> None:
    other = Partner.objects.get(slug="universities")
    forged = typed(
        on_behalf_of=other.pk, author=staff.pk, author_role="staff", is_demonstration="on", measure=5
    )
    client_of(lead).post(address(1), forged)
    update = ProgressUpdate.objects.get()
    assert (update.author, update.author_role, update.is_demonstration) == (lead, "lead", False)
    assert update.on_behalf_of.slug == "learning-skills-council"
    assert update.measure.action.number == 1


def test_a_lead_of_two_partners_says_for_which_and_no_other_is_taken(lead: User, client_of: ClientOf) -> None:
    lead.partners.add(Partner.objects.get(slug="universities"))
    client = client_of(lead)
    asked = client.post(address(4), typed())  # led by all: each speaks for their own
    assert "on_behalf_of" in asked.context["form"].errors
    stranger = Partner.objects.get(slug="creative-leicestershire").pk
    assert "on_behalf_of" in client.post(address(4), typed(on_behalf_of=stranger)).context["form"].errors
    own = Partner.objects.get(slug="universities").pk
    assert client.post(address(4), typed(on_behalf_of=own)).status_code == 302
    assert ProgressUpdate.objects.get().on_behalf_of.slug == "universities"


# Who may: people x measures, by GET and by POST

OWN, JOINT, SHARED, OTHERS = 1, 9, 4, 31
MAY = {
    "lead": {OWN: True, JOINT: False, SHARED: True, OTHERS: False},
    "joint_lead": {OWN: False, JOINT: True, SHARED: True, OTHERS: False},
    "other_joint_lead": {OWN: False, JOINT: True, SHARED: True, OTHERS: False},
    "stranger": {OWN: False, JOINT: False, SHARED: True, OTHERS: True},
    "staff": {OWN: True, JOINT: True, SHARED: True, OTHERS: True},
    "board": {OWN: False, JOINT: False, SHARED: False, OTHERS: False},
}


@pytest.mark.parametrize("number", [OWN, JOINT, SHARED, OTHERS])
@pytest.mark.parametrize("who", MAY)
@pytest.mark.untraced
def test_who_may_report_on_what(
    request: pytest.FixtureRequest, client_of: ClientOf, report: Report, who: str, number: int
) -> None:
    seen = report(number).pk
    client = client_of(request.getfixturevalue(who))
    may = MAY[who][number]
    assert client.get(address(number)).status_code == (200 if may else 403)
    leads = Partner.objects.filter(pk__in=[ProgressUpdate.objects.get().on_behalf_of_id])
    sent = typed(seen=seen, on_behalf_of=leads[0].pk)
    assert client.post(address(number), sent).status_code == (302 if may else 403)
    repeated = client.post(
        reverse("measure_no_change", args=[number, 1]), {"seen": seen, "once_key": "r" * 32}
    )
    assert repeated.status_code == (302 if may else 403)
    assert ProgressUpdate.objects.count() == (2 if may else 1)


def test_a_former_lead_and_a_closed_account_may_no_more(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    lead.partners.clear()
    assert client.get(address(1)).status_code == 403
    assert client.post(address(1), typed()).status_code == 403
    assert client.get(address(4)).status_code == 403  # “all partners” needs a partner
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert client.get(address(1)).status_code == 302
    assert client.post(address(1), typed()).status_code == 302
    assert not ProgressUpdate.objects.exists()


def test_what_was_filed_stays_under_the_partner_it_was_filed_for(lead: User, client_of: ClientOf) -> None:
    client_of(lead).post(address(1), typed())
    lead.partners.set(Partner.objects.filter(slug="universities"))
    assert ProgressUpdate.objects.get().submitted_by == "Lena Lead, Learning & Skills Council"


@pytest.mark.parametrize("where", [(99, 1), (1, 2), (23, 3)])
def test_a_measure_that_is_not_there_is_not_found(
    staff: User, client_of: ClientOf, where: tuple[int, int]
) -> None:
    assert client_of(staff).get(address(*where)).status_code == 404
    assert client_of(staff).post(address(*where), typed()).status_code == 404


def test_the_form_asks_the_database_the_same_few_things(
    lead: User, client_of: ClientOf, report: Report, django_assert_max_num_queries: Any
) -> None:
    report(1)
    client = client_of(lead)
    with django_assert_max_num_queries(18):
        client.get(address(1))


def test_a_file_kept_with_a_draft_is_there_when_one_comes_back(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    client.post(
        address(1), {"comment": "x", "do": "draft", "evidence_file": SimpleUploadedFile("a.pdf", PDF)}
    )
    assert "a.pdf" in words(client.get(address(1)))
    bad = {"comment": "x", "do": "draft", "evidence_file": SimpleUploadedFile("a.html", b"<p>")}
    assert "The file was not saved" in words(client.post(address(1), bad, follow=True))
    assert "a.pdf" in words(client.get(address(1)))


def test_a_file_that_was_never_filed_is_deleted_with_its_draft(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    for name in ("a.pdf", "b.pdf"):  # the second takes the first one's place
        client.post(address(1), {"do": "draft", "evidence_file": SimpleUploadedFile(name, PDF)})
    held = EvidenceFile.objects.get()
    path = held.file.path
    client.post(address(1), {"do": "discard"})
    assert not EvidenceFile.objects.exists()
    assert not Path(path).exists()


def test_a_file_that_was_filed_stays_whatever_becomes_of_a_draft(lead: User, client_of: ClientOf) -> None:
    client = client_of(lead)
    client.post(address(1), typed(evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    client.post(address(1), {"comment": "more", "do": "draft"})
    client.post(address(1), {"do": "discard"})
    assert EvidenceFile.objects.count() == 1


def test_staff_can_report_on_an_action_whose_lead_has_declined(staff: User, client_of: ClientOf) -> None:
    Lead.objects.filter(action__number=1).update(acceptance=Lead.Acceptance.DECLINED)
    partner = Partner.objects.get(slug="universities")
    assert client_of(staff).post(address(1), typed(on_behalf_of=partner.pk)).status_code == 302


def test_a_former_leads_form_keeps_no_draft_and_no_file(
    lead: User, client_of: ClientOf, client: Client
) -> None:
    key = client_of(lead).get(address(1)).context["form_key"]
    lead.partners.clear()
    client.post(address(1), typed(form_key=key, evidence_file=SimpleUploadedFile("a.pdf", PDF)))
    assert not UpdateDraft.objects.exists()
    assert not EvidenceFile.objects.exists()


@pytest.mark.parametrize("elsewhere", ["/anything/update/", "/actions/20/measures/1/update/"])
def test_a_forms_key_is_good_at_its_own_address_alone(
    lead: User, client_of: ClientOf, client: Client, elsewhere: str
) -> None:
    key = client_of(lead).get(address(1)).context["form_key"]
    client.post(elsewhere, typed(form_key=key))
    assert not UpdateDraft.objects.exists()


# What each choice asks for, and for whom


def test_each_status_shows_its_meaning_and_asks_below_itself_in_words(
    lead: User, staff: User, client_of: ClientOf
) -> None:
    form = client_of(lead).get(address(1)).context["form"]
    asked = [(choice.status.value, choice.asked and choice.asked.name) for choice in form.choices]
    assert asked == [
        ("on-track", None),
        ("at-risk", "recovery_step"),
        ("off-track", "board_request"),
        ("not-started", None),
        ("complete", None),  # its evidence and date follow the list
    ]
    page = words(client_of(staff).get(address(1)))
    parts = ["How is it going?", "If at risk:", "If off track:", "If closed, not completed:", "If complete:"]
    places = [page.index(part) for part in [*parts, 'id="id_evidence"', 'id="id_comment"']]
    assert places == sorted(places)  # without :has() all of it is shown, under these words
    assert "Will miss by more than three months, or cannot be met without help." in page


def test_errors_in_boxes_of_another_status_do_not_count(lead: User, client_of: ClientOf) -> None:
    """Off track, then On track: the folded box and the invalid date are not in the way."""
    hidden = {"recovery_step": "x" * 5001, "completed_on": "tomorrow"}
    assert client_of(lead).post(address(1), typed(**hidden)).status_code == 302
    without_status = typed(once_key="m" * 32, status="", seen=ProgressUpdate.objects.get().pk)
    form = client_of(lead).post(address(1), without_status | hidden).context["form"]
    assert set(form.errors) == {"status", "recovery_step", "completed_on"}


def test_the_form_names_the_partner_first_where_somebody_submits_for_others(
    lead: User, joint_lead: User, other_joint_lead: User, staff: User, client_of: ClientOf
) -> None:
    assert "You are submitting this update for" not in words(client_of(lead).get(address(1)))
    for user, number, says in (
        (
            joint_lead,
            9,
            "Leicester City Growth also leads this action: either partner’s update counts for both.",
        ),
        (other_joint_lead, 4, "All partners lead this action: one update counts for everyone."),
        (staff, 1, "for <strong>Learning &amp; Skills Council</strong>."),
    ):
        page = words(client_of(user).get(address(number)))
        assert says in page
        assert page.index("You are submitting this update for") < page.index("How is it going?")
    page = words(client_of(staff).get(address(9)))  # two leads: staff choose, and nothing is chosen for them
    assert page.index("Which partner are you submitting") < page.index("How is it going?")
    assert "checked" not in page.split("How is it going?")[0]


def test_the_form_starts_with_the_measure_and_leads_to_its_action(lead: User, client_of: ClientOf) -> None:
    page = words(client_of(lead).get(address(1)))
    measure = OutcomeMeasure.objects.get(action__number=1)
    assert page.index(measure.text) < page.index("How is it going?")
    assert page.count('href="/actions/1/"') == 2


# “No change” quotes the last words


def test_the_form_and_a_correction_start_from_the_words_that_no_change_confirmed(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    report(1, comment="Two key people have left", evidence="Minutes", by=lead)
    same = report(1, comment="", no_change=True, by=lead)
    client = client_of(lead)
    day = f"{timezone.localtime(same.recorded_at):%-d %B %Y}"
    page = words(client.get(address(1)))
    assert f"Two key people have left (confirmed unchanged {day})" in page
    assert "No change since last time" not in page
    form = client.get(address(1), {"correct": same.pk}).context["form"]
    assert (form["comment"].value(), form["evidence"].value()) == ("Two key people have left", "Minutes")


def test_words_deleted_in_a_correction_stay_deleted(lead: User, client_of: ClientOf, report: Report) -> None:
    wrong = report(
        1, status="at-risk", comment="Wrong", next_step="Wrong step", evidence="Wrong file", by=lead
    )
    client = client_of(lead)
    sent = typed(
        status="at-risk", comment="Right", evidence="", recovery_step="", seen=wrong.pk, corrects=wrong.pk
    )
    assert client.post(address(1), sent).status_code == 422  # a step is needed
    for query in ({}, {"correct": wrong.pk}):
        form = client.get(address(1), query).context["form"]
        fields = {name: form[name].value() for name in ("comment", "evidence", "recovery_step")}
        assert fields == {"comment": "Right", "evidence": "", "recovery_step": ""}
        assert str(form["corrects"].value()) == str(wrong.pk)


def test_a_correction_is_one_although_there_is_a_draft_of_an_update(
    lead: User, client_of: ClientOf, report: Report
) -> None:
    last = report(1, comment="Last", evidence="Minutes", by=lead)
    client = client_of(lead)
    draft = typed(do="draft", comment="Half a sen", evidence="", corrects="", seen=last.pk)
    client.post(address(1), draft)
    form = client.get(address(1), {"correct": last.pk}).context["form"]
    assert (form["comment"].value(), form["evidence"].value()) == ("Half a sen", "Minutes")
    assert str(form["corrects"].value()) == str(last.pk)


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("Lena Lead", "Lena Lead, Learning & Skills Council"),
        ("Lead of Learning & Skills Council", "Lead of Learning & Skills Council"),
    ],
)
def test_a_person_named_after_the_partner_is_not_named_twice(
    lead: User, client_of: ClientOf, name: str, signed: str
) -> None:
    User.objects.filter(pk=lead.pk).update(name=name)
    client_of(lead).post(address(1), typed())
    assert ProgressUpdate.objects.get().submitted_by == signed
