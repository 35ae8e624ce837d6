"""People, partners and invitations: what the models and the database accept."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions.permissions import may_submit
from partners.models import INVITATION_DAYS, Invitation, Partner, PartnerVersion, User
from partners.permissions import partners_of


def refused(attempt: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt()


# --- People --------------------------------------------------------------


def test_an_address_is_stored_in_lower_case_and_found_in_any(db: None) -> None:
    user = User.objects.create_user("Ann.Other@Example.ORG", name="Ann")
    assert user.email == "ann.other@example.org"
    assert User.objects.get_by_natural_key("ANN.OTHER@example.org") == user


def test_an_address_belongs_to_one_person_whatever_its_case(db: None) -> None:
    user = User.objects.create_user("ann@example.org", name="Ann")
    other = User.objects.create_user("bob@example.org", name="Bob")
    refused(lambda: User.objects.create_user("ANN@example.org", name="Ann"))
    refused(lambda: User.objects.bulk_create([User(email="Ann@Example.org", name="Ann")]))
    refused(lambda: User.objects.filter(pk=other.pk).update(email="ANN@EXAMPLE.ORG"))
    assert User.objects.get(email__iexact="ANN@example.org") == user


@pytest.mark.parametrize("email", ["", None])
def test_a_person_needs_an_address(db: None, email: Any) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        User.objects.create_user(email, name="Ann")


def test_without_a_password_there_is_no_usable_one(db: None) -> None:
    assert not User.objects.create_user("ann@example.org", name="Ann").has_usable_password()
    assert User.objects.create_user("bob@example.org", "secret", name="Bob").check_password("secret")


def test_createsuperuser_creates_a_member_of_city_growth_staff(db: None) -> None:
    user = User.objects.create_superuser("ann@example.org", "secret", name="Ann")
    assert (user.role, user.is_staff, user.is_superuser) == ("staff", True, True)


def test_a_role_is_one_of_three(db: None) -> None:
    User.objects.create_user("ann@example.org", name="Ann")
    refused(lambda: User.objects.update(role="boss"))


@pytest.mark.parametrize(
    ("role", "active", "admin"),
    [("staff", True, True), ("staff", False, False), ("lead", True, False), ("board", True, False)],
)
def test_the_admin_is_for_staff_with_an_open_account(role: str, active: bool, admin: bool) -> None:
    user = User(email="ann@example.org", role=role, is_active=active)
    assert (
        user.has_perm("anything") == user.has_perms(["anything"]) == user.has_module_perms("actions") == admin
    )
    assert user.is_staff == (role == "staff")


def test_a_person_without_a_name_is_shown_by_their_address() -> None:
    assert str(User(email="ann@example.org")) == "ann@example.org"
    assert User(email="ann@example.org", name="Ann").get_full_name() == "Ann"


# --- Who may submit ------------------------------------------------------


def leads(*slugs: str) -> list[Any]:
    return list(PartnerVersion.objects.open().filter(slug__in=slugs))


def test_a_lead_submits_for_their_own_partner_alone_jointly_and_for_all(joint_lead: User) -> None:
    assert may_submit(joint_lead, leads("universities"))
    assert may_submit(joint_lead, leads("leicester-city-growth", "universities"))
    assert may_submit(joint_lead, leads("all-partners"))
    assert not may_submit(joint_lead, leads("legi"))
    assert not may_submit(joint_lead, [])


def test_staff_submit_for_anyone_and_the_board_for_nobody(staff: User, board: User) -> None:
    board.partners.set(Partner.objects.all())  # left over from another role
    for partners in (leads("universities"), leads("all-partners"), []):
        assert may_submit(staff, partners)
        assert not may_submit(board, partners)
    assert partners_of(board) == {}


def test_a_lead_without_a_partner_or_with_a_closed_account_submits_for_nobody(lead: User) -> None:
    nobody = User.objects.create_user("new@example.org", name="New")
    assert not may_submit(nobody, leads("all-partners"))
    assert may_submit(lead, leads("learning-skills-council"))
    lead.is_active = False
    assert not may_submit(lead, leads("learning-skills-council"))
    assert not AnonymousUser().is_active


# --- Partners and invitations --------------------------------------------


def test_partners_know_whether_they_are_an_organisation(framework: None) -> None:
    kinds = {
        partner.slug: (partner.is_everyone, partner.is_organisation) for partner in Partner.objects.all()
    }
    assert kinds["all-partners"] == (True, False)
    assert kinds["retail-cluster"] == (False, False)
    assert kinds["legi"] == (False, True)
    assert sum(is_organisation for _, is_organisation in kinds.values()) == 12


def invite(staff: User, email: str = "new@example.org", **fields: Any) -> Invitation:
    partner = fields.pop("partner", None) or Partner.objects.get(slug="legi")
    return Invitation.objects.create(email=email, partner=partner, invited_by=staff, **fields)


def test_an_invitation_is_open_for_two_weeks(staff: User) -> None:
    invitation = invite(staff)
    assert invitation.expires_at - invitation.created_at >= timedelta(days=INVITATION_DAYS, seconds=-1)
    assert (invitation.state, invitation.is_open) == ("open", True)
    assert list(Invitation.objects.waiting()) == [invitation]


@pytest.mark.parametrize(
    ("field", "days", "state"),
    [("accepted_at", 0, "accepted"), ("revoked_at", 0, "withdrawn"), ("expires_at", -1, "expired")],
)
def test_an_invitation_ends_when_accepted_withdrawn_or_expired(
    staff: User, field: str, days: int, state: str
) -> None:
    invitation = invite(staff, **{field: timezone.now() + timedelta(days=days)})
    assert (invitation.state, invitation.is_open) == (state, False)
    assert Invitation.objects.waiting().exists() == (state == "expired")  # it can be sent again


def test_a_person_has_one_open_invitation_for_a_partner(staff: User) -> None:
    first = invite(staff)
    refused(lambda: invite(staff, "NEW@example.org"))
    invite(staff, partner=Partner.objects.get(slug="universities"))
    Invitation.objects.filter(pk=first.pk).update(revoked_at=timezone.now())
    assert invite(staff, "NEW@example.org").is_open


def test_an_invitation_is_not_both_accepted_and_withdrawn_and_keys_differ(staff: User) -> None:
    now = timezone.now()
    refused(lambda: invite(staff, accepted_at=now, revoked_at=now))
    first, second = invite(staff), invite(staff, "other@example.org")
    assert first.key != second.key
    refused(lambda: Invitation.objects.filter(pk=second.pk).update(key=first.key))
