"""Answers that are files."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

PDF = "application/pdf"


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to download under `name`."""
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(content, content_type=content_type, headers=headers)
