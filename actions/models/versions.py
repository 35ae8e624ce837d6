"""The versions of the plan's own rows. Triggers write them: `history.versions`."""

from django.db import models

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


@history_of(Action)
class ActionVersion(ActionFields, Version):
    derived = {"folded": "portal_fold(NEW.title || ' ' || NEW.outcome_text)"}

    folded = models.TextField(default="", help_text="What a search looks in, without the case of letters.")

    class Meta(Version.Meta):
        ordering = ("number", "row_id")


@history_of(Lead)
class LeadVersion(LeadFields, Version):
    class Meta(Version.Meta):
        ordering = ("action_id", "order", "row_id")


@history_of(Relationship)
class RelationshipVersion(RelationshipFields, Version):
    class Meta(Version.Meta):
        ordering = ("action_id", "vital_few_id", "row_id")


@history_of(OutcomeMeasure)
class OutcomeMeasureVersion(OutcomeMeasureFields, Version):
    class Meta(Version.Meta):
        ordering = ("action_id", "order", "row_id")
        indexes = (  # type: ignore[assignment]  # one more than the base
            *Version.Meta.indexes,
            models.Index(fields=("action", "known_from"), name="measure_version_of_action"),
        )
