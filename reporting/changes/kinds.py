"""The kinds of row whose changes are in the log, and where a search looks for each."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from actions.addresses import action_url
from actions.models import ActionVersion, LeadVersion, OutcomeMeasureVersion, RelationshipVersion
from history.models import Version
from partners.models import PartnerVersion
from reporting.models import BoardMeetingVersion, ReportingPeriodVersion
from strategy.models import ClusterVersion, ThemeVersion, VitalFewVersion

DATE_FIELDS = ("target_date", "revised_date")
IMPORT, DATE = "import", "date"


@dataclass(frozen=True)
class Kind:
    """A kind of row. `own` are its columns that a search looks in, `other` those of rows that it refers to."""

    name: str
    label: str
    version: type[Version]
    own: tuple[str, ...]
    other: tuple[str, ...] = ()
    action: str = ""  # the column with the action's key
    aspects: tuple[str, ...] = field(default=())  # further kinds of change that a row of it can be

    def url_of(self, version: Any, number: int | None) -> str:
        """The page of the row; empty where it has none."""
        if number is not None:
            anchor = f"#measure-{version.order}" if self.name == "measure" else ""
            return f"{action_url(number)}{anchor}"
        if self.name == "period":
            return reverse("period_detail", args=[version.slug])
        return "" if self.name == "meeting" else str(version.get_absolute_url())

    @property
    def is_for_staff(self) -> bool:
        """Whether only staff may open its page."""
        return self.name == "period"


KINDS = (
    Kind("action", "Action", ActionVersion, ("title", "outcome_text"), (), "row_id"),
    Kind(
        "measure",
        "Outcome measure",
        OutcomeMeasureVersion,
        ("text", "unit"),
        ("action__title",),
        "action_id",
        (DATE,),
    ),
    Kind("lead", "Lead", LeadVersion, (), ("partner__name", "action__title"), "action_id"),
    Kind(
        "relationship",
        "Relationship",
        RelationshipVersion,
        (),
        ("vital_few__code", "vital_few__name", "action__title"),
        "action_id",
    ),
    Kind("theme", "Theme", ThemeVersion, ("name",)),
    Kind("cluster", "Cluster", ClusterVersion, ("name",)),
    Kind("vital-few", "Vital few", VitalFewVersion, ("code", "name")),
    Kind("partner", "Partner", PartnerVersion, ("name",)),
    Kind("period", "Reporting period", ReportingPeriodVersion, ("name",)),
    Kind("meeting", "Board meeting", BoardMeetingVersion, ("name", "note")),
)
CHOICES = [
    *((one.name, one.label) for one in KINDS),
    (DATE, "Target date"),
    (IMPORT, "Import"),
]
