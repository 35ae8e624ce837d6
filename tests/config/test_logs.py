"""The log: a line for each request and event, with ids and nothing that people typed."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as portal
from django.db import IntegrityError
from django.test import Client

from actions.models import Action
from config.logs import JsonLines, WithoutNoise
from history.clock import plan_change
from partners.models import User

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that is logged, as the portal's handler writes it."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    handler.addFilter(WithoutNoise())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def requests(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line.get("event") == "request"]


def test_a_request_is_one_line(lead: User, client_of: ClientOf, lines: Lines) -> None:
    response = client_of(lead).get("/actions/?q=Lena+Lead&vital_few=VF1&odd=lena@skills.example")
    [line] = lines()
    assert line["event"] == "request"
    assert line["id"] == response["X-Request-ID"]
    assert (line["user"], line["method"], line["status"]) == (lead.pk, "GET", 200)
    assert line["address"] == "/actions/?…=…&vital_few=VF1&…=…"
    assert line["queries"] > 3
    assert line["rows"] > 20
    assert 0 < line["ms"] < 60_000
    assert "ena" not in json.dumps(line)


def test_a_file_is_a_request_and_an_event(lead: User, client_of: ClientOf, lines: Lines) -> None:
    response = client_of(lead).get("/actions/export.csv")
    assert requests(lines()) == []  # not sent yet
    b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    [export, line] = lines()
    assert (export["event"], export["user"], export["page"]) == ("export", lead.pk, "action_export_csv")
    assert export["id"] == line["id"] == response["X-Request-ID"]
    assert line["rows"] >= 32


def test_a_key_in_an_address_is_not_logged(client: Client, lines: Lines) -> None:
    client.get("/accounts/invitations/accept/secret-key/?next=/somewhere/")
    client.get("/static/nothing.css")
    assert len(requests(lines())) == 1
    assert "secret-key" not in json.dumps(lines())
    assert "somewhere" not in json.dumps(lines())


def test_what_is_refused_or_not_there_leaves_no_traceback(
    board: User, client_of: ClientOf, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    client = client_of(board)
    assert client.get("/actions/1/measures/1/update/").status_code == 403
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    found = lines()
    assert [line["status"] for line in requests(found)] == [403, 404, 400]
    assert all("error" not in line for line in found)
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_of_ours_says_where_and_not_whose(
    lead: User, client_of: ClientOf, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise IntegrityError("duplicate key\nDETAIL: Key (email)=(lena@skills.example) already exists.")

    monkeypatch.setattr("actions.views.home.grid_of", broken)
    client = client_of(lead)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert f"Reference: <code>{response['X-Request-ID']}</code>" in response.content.decode()
    fault = next(line for line in lines() if "error" in line)
    assert fault["id"] == response["X-Request-ID"]
    assert fault["error"][0] == "IntegrityError: duplicate key"
    assert "broken" in fault["error"][1]
    assert "lena@" not in json.dumps(lines())


@pytest.mark.parametrize("status", ["403", "404"])
def test_an_error_page_has_the_reference_of_its_lines(board: User, client_of: ClientOf, status: str) -> None:
    address = {"403": "/actions/1/measures/1/update/", "404": "/nowhere/"}[status]
    response = client_of(board).get(address)
    assert f"Reference: <code>{response['X-Request-ID']}</code>" in response.content.decode()


@pytest.mark.django_db(transaction=False)
def test_a_change_of_the_plan_is_an_event(
    staff: User, lines: Lines, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        django_capture_on_commit_callbacks(execute=True),
        plan_change(by=staff, reason="Secret words") as change,
    ):
        Action.objects.filter(number=1).update(title="Another title")
    [line] = lines()
    assert (line["event"], line["change"], line["user"], line["kind"]) == (
        "plan_change",
        change.pk,
        staff.pk,
        "edit",
    )
    assert "Secret" not in json.dumps(line)


def test_the_version_is_in_the_footer(board: User, client_of: ClientOf) -> None:
    assert f"Version {portal.RELEASE}." in client_of(board).get("/help/").content.decode()
