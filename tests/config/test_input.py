"""Input that nobody types: characters the database cannot store, malformed or large bodies, false headers."""

import errno
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.models import ProgressUpdate, UpdateDraft
from partners.models import User

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]
FORM = "/actions/1/measures/1/update/"
KEY = "k" * 32


@pytest.mark.parametrize("do", ["submit", "draft", "edit", "submit-mine"])
def test_nul_is_dropped_from_every_field(lead: User, client_of: ClientOf, do: str) -> None:
    names = (
        "status",
        "comment",
        "recovery_step",
        "board_request",
        "evidence",
        "evidence_url",
        "value",
        "seen",
        "corrects",
        "on_behalf_of",
    )
    sent = dict.fromkeys(names, "a\x00b") | {"once_key": f"\0{KEY}", "do": do}
    response = client_of(lead).post(FORM, sent)
    assert response.status_code in (200, 302, 422)
    assert "\0" not in str(list(UpdateDraft.objects.values_list("typed", flat=True)))


def test_an_update_with_a_nul_is_submitted_without_it(lead: User, client_of: ClientOf) -> None:
    client_of(lead).post(FORM, {"status": "on-track", "comment": "Goes\0 on", "once_key": KEY})
    assert ProgressUpdate.objects.get().comment == "Goes on"


NOWHERE = "\x00\x07\x0b\x7f\x85\x9f\ufdd0\ufffe\uffff\U0001ffff\U0010fffe"


@pytest.mark.parametrize("do", ["submit", "draft"])
def test_what_no_page_and_no_file_can_hold_is_left_out(lead: User, client_of: ClientOf, do: str) -> None:
    comment = f"G{NOWHERE}oes\r\n\ton – naïve 😀"
    sent = {"status": "on-track", "comment": comment, "once_key": KEY, "do": do}
    client = client_of(lead)
    client.post(FORM, sent)
    found = (
        ProgressUpdate.objects.get().comment if do == "submit" else UpdateDraft.objects.get().typed["comment"]
    )
    assert found.replace("\r\n", "\n") == "Goes\n\ton – naïve 😀"
    searched = client.get("/actions/", {"q": f"ski{NOWHERE}lls"}).content.decode()
    assert 'value="skills"' in searched
    assert not set(NOWHERE) & set(searched)


def test_a_full_disk_under_a_large_upload_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest._load_post_and_files", full)
    response = client.post(FORM, {"comment": "Words"})
    assert response.status_code == 503
    assert b"Nothing was saved" in response.content


@pytest.mark.parametrize(
    "address",
    ["/actions/?q=%00", "/actions/?theme=%00", "/accounts/invitations/?partner=%00", "/actions/?q=%ED%A0%80"],
)
def test_a_nul_or_a_lone_surrogate_in_an_address_is_no_error(
    staff: User, client_of: ClientOf, address: str
) -> None:
    assert client_of(staff).get(address, follow=True).status_code == 200


def test_a_nul_in_a_cookie_is_no_error(client: Client) -> None:
    response = client.get("/health/ready", headers={"cookie": 'sessionid="\\000aaaaaaaaaaaa"'})
    assert response.status_code == 200


@pytest.mark.parametrize("address", ["/nope", "/accounts/login/", FORM])
def test_a_malformed_body_is_refused_in_plain_words(client: Client, address: str) -> None:
    client.cookies["csrftoken"] = "x" * 32
    broken = client.post(address, b"x", content_type="multipart/form-data")
    assert (broken.status_code, broken.content) == (400, b"The request could not be read.\n")
    many = client.post(address, {f"f{n}": "x" for n in range(600)})
    assert many.status_code == 400
    large = client.post(address, b"a=" + b"x" * 3_000_000, content_type="application/x-www-form-urlencoded")
    assert large.status_code == 413


def test_a_body_larger_than_a_file_and_its_form_is_not_read(client: Client, settings: Any) -> None:
    settings.REQUEST_MAX_BYTES = 1_000
    response = client.post(FORM, b"x" * 1_001, content_type="application/octet-stream")
    assert response.status_code == 413


@pytest.mark.parametrize(
    "charset", ["hex", "base64", "rot13", "idna", "undefined", "unicode_escape", "nonsense"]
)
def test_the_charset_of_a_header_is_ignored(charset: str) -> None:
    from config.wsgi import Utf8Request

    request = Utf8Request(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "QUERY_STRING": "q=%41",
            "CONTENT_TYPE": f"application/x-www-form-urlencoded; charset={charset}",
            "CONTENT_LENGTH": "12",
            "wsgi.input": io.BytesIO(b"a=%5Cud800xx"),
        }
    )
    assert request.GET["q"] == "A"
    assert request.POST["a"] == "\\ud800xx"


@pytest.mark.parametrize(
    "credential", ["1", "[]", "{}", '{"id": 1}', '"x"', "null", "nonsense", '{"rawId": "x"}']
)
def test_a_malformed_passkey_is_no_error(client: Client, credential: str) -> None:
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert response.status_code in (200, 302)


def test_a_unit_is_text_and_never_markup(lead: User, client_of: ClientOf) -> None:
    from actions.models import OutcomeMeasure

    OutcomeMeasure.objects.filter(action__number=20).update(unit="<b>x</b>")
    page = client_of(lead).get("/actions/20/measures/1/update/").content.decode()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_key_of_somebody_else_does_not_block_an_update(
    lead: User, stranger: User, client_of: ClientOf
) -> None:
    sent = {"status": "on-track", "comment": "Mine", "once_key": KEY}
    client_of(stranger).post("/actions/31/measures/1/update/", sent)
    assert client_of(lead).post(FORM, sent).status_code == 302
    assert client_of(lead).post("/actions/20/measures/1/update/", sent).status_code == 302
    assert ProgressUpdate.objects.count() == 3
