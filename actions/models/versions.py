"""The versions of the plan's own rows. Triggers write them: `history.versions`."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils.text import capfirst

from actions.models.framework import (
    Action,
    ActionFields,
    Lead,
    LeadFields,
    OutcomeMeasure,
    OutcomeMeasureFields,
    Relationship,
    RelationshipFields,
)
from history.models import Version, history_of
from partners.models import Partner
from strategy.models import VitalFew

if TYPE_CHECKING:
    from history.words import Names


@history_of(Action)
class ActionVersion(ActionFields, Version):
    derived = {"folded": "portal_fold(NEW.title || ' ' || NEW.outcome_text)"}
    worded = ("number", "title", "theme", "cluster", "outcome_text")
    field_words = {"title": "wording", "outcome_text": "outcome measure"}
    imported_as = "Imported from the framework"

    folded = models.TextField(default="", help_text="What a search looks in, without the case of letters.")

    class Meta(Version.Meta):
        ordering = ("number", "row_id")

    def heading(self, names: "Names", when: datetime) -> str:
        return "Action"

    def what(self, name: str, names: "Names") -> str:
        return capfirst(
            self.field_words.get(name, str(getattr(self._meta.get_field(name), "verbose_name", name)))
        )


@history_of(Lead)
class LeadVersion(LeadFields, Version):
    worded = ("partner", "acceptance")
    field_words = {"acceptance": ""}
    added_as = "acceptance"

    class Meta(Version.Meta):
        ordering = ("action_id", "order", "row_id")

    def heading(self, names: "Names", when: datetime) -> str:
        return f"Lead {names.of(Partner, self.partner_id, when)}"


@history_of(Relationship)
class RelationshipVersion(RelationshipFields, Version):
    worded = ("strength",)
    field_words = {"strength": ""}

    class Meta(Version.Meta):
        ordering = ("action_id", "vital_few_id", "row_id")

    def heading(self, names: "Names", when: datetime) -> str:
        return f"Relationship to {names.of(VitalFew, self.vital_few_id, when)}"


@history_of(OutcomeMeasure)
class OutcomeMeasureVersion(OutcomeMeasureFields, Version):
    worded = ("text", "year", "baseline", "target", "unit", "target_date", "revised_date")
    field_words = {"text": "wording"}

    class Meta(Version.Meta):
        ordering = ("action_id", "order", "row_id")
        indexes = (  # type: ignore[assignment]  # one more than the base
            *Version.Meta.indexes,
            models.Index(fields=("action", "known_from"), name="measure_version_of_action"),
        )

    def heading(self, names: "Names", when: datetime) -> str:
        return f"Measure {self.order}"
