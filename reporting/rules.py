"""What the database itself holds to about periods: they never overlap, and at most one is open."""

from actions.triggers import RULES, Rule
from reporting.models import ReportingPeriod

OTHER_OVERLAPS = (
    "EXISTS (SELECT 1 FROM reporting_reportingperiod AS other "
    "WHERE other.id {differs} NEW.id AND other.opens <= NEW.closes AND other.closes >= NEW.opens)"
)
OTHER_IS_OPEN = (
    "NEW.opened_at IS NOT NULL AND NEW.closed_at IS NULL AND "
    "EXISTS (SELECT 1 FROM reporting_reportingperiod AS other "
    "WHERE other.id {differs} NEW.id AND other.opened_at IS NOT NULL AND other.closed_at IS NULL)"
)

for event in ("INSERT", "UPDATE"):
    RULES.append(
        Rule(
            f"period_no_overlap_{event.lower()}",
            ReportingPeriod,
            event,
            OTHER_OVERLAPS,
            "reporting periods do not overlap",
        )
    )
    RULES.append(
        Rule(
            f"period_one_open_{event.lower()}",
            ReportingPeriod,
            event,
            OTHER_IS_OPEN,
            "another reporting period is open",
        )
    )
