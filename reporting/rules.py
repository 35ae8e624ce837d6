"""What the database itself holds to about periods: they never overlap."""

from actions.triggers import RULES, Rule
from reporting.models import ReportingPeriod

OTHER_OVERLAPS = (
    "EXISTS (SELECT 1 FROM reporting_reportingperiod AS other "
    "WHERE other.id {differs} NEW.id AND other.opens <= NEW.closes AND other.closes >= NEW.opens)"
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
