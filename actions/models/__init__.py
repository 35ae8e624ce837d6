"""What is done and how it goes."""

from actions.models.decisions import Decision, LeadAnswer, MeasureProposal
from actions.models.framework import Action, Lead, OutcomeMeasure, Relationship, SourceCell
from actions.models.known import KnownAction, KnownMeasure
from actions.models.questions import UpdateQuestion
from actions.models.saved_views import SavedView, StartPage
from actions.models.status import Direction, Status
from actions.models.updates import (
    EvidenceFile,
    ProgressUpdate,
    UpdateDraft,
    percent_of_target,
)
from actions.models.versions import ActionVersion, LeadVersion, OutcomeMeasureVersion, RelationshipVersion
from web.numbers import as_number

__all__ = [
    "Action",
    "ActionVersion",
    "Decision",
    "Direction",
    "EvidenceFile",
    "KnownAction",
    "KnownMeasure",
    "Lead",
    "LeadAnswer",
    "LeadVersion",
    "MeasureProposal",
    "OutcomeMeasure",
    "OutcomeMeasureVersion",
    "ProgressUpdate",
    "Relationship",
    "RelationshipVersion",
    "SavedView",
    "SourceCell",
    "StartPage",
    "Status",
    "UpdateDraft",
    "UpdateQuestion",
    "as_number",
    "percent_of_target",
]
