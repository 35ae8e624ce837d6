"""What the database itself enforces about people."""

from history.rules import Rule, Stamped, register
from partners.models import PersonChange, User

BY = "(SELECT coalesce(nullif(name, ''), email) FROM partners_user WHERE id = NEW.by_id)"

RULES = [
    Rule(
        "removed_name_says_what_they_were",
        User,
        "UPDATE",
        "NEW.name_removed AND NEW.name NOT LIKE 'A former %'",
        "a removed name is replaced by what the person was",
    ),
    Rule(
        "removed_name_stays_removed",
        User,
        "UPDATE",
        "OLD.name_removed AND (NOT NEW.name_removed OR NEW.name {differs} OLD.name)",
        "a name that was removed stays removed",
    ),
]


def connect() -> None:
    """Register them. Called once, when the app is ready."""
    register(
        rules=RULES,
        stamped=[Stamped(PersonChange, also={"by_name": BY}, names={"by_name": "by_id"})],
    )
