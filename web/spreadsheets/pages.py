"""Sheets without rows, set up to be read and printed; and what is laid over the rows: tables, names, filters, links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from openpyxl import Workbook
from openpyxl.utils import absolute_coordinate, get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import ARC_CORE
from openpyxl.xml.functions import tostring

from web.spreadsheets.sheets import Block, Document, Layout, Page, Sheet, SheetColumn
from web.spreadsheets.text import clean, escaped

FORBIDDEN_IN_TITLES = re.compile(r"[\\/*?:\[\]]")
RANGE = "_range"  # what the name of a table's cells ends with: a table and a name cannot be called the same


@dataclass(frozen=True)
class Written:
    """Where a table was written: its header row and its last row."""

    table: str
    columns: Sequence[SheetColumn]
    first: int
    last: int
    filtered: bool

    @property
    def ref(self) -> str:
        return f"A{self.first}:{get_column_letter(len(self.columns))}{self.last}"


def new_page(book: Workbook, sheet: Page) -> Worksheet:
    """A page without rows."""
    page = book.create_sheet(FORBIDDEN_IN_TITLES.sub(" ", clean(sheet.title))[:31])
    widths = sheet.widths if isinstance(sheet, Layout) else [column.width for column in sheet.columns]
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    if isinstance(sheet, Sheet):
        _fold(page, sheet.columns)
        page.freeze_panes = "A2"
        page.print_title_rows = "1:1"
    else:
        page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = sheet.paper
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 1 if isinstance(sheet, Layout) or sheet.one_page else 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.5, 0.75, 0.3
    page.oddFooter.left.text = clean(sheet.title).replace("&", "&&")
    page.oddFooter.right.text = "page &P of &N"
    return page


def _fold(page: Worksheet, columns: Sequence[SheetColumn]) -> None:
    """Group the columns that are not printed, closed; the button is over the column after them."""
    for number, column in enumerate(columns, start=1):
        dimension = page.column_dimensions[get_column_letter(number)]
        if not column.printed:
            dimension.outlineLevel, dimension.hidden = 1, True
        elif number > 1 and not columns[number - 2].printed:
            dimension.collapsed = True


def properties(book: Workbook, document: Document | None) -> dict[str, bytes]:
    """The part that describes the document; openpyxl would say that it was changed just now."""
    if document is None:
        return {}
    about = book.properties
    about.title, about.subject = clean(document.title), clean(document.subject)
    about.creator = about.lastModifiedBy = clean(document.author)
    about.language = "en-GB"
    about.created = about.modified = document.made.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return {ARC_CORE: tostring(about.to_tree())}


def add_tables(book: Workbook, page: Worksheet, written: Sequence[Written]) -> None:
    """A table and a defined name for each range; a filter alone for one without a name."""
    for one in written:
        if one.table:
            page.add_table(_table(one))
            cells = f"{quote_sheetname(page.title)}!{absolute_coordinate(one.ref)}"
            name = f"{one.table}{RANGE}"
            book.defined_names[name] = DefinedName(name, attr_text=cells)
        else:
            page.auto_filter.ref = one.ref


def _table(written: Written) -> Table:
    headings = headings_of(written.columns)
    return Table(
        displayName=written.table,
        ref=written.ref,
        autoFilter=AutoFilter(ref=written.ref) if written.filtered else None,
        tableColumns=[TableColumn(id=n, name=escaped(one)) for n, one in enumerate(headings, start=1)],
    )


def headings_of(columns: Sequence[SheetColumn]) -> list[str]:
    """The headings, each once whatever its case and none empty, as a table needs them."""
    found: dict[str, str] = {}
    for number, column in enumerate(columns, start=1):
        heading = " ".join(clean(column.heading).split())[:250] or f"Column {number}"
        if heading.lower() in found:
            heading = f"{heading} ({number})"
        found[heading.lower()] = heading
    return list(found.values())


def empty_row(part: Block | Sheet) -> list[str | None]:
    return [part.empty or None, *[None] * (len(part.columns) - 1)]
