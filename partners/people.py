"""What staff do with people's accounts: close, reopen, move, reset a second factor, take out a leaver's name.

Updates keep the name, role and partner that their author had when they were submitted, whatever happens here.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.template.loader import render_to_string
from django.utils import timezone

from history import clock, names
from outbox.models import Kind
from outbox.posting import forget_address, post
from partners import second_factor
from partners.models import Invitation, Partner, PersonChange, User
from partners.sessions import end_sessions
from web.context_processors import identity
from web.events import event

REMOVED_DOMAIN = "removed.invalid"  # a domain that never exists (RFC 2606)


class PersonRefused(Exception):
    """The change is not possible. The message says why."""


def standing(role: str, partners: Iterable[Partner]) -> str:
    """Role and partners in words: “Partner lead for Universities”."""
    label = str(User.Role(role).label)
    led = " and ".join(str(partner) for partner in partners) if role == User.Role.LEAD else ""
    return f"{label} for {led}" if led else label


def standing_of(person: User) -> str:
    return standing(person.role, person.partners.all())


def close_account(*, person: User, reason: str, by: User) -> None:
    """Stop a person from signing in, and end their sessions. Raises PersonRefused.

    Their updates stay, and so do their drafts, which they find again if the account is reopened.
    """
    with _locked(person) as found:
        _not_oneself(found, by, "close your own account")
        if not found.is_active:
            raise PersonRefused("This account is already closed.")
        _not_the_last_staff(found)
        User.objects.filter(pk=found.pk).update(is_active=False)
        end_sessions(found)
        _record(found, PersonChange.Kind.CLOSED, reason, by)


def reopen_account(*, person: User, reason: str, by: User) -> None:
    """Let a person sign in again, with the role and partners they had. Raises PersonRefused."""
    with _locked(person) as found:
        if found.is_active:
            raise PersonRefused("This account is already open.")
        if found.name_removed:
            raise PersonRefused("The name was removed, so this account stays closed. Send a new invitation.")
        User.objects.filter(pk=found.pk).update(is_active=True)
        _record(found, PersonChange.Kind.REOPENED, reason, by)


def move_person(*, person: User, role: str, partners: Collection[Partner], reason: str, by: User) -> None:
    """Give a person another role or other partners from now on. Raises PersonRefused."""
    with _locked(person) as found:
        check_move(found, role, partners, by)
        before = standing_of(found)
        User.objects.filter(pk=found.pk).update(role=role)
        found.partners.set(partners)
        found.refresh_from_db()
        _record(found, PersonChange.Kind.MOVED, reason, by, before=before)


def check_move(person: User, role: str, partners: Collection[Partner], by: User) -> None:
    """Raises PersonRefused if the person cannot have this role and these partners."""
    if (role == User.Role.LEAD) != bool(partners):
        raise PersonRefused("Choose at least one partner for a partner lead, and none for any other role.")
    if role == person.role and {one.pk for one in partners} == {one.pk for one in person.partners.all()}:
        raise PersonRefused("You have not changed anything. Choose another role or other partners.")
    if role != person.role:
        _not_oneself(person, by, "change your own role")
        _not_the_last_staff(person)


def reset_second_factor(*, person: User, reason: str, by: User) -> None:
    """Remove every second factor and recovery code of a person who lost them, end their sessions and tell them.

    Raises PersonRefused.
    """
    with _locked(person) as found:
        _not_oneself(found, by, "reset your own second factor")
        if not second_factor.factors_of(found).exists():
            raise PersonRefused("This person has no second factor.")
        Authenticator.objects.filter(user=found).delete()
        end_sessions(found)
        _record(found, PersonChange.Kind.SECOND_FACTOR, reason, by)
        context = {"person": found, "by": by, "portal": identity()}
        text = render_to_string(
            "partners/email/second_factor_reset.txt", context | {"again": second_factor.is_required_of(found)}
        )
        post(
            kind=Kind.ACCOUNT,
            to=found.email,
            subject="Your second factor was reset",
            text=text,
            person=found,
        )


def tell_of_new_address(*, person: User, earlier: str, by: User) -> None:
    """Tell a person whose e-mail address was changed, at the earlier one: somebody else may have the new one."""
    context = {"person": person, "by": by, "portal": identity()}
    text = render_to_string("partners/email/address_changed.txt", context)
    post(kind=Kind.ACCOUNT, to=earlier, subject="Your e-mail address was changed", text=text, person=person)


def former(person: User) -> str:
    """The text that replaces a removed name: “A former lead of Universities”."""
    if person.role == User.Role.STAFF:
        return "A former member of City Growth staff"
    if person.role == User.Role.BOARD:
        return "A former board member"
    led = " and ".join(str(partner) for partner in person.partners.all())
    return f"A former lead of {led}"[:200] if led else "A former partner lead"


def check_leaver(person: User, by: User) -> None:
    """Raises PersonRefused if the person's name cannot be taken out."""
    _not_oneself(person, by, "remove your own name")
    if person.name_removed:
        raise PersonRefused("The name has already been removed.")
    if person.is_active:
        raise PersonRefused("Close the account first.")


def forget_person(*, person: User, reason: str, by: User) -> None:
    """Replace the name and address of a closed account here and wherever a name was kept. Cannot be undone.

    Call it inside a change of the plan: what is remembered of pages shows the old name until the next one. Raises
    PersonRefused.
    """
    with _locked(person) as found:
        check_leaver(found, by)
        name, email = former(found), f"removed-{found.pk}@{REMOVED_DOMAIN}"
        invitations = Invitation.objects.filter(email__iexact=found.email)
        invitations.waiting().update(revoked_at=timezone.now())
        invitations.update(email=email, name="")
        Invitation.objects.filter(accepted_by=found).update(email=email, name="")
        forget_address(found.email, email)
        EmailAddress.objects.filter(user=found).delete()
        Authenticator.objects.filter(user=found).delete()
        end_sessions(found)
        found.set_unusable_password()
        User.objects.filter(pk=found.pk).update(
            name=name, email=email, name_removed=True, password=found.password
        )
        of_person = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User))
        of_person.filter(object_id=str(found.pk)).update(object_repr=name)
        names.take_out(found.pk, name)
        _record(found, PersonChange.Kind.NAME_REMOVED, reason, by)


@contextmanager
def _locked(person: User) -> Iterator[User]:
    """The person as they are now; whoever else changes a person waits, so two cannot close each other."""
    with clock.writing():
        yield User.objects.select_for_update().get(pk=person.pk)


def _not_oneself(person: User, by: User, what: str) -> None:
    if person.pk == by.pk:
        raise PersonRefused(f"You cannot {what}. Ask another member of City Growth staff.")


def _not_the_last_staff(person: User) -> None:
    others = User.objects.filter(role=User.Role.STAFF, is_active=True).exclude(pk=person.pk)
    if person.is_staff and person.is_active and not others.exists():
        raise PersonRefused("This is the last open account of City Growth staff. Open another one first.")


def _record(person: User, kind: PersonChange.Kind, reason: str, by: User, before: str = "") -> None:
    after = standing_of(person)
    PersonChange.objects.create(
        person=person, kind=kind, before=before or after, after=after, reason=reason, by=by
    )
    event(f"account_{kind.value.replace('-', '_')}", user=person.pk, by=by.pk)
