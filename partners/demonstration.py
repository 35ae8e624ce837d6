"""The invented people of a demonstration: one of each role, and a lead for every partner."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from partners.models import Partner, PartnerFields, User

DOMAIN = "demo.example"


def people() -> list[tuple[str, str]]:
    """E-mail address and role in words of each demonstration person that exists."""
    found = User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).prefetch_related("partners")
    staff_first = {User.Role.STAFF: 0, User.Role.BOARD: 1, User.Role.LEAD: 2}
    ordered = sorted(found, key=lambda user: (staff_first[User.Role(user.role)], user.email))
    return [(user.email, _in_words(user)) for user in ordered]


def _in_words(user: User) -> str:
    partners = ", ".join(partner.name for partner in user.partners.all())
    return f"{user.get_role_display()}{f', {partners}' if partners else ''}"


@transaction.atomic
def make_people() -> list[User]:
    """Make those that are missing, with the demonstration's password, and answer with the new ones.

    Raises ImproperlyConfigured outside demonstration mode.
    """
    if not settings.DEMONSTRATION:
        raise ImproperlyConfigured("Demonstration people are only for DEMONSTRATION=on.")
    wanted = [
        (f"staff@{DOMAIN}", "Sam Staff", User.Role.STAFF, None),
        (f"board@{DOMAIN}", "Bo Board", User.Role.BOARD, None),
    ]
    for partner in Partner.objects.exclude(kind=PartnerFields.Kind.EVERYONE):
        wanted.append((f"{partner.slug}@{DOMAIN}", f"Lead of {partner.name}", User.Role.LEAD, partner))  # type: ignore[arg-type]
    made = []
    for email, name, role, leads in wanted:
        if User.objects.filter(email=email).exists():
            continue
        user = User.objects.create_user(email, settings.DEMONSTRATION_PASSWORD, name=name, role=role)
        if leads:
            user.partners.add(leads)
        made.append(user)
    return made
