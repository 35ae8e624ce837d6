"""What is done and how it goes."""

from actions.models.history import (
    VERSIONS,
    ActionVersion,
    ClusterVersion,
    LeadVersion,
    OutcomeMeasureVersion,
    PartnerVersion,
    PlanChange,
    RelationshipVersion,
    ThemeVersion,
    Version,
    VitalFewVersion,
    history_of,
    plan_change,
)
from actions.models.plan import Action, Lead, OutcomeMeasure, Relationship, SourceCell
from actions.models.status import Direction, Status
from actions.models.updates import (
    EvidenceFile,
    LeadAnswer,
    MeasureProposal,
    ProgressUpdate,
    UpdateDraft,
    percent_of_target,
)
from web.numbers import as_number

__all__ = [
    "VERSIONS",
    "Action",
    "ActionVersion",
    "ClusterVersion",
    "Direction",
    "EvidenceFile",
    "Lead",
    "LeadAnswer",
    "LeadVersion",
    "MeasureProposal",
    "OutcomeMeasure",
    "OutcomeMeasureVersion",
    "PartnerVersion",
    "PlanChange",
    "ProgressUpdate",
    "Relationship",
    "RelationshipVersion",
    "SourceCell",
    "Status",
    "ThemeVersion",
    "UpdateDraft",
    "Version",
    "VitalFewVersion",
    "as_number",
    "history_of",
    "percent_of_target",
    "plan_change",
]
