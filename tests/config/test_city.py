"""The city's name and logo, from the settings, on pages and in e-mails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from config.checks import logo_is_an_image
from partners.models import User
from tests.pages import page, tree

pytestmark = pytest.mark.once

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


@pytest.fixture
def derby(settings: Any, tmp_path: Path) -> Path:
    logo = tmp_path / "derby.svg"
    logo.write_text(SVG)
    settings.CITY_NAME, settings.CITY_LOGO = "Derby City Council", str(logo)
    return logo


def test_the_plans_city_is_named_without_a_logo(client_of: Callable[[User], Client], board: User) -> None:
    header = page(client_of(board), "/").one("header", css="portal-header")
    assert header.one("span", css="portal-header__tagline").text == "Leicester"
    assert not header.all("img")


@pytest.mark.usefixtures("derby")
def test_a_councils_own_name_and_logo_are_in_header_and_title(
    client: Client, client_of: Callable[[User], Client], staff: User
) -> None:
    for found in (
        page(client, "/accounts/login/"),
        page(client_of(staff), "/"),
        page(client_of(staff), "/admin/"),
    ):
        assert found.one("title").text.endswith(" – Strategy Action Framework – Derby City Council")
        if header := found.all("header", css="portal-header"):
            assert header[0].one("span", css="portal-header__tagline").text == "Derby City Council"
            assert (header[0].one("img")["src"], header[0].one("img")["alt"]) == ("/logo", "")


@pytest.mark.usefixtures("derby")
def test_error_pages_name_the_city_too(
    client_of: Callable[[User], Client], board: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(board)
    client.raise_request_exception = False
    monkeypatch.setattr("actions.views.home.grid_of", lambda *args: 1 / 0)
    found = tree(client.get("/").content.decode())
    assert found.one("title").text == "Something went wrong – Strategy Action Framework – Derby City Council"
    assert found.one("img")["src"] == "/logo"


@pytest.mark.usefixtures("derby")
def test_e_mails_name_the_city(client: Client, lead: User) -> None:
    client.post("/accounts/login/code/", {"email": lead.email})
    client.post("/accounts/password/reset/", {"email": lead.email})
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "Derby City Council Strategy Action Framework portal" in message.body
        assert message.body.endswith("--\nDerby City Council Strategy Action Framework\nhttp://testserver")


@pytest.mark.django_db
def test_the_logo_is_served_to_everybody_and_its_scripts_do_not_run(client: Client, derby: Path) -> None:
    response = client.get("/logo")
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert response.content.decode() == SVG
    assert "sandbox" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "public, max-age=3600"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "nowhere.svg", "settings.py"])
def test_what_is_no_image_is_not_served_and_the_check_says_so(
    client: Client, settings: Any, name: str
) -> None:
    settings.CITY_LOGO = name and f"config/{name}"
    assert client.get("/logo").status_code == 404
    errors = logo_is_an_image(None)
    assert [error.id for error in errors] == (["portal.CITY_LOGO"] if name else [])


@pytest.mark.usefixtures("derby")
def test_an_image_file_passes_the_check() -> None:
    assert logo_is_an_image(None) == []
