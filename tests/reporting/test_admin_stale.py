"""A form of the admin that was opened before somebody else saved overwrites nothing unseen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.models import Action, Lead, OutcomeMeasure
from history.clock import plan_change
from partners.models import Partner, User
from strategy.models import Cluster, Theme, VitalFew
from tests.actors import Actor
from tests.reporting.test_admin import errors, filled

TOLD = "Somebody changed this after you opened the form, so nothing was saved."


@pytest.fixture
def client(client_of: Callable[[User], Client], staff: User) -> Client:
    return client_of(staff)


@pytest.fixture
def rows(framework: None) -> list[tuple[Any, str]]:
    """A row of every model with a history that has a form of its own in the admin, and a field of it."""
    return [
        (Action.objects.get(number=7), "title"),
        (Theme.objects.all()[0], "name"),
        (Cluster.objects.all()[0], "name"),
        (VitalFew.objects.all()[0], "name"),
        (Partner.objects.all()[0], "name"),
    ]


def test_a_stale_form_of_every_model_is_refused_with_who_changed_what(
    client: Client, staff: User, rows: list[tuple[Any, str]]
) -> None:
    for row, field in rows:
        address = f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/change/"
        data = filled(client, address, **{field: "Mine", "change_reason": "My reason"})
        with plan_change(by=staff, reason="Their reason"):
            type(row)._default_manager.filter(pk=row.pk).update(**{field: "Theirs"})
        response = client.post(address, data)
        said = errors(response)
        assert said[0] == TOLD
        assert any("Sam Staff (Their reason)" in line and "→ “Theirs”" in line for line in said), said
        row.refresh_from_db()
        assert getattr(row, field) == "Theirs"
        assert (
            'value="Mine"' in response.content.decode()
            or ">\r\nMine<" in response.content.decode()
            or ("Mine</textarea>" in response.content.decode())
        )
        again = dict(data, seen=str(response.context["adminform"].form["seen"].value()))
        assert client.post(address, again).status_code == 302  # told, and chosen
        row.refresh_from_db()
        assert getattr(row, field) == "Mine"


def test_a_change_of_a_row_inside_the_form_counts_and_an_update_of_another_does_not(
    client: Client, staff: User
) -> None:
    action = Action.objects.get(number=7)
    address = f"/admin/actions/action/{action.pk}/change/"
    data = filled(client, address, title="Mine", change_reason="Why not")
    with plan_change(by=staff, reason="Elsewhere"):
        Action.objects.filter(number=8).update(title="Not this one")
    assert client.post(address, data).status_code == 302
    data = filled(client, address, title="Mine again", change_reason="Why not")
    with plan_change(by=staff, reason="Confirmed"):
        Lead.objects.filter(action=action).update(acceptance="accepted")
        OutcomeMeasure.objects.filter(action=action).update(unit="jobs")
    said = " ".join(errors(client.post(address, data)))
    assert "“Suggested” → “Accepted”" in said
    assert "Measure 1, unit: none → “jobs”" in said


def test_a_form_without_its_stamp_is_refused(client: Client) -> None:
    theme = Theme.objects.all()[0]
    address = f"/admin/strategy/theme/{theme.pk}/change/"
    data = filled(client, address, name="Mine", change_reason="Why not")
    assert "This form does not say when it was opened. Open it again." in errors(
        client.post(address, data | {"seen": ""})
    )
    assert errors(client.post(address, data | {"seen": "soon"}))
    assert errors(client.post(address, data | {"seen": "9" * 30}))


RACE = """
from django.test import Client
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
settings.SECURE_SSL_REDIRECT = False
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
from strategy.models import Theme
from tests.pages import form_data, page
client = Client()
client.force_login(users.get(email="staff@demo.example"))
address = f"/admin/strategy/theme/{Theme.objects.order_by('pk')[0].pk}/change/"
form = next(one for one in page(client, address).all("form") if one.get("id") == "theme_form")
data = form_data(form) | {"name": "%s", "change_reason": "A race"}
"""
SAVE = "answer = client.post(address, data).status_code"


def test_of_two_that_save_at_once_one_is_told(actors: list[Actor]) -> None:
    """Both forms were open; both are sent at the same moment, ten times over."""
    one, other = actors[:2]
    for turn in range(10):
        one.run(RACE % f"First {turn}")
        other.run(RACE % f"Second {turn}")
        for actor in (one, other):
            actor.start(SAVE)
        answers = sorted(actor.answer() for actor in (one, other))
        assert answers == [200, 302]
