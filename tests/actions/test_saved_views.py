"""Saved views: a name for an address, one's own or shared, and where one starts."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from actions.models import SavedView, StartPage
from actions.saved_views import VIEWS_AT_MOST, ViewRefused, of_address, save_view, start_page_of, start_with
from partners.models import User
from partners.start_pages import own_start_page
from tests.conftest import PASSWORD
from tests.pages import Element, form_data, page, tree

pytestmark = pytest.mark.once

VIEW = "/actions/?cluster=retail&status=at-risk&status=off-track&changed_since=2026-01-31"


def save(
    owner: User, name: str, address: str = VIEW, *, shared: bool = False, start: bool = False
) -> SavedView:
    return save_view(view=of_address(address), name=name, is_shared=shared, is_start=start, by=owner)


def menu(found: Element) -> dict[str, str]:
    return {link.text: link["href"] for link in found.one("details", css="views").all("a")}


def test_a_view_is_saved_from_the_page_and_stands_in_its_menu(
    client_of: Callable[[User], Client], staff: User, lead: User
) -> None:
    client = client_of(lead)
    form = page(client, menu(page(client, VIEW))["Save this view"])
    assert not form.all("input", name="is_shared")  # only staff share
    sent = form_data(form.one("main").one("form")) | {"name": " Mine to watch ", "is_shared": "on"}
    response = client.post(f"/views/save/?address={quote(VIEW)}", sent)
    assert (response.status_code, response["Location"]) == (302, VIEW)
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.is_shared, view.get_absolute_url()) == (
        lead,
        "Mine to watch",
        False,
        VIEW,
    )
    for address in ("/actions/", "/measures/?cluster=retail", "/coverage/", "/"):
        assert menu(page(client, address))["Mine to watch"] == VIEW.replace("&amp;", "&")
        assert "Mine to watch" not in menu(page(client_of(staff), address))


def test_a_page_is_sent_again_once_its_menu_changes(client_of: Callable[[User], Client], lead: User) -> None:
    client = client_of(lead)
    client.get("/actions/")  # which sets a cookie
    tag = client.get("/actions/")["ETag"]
    assert client.get("/actions/", headers={"if-none-match": tag}).status_code == 304
    save(lead, "New")
    assert client.get("/actions/", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "", "//evil.example/actions/", "https://evil.example/actions/", "/\\evil.example", "/actions/1/", "/board/",
        "/actions/?next=https://evil.example", "/admin/", "actions/", "javascript:alert(1)", "//[x/actions/",
        "/actions/../admin/",
        f"/actions/?q={'x' * 3000}",
    ],
)  # fmt: skip
def test_only_pages_of_the_portal_with_parameters_they_know_can_be_saved(
    client_of: Callable[[User], Client], staff: User, address: str
) -> None:
    with pytest.raises(ViewRefused):
        of_address(address)
    client = client_of(staff)
    assert client.get(f"/views/save/?address={quote(address)}").status_code == 404
    assert client.post("/views/save/", {"address": address, "name": "Trap"}).status_code == 404
    assert not SavedView.objects.exists()


def test_the_page_number_and_empty_parameters_are_left_out() -> None:
    view = of_address("/measures/?page=3&q=&sort=-status&per_page=5&as_at=2026-01-31&cluster=a&cluster=b")
    assert (view.page, view.query) == (
        "measure_list",
        "sort=-status&per_page=5&as_at=2026-01-31&cluster=a&cluster=b",
    )


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client_of: Callable[[User], Client], staff: User
) -> None:
    save(staff, "Ours")
    client = client_of(staff)
    for name, error in (
        ("", "Enter a name for this view."),
        ("OURS", "You already have a view called “OURS”."),
    ):
        response = client.post("/views/save/", {"address": VIEW, "name": name, "is_shared": "on"})
        found = tree(response.content.decode())
        assert response.status_code == 422
        assert found.one("div", css="govuk-error-summary").one("a").text == error
        sent = form_data(found.one("main").one("form"))
        assert (sent["name"], sent["is_shared"], sent["address"]) == (name, "on", VIEW)
    for number in range(VIEWS_AT_MOST - 1):
        save(staff, f"View {number}")
    with pytest.raises(ViewRefused, match="Delete one first"):
        save(staff, "One more")
    assert len(menu(page(client, "/actions/"))) == 14  # twelve, and what leads to all


def test_a_shared_view_is_everyones_to_open_and_its_owners_to_change(
    client_of: Callable[[User], Client], staff: User, lead: User, board: User
) -> None:
    private, shared = save(staff, "Private"), save(staff, "Shared", shared=True)
    with pytest.raises(ViewRefused, match="Only City Growth staff"):
        save(lead, "Sneaky", shared=True)
    reader, owner = client_of(board), client_of(staff)
    assert "Shared" in menu(page(reader, "/actions/"))
    assert "Private" not in menu(page(reader, "/actions/"))
    for deed in ("edit", "delete"):
        for send in (reader.get, reader.post):
            assert send(f"/views/{private.pk}/{deed}/").status_code == 404
            assert send(f"/views/{shared.pk}/{deed}/").status_code == 403
    assert reader.post(f"/views/{private.pk}/start/").status_code == 404
    assert owner.post(f"/views/{shared.pk}/edit/", {"name": "Renamed"}).status_code == 302
    shared.refresh_from_db()
    assert (shared.name, shared.is_shared, shared.owner) == ("Renamed", False, staff)
    assert owner.get(f"/views/{shared.pk}/delete/").status_code == 200
    assert owner.post(f"/views/{shared.pk}/delete/").status_code == 302
    assert list(SavedView.objects.all()) == [private]


def test_one_lands_on_ones_start_page(client: Client, staff: User, board: User) -> None:
    def lands(person: User) -> str:
        client.logout()
        given = {"login": person.email, "password": PASSWORD}
        return str(client.post("/accounts/login/", given)["Location"])

    role = lands(board)
    shared = save(staff, "Steering", shared=True, start=True)
    client.force_login(board)
    assert client.post(f"/views/{shared.pk}/start/").status_code == 302
    found = page(client, "/views/")
    assert "You start here." in found.text
    assert (lands(staff), lands(board)) == (VIEW, VIEW)
    client.force_login(board)
    client.post(f"/views/{shared.pk}/start/", {"off": "1"})
    assert lands(board) == role
    start_with(view=shared, by=board)
    save_view(view=shared, name="Steering", is_shared=False, is_start=False, by=staff)
    assert (own_start_page(board), start_page_of(staff)) == (
        None,
        None,
    )  # not theirs to see any more; turned off
    assert lands(board) == role
    assert StartPage.objects.get().person == board
    shared.delete()
    assert not StartPage.objects.exists()
