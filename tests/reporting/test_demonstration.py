"""The demonstration: invented people and progress, clearly marked, and refused in real use."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from actions.models import ProgressUpdate
from partners.demonstration import make_people, people
from partners.models import Partner, User
from reporting.models import ReportingPeriod

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ClientOf = Callable[[User], Client]


@pytest.fixture
def demonstration(framework: None, settings: Any) -> None:
    settings.DEMONSTRATION = True


def test_there_are_staff_the_board_and_a_lead_for_every_partner_but_all(demonstration: None) -> None:
    make_people()
    made = {person.email: (person.role, person.partners) for person in people()}
    assert made["staff@demo.example"] == ("City Growth staff", "")
    assert made["board@demo.example"] == ("Board member", "")
    assert made["leicester-city-council@demo.example"] == ("Partner lead", "Leicester City Council")
    assert len(made) == 2 + Partner.objects.count() - 1
    assert "all-partners@demo.example" not in made
    assert make_people() == []  # they are all there
    assert len({person.name for person in people()}) == len(made)


def test_real_use_has_no_invented_people(framework: None) -> None:
    with pytest.raises(ImproperlyConfigured):
        make_people()
    with pytest.raises(CommandError, match="only for DEMONSTRATION=on"):
        call_command("demonstration_progress")
    assert not User.objects.exists()
    assert not ProgressUpdate.objects.exists()


def test_prepare_can_be_repeated(demonstration: None, client_of: ClientOf, capsys: Any) -> None:
    call_command("prepare")
    call_command("prepare")
    said = capsys.readouterr().out
    assert "32 actions already loaded" in said
    assert "staff@demo.example" in said
    assert "strategy-2008" in said
    assert ReportingPeriod.objects.open().count() == 1
    assert not ProgressUpdate.objects.exists()
    page = client_of(User.objects.get(email="staff@demo.example")).get("/").content.decode()
    assert "the people and the progress shown are invented" not in page


def test_prepare_invents_nothing_in_real_use(framework: None, capsys: Any) -> None:
    call_command("prepare")
    assert not User.objects.exists()
    assert not ReportingPeriod.objects.exists()


def test_real_and_invented_progress_are_never_mixed(
    demonstration: None, staff: User, report: Callable[..., ProgressUpdate]
) -> None:
    make_people()
    report(1)
    with pytest.raises(CommandError, match="progress already"):
        call_command("demonstration_progress")
    assert ProgressUpdate.objects.count() == 1


def test_a_period_that_staff_created_is_not_replaced(demonstration: None, period: ReportingPeriod) -> None:
    make_people()
    with pytest.raises(CommandError, match="There is already a reporting period"):
        call_command("demonstration_progress")
    assert list(ReportingPeriod.objects.all()) == [period]
