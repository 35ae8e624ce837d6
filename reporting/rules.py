"""A database rule: reporting periods never overlap."""

from history.rules import Rule, register
from reporting.models import ReportingPeriod

OTHER_OVERLAPS = (
    "EXISTS (SELECT 1 FROM reporting_reportingperiod AS other "
    "WHERE other.id {differs} NEW.id AND other.opens <= NEW.closes AND other.closes >= NEW.opens)"
)


def connect() -> None:
    """Register the rule when the app is ready."""
    register(
        rules=[
            Rule(
                f"period_no_overlap_{event.lower()}",
                ReportingPeriod,
                event,
                OTHER_OVERLAPS,
                "reporting periods do not overlap",
            )
            for event in ("INSERT", "UPDATE")
        ]
    )
