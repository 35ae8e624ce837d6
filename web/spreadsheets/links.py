"""Cells that open an address. openpyxl writes links only of cells that it writes itself."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from web.spreadsheets.sheets import Page, Sheet
from web.spreadsheets.text import clean

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
AFTER_LINKS = "<pageMargins "  # the element that they come before


def with_links(tail: str, sheet: Page) -> str:
    """What follows the rows of the sheet, with its links."""
    if not _links(sheet):
        return tail
    links = "".join(f'<hyperlink ref="{cell}" r:id="{_key(cell)}"/>' for cell in _links(sheet))
    return tail.replace(AFTER_LINKS, f'<hyperlinks xmlns:r="{OFFICE}">{links}</hyperlinks>{AFTER_LINKS}', 1)


def with_addresses(parts: Mapping[str, bytes], sheets: Sequence[Page]) -> dict[str, bytes]:
    """The parts, with the addresses of the sheets' links among their relationships."""
    found = dict(parts)
    for number, sheet in enumerate(sheets, start=1):
        if _links(sheet):
            path = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            empty = f'<Relationships xmlns="{PACKAGE}"></Relationships>'.encode()
            end = "".join(_relationship(cell, address) for cell, address in _links(sheet).items())
            found[path] = found.get(path, empty).replace(
                b"</Relationships>", f"{end}</Relationships>".encode()
            )
    return found


def _relationship(cell: str, address: str) -> str:
    target = quoteattr(clean(address))
    return (
        f'<Relationship Id="{_key(cell)}" Type="{OFFICE}/hyperlink" TargetMode="External" Target={target}/>'
    )


def _links(sheet: Page) -> Mapping[str, str]:
    return sheet.links if isinstance(sheet, Sheet) else {}


def _key(cell: str) -> str:
    return f"link{cell}"
