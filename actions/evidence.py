"""Evidence files: which are accepted, and how they are stored."""

import logging
import os
import re
from dataclasses import dataclass

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, transaction

from actions.models import EvidenceFile, OutcomeMeasure
from partners.models import User


@dataclass(frozen=True)
class Kind:
    """An accepted file type: its content type, and the signatures it may have."""

    content_type: str
    found_as: frozenset[str]


logger = logging.getLogger(__name__)

OFFICE = frozenset({".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})
KINDS = {
    ".pdf": Kind("application/pdf", frozenset({".pdf"})),
    ".png": Kind("image/png", frozenset({".png", ".apng"})),
    ".jpg": Kind("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"})),
    ".jpeg": Kind("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"})),
    ".docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", OFFICE),
    ".xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", OFFICE),
    ".pptx": Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", OFFICE),
    ".odt": Kind("application/vnd.oasis.opendocument.text", OFFICE),
    ".ods": Kind("application/vnd.oasis.opendocument.spreadsheet", OFFICE),
    ".txt": Kind("text/plain", frozenset()),
    ".csv": Kind("text/csv", frozenset()),
}
ACCEPTED = (
    "PDF, PNG, JPEG, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), OpenDocument (.odt, .ods), text or CSV"
)
HEAD_BYTES = 8192


def check_upload(upload: "UploadedFile[bytes]") -> Kind:
    """Return the kind of `upload`, by its name and its first bytes.

    Raises ValidationError for an empty, oversized or unknown file, and for contents that do not match the name.
    """
    name = clean_name(upload.name or "")
    size = upload.size or 0
    if size > settings.EVIDENCE_MAX_BYTES:
        megabytes = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
        raise ValidationError(
            f"“{name}” is {size / 1024 / 1024:.1f} MB. The file must be {megabytes} MB or smaller."
        )
    if not size:
        raise ValidationError(f"“{name}” is empty.")
    kind = KINDS.get(os.path.splitext(name)[1].casefold())
    if kind is None:
        raise ValidationError(f"“{name}” is not accepted. Use one of these: {ACCEPTED}.")
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if not _is_what_it_says(head, kind):
        raise ValidationError(
            f"The contents of “{name}” do not match its type. Open it, save it again and upload it."
        )
    return kind


def _is_what_it_says(head: bytes, kind: Kind) -> bool:
    if not kind.found_as:
        return b"\0" not in head
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return False
    return any(match.extension.casefold() in kind.found_as for match in found)


def clean_name(name: str) -> str:
    """The last part of `name`, without characters that could mislead a reader, a header or a file system."""
    last = re.split(r"[\\/]", name)[-1]
    cleaned = re.sub(r"[^\w .,()\-–&']+", "_", last).strip(" .")
    stem, ending = os.path.splitext(cleaned)
    return (stem[:180] or "evidence") + ending[:10]


class NotStored(ValidationError):
    """The evidence folder is full or cannot be written."""


def keep(upload: "UploadedFile[bytes]", kind: Kind, *, measure: OutcomeMeasure, by: User) -> EvidenceFile:
    """Store a checked upload outside the web root, under a random name. Raises NotStored, and leaves no fragment."""
    name = clean_name(upload.name or "")
    kept = EvidenceFile(
        measure=measure,
        uploaded_by=by,
        file=upload,
        name=name,
        content_type=kind.content_type,
        size=upload.size or 0,
    )
    try:
        with transaction.atomic():
            kept.save()
        return kept
    except DatabaseError:
        kept.file.storage.delete(str(kept.file.name))
        raise
    except OSError as error:
        logger.error("The evidence folder cannot be written: %s", error.strerror)
        raise NotStored(
            f"“{name}” could not be stored because of a fault on our side. Give your evidence in words or as a web "
            "address, or upload the file again later."
        ) from error


def forget(evidence: EvidenceFile | None) -> None:
    """Delete a file whose draft is gone. A file that was submitted stays for good."""
    if evidence is not None and not evidence.updates.exists():
        evidence.delete()
        evidence.file.delete(save=False)
