"""Database rules of this app: periods never overlap, and published papers never change."""

from history.rules import Rule, Stamped, register
from reporting.models import NotMe, PublishedPaper, ReportingPeriod

OTHER_OVERLAPS = (
    "EXISTS (SELECT 1 FROM reporting_reportingperiod AS other "
    "WHERE other.id {differs} NEW.id AND other.opens <= NEW.closes AND other.closes >= NEW.opens)"
)
PUBLISHER = "coalesce((SELECT coalesce(nullif(name, ''), email) FROM partners_user WHERE id = NEW.published_by_id), '')"


def connect() -> None:
    """Register the rule when the app is ready."""
    register(
        shown=[PublishedPaper],
        named=[(NotMe, {"person_name": "person_id"})],
        stamped=[
            Stamped(
                PublishedPaper,
                field="published_at",
                also={"published_by_name": PUBLISHER},
                names={"published_by_name": "published_by_id"},
            )
        ],
        rules=[
            Rule(
                f"period_no_overlap_{event.lower()}",
                ReportingPeriod,
                event,
                OTHER_OVERLAPS,
                "reporting periods do not overlap",
            )
            for event in ("INSERT", "UPDATE")
        ],
    )
