"""A template and its data to an accessible PDF, by typst (`web/typesetter.py`).

Data reach the template as JSON: what a person typed is text, whatever it looks like.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from web import typesetter
from web.glyphs import FONTS, printable
from web.row_headers import UnexpectedStructureError, with_row_headers

STANDARDS = ("a-3a", "ua-1")  # for the archive with files attached, and for screen readers
TEMPLATES = settings.BASE_DIR / "templates"
SECONDS_AT_MOST = 60


class TypesettingError(Exception):
    """The template or its data cannot be typeset; says what typst says, with the line of the template."""


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF. `relationship` is one of source, data, alternative, supplement."""

    name: str
    content: bytes
    mime_type: str
    description: str
    relationship: str = "data"


def typeset(
    template: str, data: Mapping[str, Any], *, moment: datetime, attached: Sequence[Attachment] = ()
) -> bytes:
    """The PDF that `template` makes of `data`: the same bytes for the same arguments. `moment` is its date.

    The template finds the data in `sys.inputs.data`; beside them `attached`, and `stand_ins`: how many characters of
    the data have no glyph, and are replaced. Raises TypesettingError.
    """
    texts = _Printable()
    given = texts.of(dict(data)) | {"attached": [_described(file) for file in attached]}
    given["stand_ins"] = texts.replaced
    with TemporaryDirectory(prefix="portal-typeset-") as folder:
        _lay_out(Path(folder), template, given, attached)
        made = _run(folder, Path(template).name, str(FONTS), str(int(moment.timestamp())), *STANDARDS)
    try:
        return with_row_headers(made)
    except UnexpectedStructureError as error:
        raise TypesettingError(f"typst has changed how it writes tables: {error}.") from error


class _Printable:
    """Makes every text of some data printable, and counts the characters that it replaces."""

    def __init__(self) -> None:
        self.replaced = 0

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            text, replaced = printable(value)
            self.replaced += replaced
            return text
        if isinstance(value, Mapping):
            return {key: self.of(each) for key, each in value.items()}
        return [self.of(each) for each in value] if isinstance(value, list | tuple) else value


def _described(file: Attachment) -> dict[str, str]:
    return {
        "name": file.name,
        "mime_type": file.mime_type,
        "description": file.description,
        "relationship": file.relationship,
    }


def _lay_out(folder: Path, template: str, data: Mapping[str, Any], attached: Sequence[Attachment]) -> None:
    """Put into `folder` all that the typesetter may read: the template with its neighbours, data, attached files."""
    for file in (TEMPLATES / template).parent.glob("*.typ"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    for each in attached:
        (folder / each.name).write_bytes(each.content)


def _run(*arguments: str) -> bytes:
    command = [sys.executable, "-I", str(typesetter.__file__), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS_AT_MOST, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise TypesettingError(f"This takes longer than {SECONDS_AT_MOST} seconds.") from error
    if done.returncode:
        raise TypesettingError(done.stderr.decode(errors="replace"))
    return done.stdout
