"""Rows to bytes: the one room that knows openpyxl. What a person typed is always text, never a formula."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Calibri"  # a font without a name prints in serif
LINE_POINTS = 15
ROW_POINTS_AT_MOST = 400
LONGEST_CELL = 32_767
A4, A3 = 9, 8
DATE_FORMAT, TIME_FORMAT = "d mmm yyyy", "d mmm yyyy hh:mm"
STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")  # the wide ones are read as the narrow ones by some programs
FORBIDDEN_IN_TITLES = re.compile(r"[\\/*?:\[\]]")


@dataclass(frozen=True)
class SheetColumn:
    """A heading, and the column's width in characters."""

    heading: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """One sheet: a header row, then rows; nothing merged."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    paper: int = A4


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """An xlsx file of these sheets, ready to print: landscape, fit to width, headers repeated, pages numbered."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write(book.create_sheet(FORBIDDEN_IN_TITLES.sub(" ", sheet.title)[:31]), sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(page: Worksheet, sheet: Sheet) -> None:
    thin = Side(style="thin", color="B1B4B6")
    body = Font(name=FONT, size=10)
    header = Font(name=FONT, size=10, bold=True, color="FFFFFF")
    dark = PatternFill("solid", fgColor="3B2A4A")
    wrapped = Alignment(wrap_text=True, vertical="top", horizontal="left")
    edges = Border(bottom=thin)
    lines = 1
    for column, heading in enumerate(sheet.columns, start=1):
        cell = page.cell(1, column)
        _put(cell, heading.heading)
        cell.font, cell.fill, cell.alignment, cell.border = header, dark, wrapped, edges
        page.column_dimensions[get_column_letter(column)].width = heading.width
        lines = max(lines, _lines(heading.heading, heading.width))
    page.row_dimensions[1].height = lines * LINE_POINTS + 3
    number = 1
    for number, row in enumerate(sheet.rows, start=2):
        lines = 1
        for column, value in enumerate(row, start=1):
            cell = page.cell(number, column)
            _put(cell, value)
            cell.font, cell.alignment, cell.border = body, wrapped, edges
            lines = max(lines, _lines(value, sheet.columns[column - 1].width))
        page.row_dimensions[number].height = min(lines * LINE_POINTS + 3, ROW_POINTS_AT_MOST)
    last = get_column_letter(len(sheet.columns))
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{last}{number}"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = sheet.paper
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.5, 0.75, 0.3
    page.oddFooter.left.text = sheet.title.replace("&", "&&")
    page.oddFooter.right.text = "page &P of &N"


def _put(cell: Cell, value: Any) -> None:
    if isinstance(value, datetime):
        cell.value, cell.number_format = value, TIME_FORMAT
    elif isinstance(value, date):
        cell.value, cell.number_format = value, DATE_FORMAT
    elif isinstance(value, str):
        cell.value = clean(value)[:LONGEST_CELL] or None
        if cell.value is not None:
            cell.data_type = "s"  # after the value: “=1+1” and “#N/A” are what somebody wrote
    else:
        cell.value = value


def _lines(value: Any, width: int) -> int:
    """How many lines `value` takes in a column `width` characters wide, on the safe side."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, math.ceil(len(line) * 1.08 / max(width - 1, 1))) for line in value.split("\n"))


def clean(text: str) -> str:
    """Without the control characters that a sheet cannot hold; line ends as one newline."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return str(ILLEGAL_CHARACTERS_RE.sub("", plain))


class _Echo:
    """What csv writes to, handing each line on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file, line by line: dates as ISO, text that would start a formula behind an apostrophe."""
    writer = csv.writer(_Echo())
    yield writer.writerow([_csv_cell(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([_csv_cell(value) for value in row])


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.lstrip("\ufeff \n").startswith(STARTS_A_FORMULA) else text
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
