"""A template and its data to an accessible PDF. The only file that knows typst.

Data reach the template as JSON: what a person typed is text, whatever it looks like. Nothing else is read but the
template's own folder and the fonts of `web/fonts`: no network, no fonts of the machine, no clock.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from django.conf import settings

from web.glyphs import FONTS, printable
from web.row_headers import UnexpectedStructureError, with_row_headers

STANDARDS = ["a-3a", "ua-1"]  # for the archive with files attached, and for screen readers
TEMPLATES = settings.BASE_DIR / "templates"
PDF = "application/pdf"


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

    The template finds under `sys.inputs.data` the data, `attached`, and `stand_ins`: how many characters of the data
    have no glyph, and are replaced. Raises TypesettingError.
    """
    texts = _Printable()
    given = texts.of(dict(data)) | {"attached": [_described(file) for file in attached]}
    given["stand_ins"] = texts.replaced
    try:
        with TemporaryDirectory(prefix="portal-typeset-") as folder:
            made = _compiler(template, Path(folder), attached).compile(
                format="pdf",
                sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
                pdf_standards=STANDARDS,
                timestamp=int(moment.timestamp()),
            )
        return with_row_headers(made)
    except typst.TypstError as error:
        raise TypesettingError(error.diagnostic or str(error)) from error
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


def _compiler(template: str, folder: Path, attached: Sequence[Attachment]) -> Any:
    """Reads nothing outside `folder`: it gets the template with its neighbours, and the files to attach."""
    main = TEMPLATES / template
    for file in main.parent.glob("*.typ"):
        (folder / file.name).write_bytes(file.read_bytes())
    for each in attached:
        (folder / each.name).write_bytes(each.content)
    return typst.Compiler(folder / main.name, root=folder, font_paths=_fonts(), ignore_system_fonts=True)


@lru_cache(maxsize=1)
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
