"""What the database itself enforces about the plan's rows and progress updates."""

from actions import known
from actions.models import (
    EvidenceFile,
    KnownAction,
    KnownMeasure,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    ProgressUpdate,
    SourceCell,
    UpdateQuestion,
)
from history.models import Clock
from history.rules import Rule, Stamped, kept, register

OPEN_CHANGE = "(SELECT change_id FROM history_clock WHERE id = 1)"
IMPORT_OPEN = f"(SELECT kind FROM history_planchange WHERE id = {OPEN_CHANGE}) = 'import'"  # noqa: S608  own names
AUTHOR = "(SELECT coalesce(nullif(name, ''), email) FROM partners_user WHERE id = NEW.author_id)"
ASKER = "(SELECT coalesce(nullif(name, ''), email) FROM partners_user WHERE id = NEW.asked_by_id)"
PARTNER = "(SELECT name FROM partners_partner WHERE id = NEW.on_behalf_of_id)"
ALIKE = (  # two updates on one measure have two times
    "EXISTS (SELECT 1 FROM actions_knownmeasure WHERE measure_id = NEW.measure_id "
    "AND known_until IS NULL AND known_from >= {stamp})"
)
OF_REQUESTS = {"asked_by_name": "asked_by_id", "decided_by_name": "decided_by_id"}

RULES = [
    Rule(
        "update_value_needs_target",
        ProgressUpdate,
        "INSERT",
        "NEW.value IS NOT NULL AND (SELECT target FROM actions_outcomemeasure WHERE id = NEW.measure_id) IS NULL",
        "a value is only for a measure with a numeric target",
    ),
    Rule(
        "update_corrects_the_last",
        ProgressUpdate,
        "INSERT",
        "NEW.corrects_id IS NOT NULL AND {door} = '' AND NEW.corrects_id {differs} (SELECT update_id "
        "FROM actions_knownmeasure WHERE measure_id = NEW.measure_id AND known_until IS NULL)",
        "only the latest update can be corrected",
    ),
    Rule(
        "measure_target_kept_with_values",
        OutcomeMeasure,
        "UPDATE",
        "OLD.target IS NOT NULL AND NEW.target IS NULL AND EXISTS "
        "(SELECT 1 FROM actions_progressupdate WHERE measure_id = OLD.id AND value IS NOT NULL)",
        "values have been reported against the target; it can be changed, but not removed",
    ),
    Rule(
        "measure_target_date_kept",
        OutcomeMeasure,
        "UPDATE",
        "OLD.target_date IS NOT NULL AND OLD.target_date {differs} NEW.target_date",
        "the original target date stays for good; set a revised date beside it",
    ),
    Rule(
        "the_past_is_shut_once_there_is_progress",
        Clock,
        "UPDATE",
        "OLD.door = '' AND NEW.door <> '' AND EXISTS (SELECT 1 FROM actions_progressupdate)",
        "the past can be written only where nobody has reported yet",
    ),
    # a file in a draft goes with the draft; one that was given as evidence stays for good
    Rule("evidence_kept_as_made", EvidenceFile, "UPDATE", "TRUE", "an evidence file is never changed"),
    Rule(
        "evidence_kept",
        EvidenceFile,
        "DELETE",
        "EXISTS (SELECT 1 FROM actions_progressupdate WHERE evidence_file_id = OLD.id)",
        "an evidence file that was submitted is never deleted",
    ),
    *kept(SourceCell, "a cell of the source", except_when=f"{IMPORT_OPEN} IS TRUE"),
]


def connect() -> None:
    """Register them. Called once, when the app is ready."""
    register(
        rules=RULES,
        stamped=[
            Stamped(
                ProgressUpdate,
                also={"author_name": AUTHOR, "partner_name": PARTNER},
                then=known.after_update,
                again=ALIKE,
                names={"author_name": "author_id"},
            ),
            Stamped(
                UpdateQuestion,
                field="asked_at",
                also={"asked_by_name": ASKER},
                names={"asked_by_name": "asked_by_id"},
            ),
        ],
        named=[(LeadAnswer, OF_REQUESTS), (MeasureProposal, OF_REQUESTS)],
        derived=[known.triggers],
        shown=[LeadAnswer, MeasureProposal],
        never_emptied=[KnownAction, KnownMeasure, EvidenceFile, SourceCell],
    )
