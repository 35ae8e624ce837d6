"""The invented people of a demonstration: one of each role, and a lead for every partner."""

from dataclasses import dataclass
from itertools import cycle

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from partners.models import Partner, PartnerFields, User

DOMAIN = "demo.example"
NAMES = (
    "Asha Mistry", "Ben Carter", "Chloe Adams", "Dev Solanki", "Ellie Marsh", "Farah Khan", "Grace Obi",
    "Harry Doyle", "Imran Sheikh", "Jess Palmer", "Kiran Rao", "Liam Walsh", "Maya Joshi", "Nick Osborne",
    "Olga Nowak", "Priya Chauhan", "Ruth Bailey", "Sanjay Modi",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str
    partners: str  # the names of those a partner lead reports for

    @property
    def group(self) -> str:
        return "Partner leads" if self.role == User.Role.LEAD.label else "Staff and board"


def is_invented(email: str) -> bool:
    """Whether this is the address of a demonstration person, on a demonstration portal."""
    return bool(settings.DEMONSTRATION) and email.casefold().endswith(f"@{DOMAIN}")


def people() -> list[Person]:
    """The demonstration people there are: staff, then the board, then partner leads by partner."""
    found = User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).prefetch_related("partners")
    rank = {User.Role.STAFF: 0, User.Role.BOARD: 1, User.Role.LEAD: 2}
    ordered = sorted(found, key=lambda user: (rank[User.Role(user.role)], user.email))
    return [
        Person(
            user.email,
            user.name,
            user.get_role_display(),
            ", ".join(partner.name for partner in user.partners.all()),
        )
        for user in ordered
    ]


@transaction.atomic
def make_people() -> list[User]:
    """Create the demonstration people that are missing, with the demonstration's password, and return them.

    Raises ImproperlyConfigured outside demonstration mode.
    """
    if not settings.DEMONSTRATION:
        raise ImproperlyConfigured("Demonstration people are only for DEMONSTRATION=on.")
    wanted: list[tuple[str, str, User.Role, Partner | None]] = [
        (f"staff@{DOMAIN}", "Sam Staff", User.Role.STAFF, None),
        (f"board@{DOMAIN}", "Bo Board", User.Role.BOARD, None),
    ]
    partners = Partner.objects.present().exclude(kind=PartnerFields.Kind.EVERYONE)
    for partner, name in zip(partners, cycle(NAMES), strict=False):
        wanted.append((f"{partner.slug}@{DOMAIN}", name, User.Role.LEAD, partner))
    made = []
    for email, name, role, leads in wanted:
        if User.objects.filter(email=email).exists():
            continue
        user = User.objects.create_user(email, settings.DEMONSTRATION_PASSWORD, name=name, role=role)
        if leads:
            user.partners.add(leads)
        made.append(user)
    return made
