"""Rows to bytes, as xlsx and CSV, holding a few hundred rows at a time. What a person typed is text, never a formula.

openpyxl makes the workbook, its styles and print set-up; the rows are written here, because openpyxl takes several
times as long for them.
"""

import codecs
import csv
import io
import math
import re
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import IO, Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FONT = "Calibri"  # a font without a name prints in serif
LINE_POINTS = 15
ROW_POINTS_AT_MOST = 400
LETTER = 1.08  # how wide a letter is at most, on average, in the characters of a column's width
LONGEST_CELL = 32_767  # UTF-16 units: an emoji counts as two
SHORT = 60  # text up to this length is likely to come again, so its XML is cached
CHUNK = 64 * 1024  # bytes read at a time
BATCH = 200  # rows written at a time
A4, A3 = 9, 8
DATE_FORMAT, TIME_FORMAT = "d mmm yyyy", "d mmm yyyy hh:mm"
DAY_ZERO = date(1899, 12, 30).toordinal()
FIRST_DAY = date(
    1900, 3, 1
)  # Excel counts a 29 February 1900 that never was; programs differ on the days before it
SECONDS_A_DAY = 86_400
STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")  # some programs read the wide ones as the narrow ones
LINE_END = re.compile("\r\n?|\n")
FORBIDDEN_IN_TITLES = re.compile(r"[\\/*?:\[\]]")
# What XML cannot hold: one such character, and no program opens the file.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads “_x0041_” in a text as “A”, unless the underscore before it is written that way too.
READ_AS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
DIMENSION = re.compile(r"<dimension [^>]*/>")
ROWS = re.compile(r"<sheetData\s*/>|<sheetData></sheetData>")  # where they go, in a sheet without any


@dataclass(frozen=True)
class SheetColumn:
    """A heading, and the column's width in characters."""

    heading: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """One sheet: a header row, then rows; nothing merged. `rows` are read once, in order."""

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    paper: int = A4


class Styles(NamedTuple):
    """Style numbers of the workbook."""

    header: int
    body: int
    day: int
    moment: int


def clean(text: str) -> str:
    """Without the characters that a sheet cannot hold; line ends as one newline."""
    if "\r" in text:
        text = LINE_END.sub("\n", text)
    return UNWRITABLE.sub("", text)


# --- xlsx ----------------------------------------------------------------


def workbook(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """An xlsx file of these sheets, ready to print: landscape, fit to width, headers repeated, pages numbered.

    Writes a temporary file and returns its bytes in chunks; the file is deleted after the last one, or on `close()`.
    """
    chunks = _file_of(list(sheets))
    next(chunks)  # writes the file: what fails, fails here and not in the middle of a download
    return chunks


def _file_of(sheets: Sequence[Sheet]) -> Generator[bytes, None, None]:
    """An empty chunk once the file is written, then its bytes."""
    with tempfile.TemporaryFile(prefix="workbook-") as file:
        _write(sheets, file)
        file.seek(0)
        yield b""
        while chunk := file.read(CHUNK):
            yield chunk


def _write(sheets: Sequence[Sheet], file: IO[bytes]) -> None:
    book = Workbook()
    book.remove(book.active)
    pages = [_page(book, sheet) for sheet in sheets]
    styles = _styles(pages[0])
    paths = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(pages) + 1)]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet, page, path in zip(sheets, pages, paths, strict=True):
            with archive.open(path, "w") as part:
                head, _ = ROWS.split(_parts_of(book)[path].decode())
                part.write(f"{DIMENSION.sub('', head)}<sheetData>".encode())
                last = _write_rows(part, sheet, styles)
                page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{last}"
                _, tail = ROWS.split(_parts_of(book)[path].decode())
                part.write(f"</sheetData>{tail}".encode())
        for path, content in _parts_of(book).items():
            if path not in paths:
                archive.writestr(path, content)


def _page(book: Workbook, sheet: Sheet) -> Worksheet:
    """A page without rows, set up to be read and printed."""
    page = book.create_sheet(FORBIDDEN_IN_TITLES.sub(" ", clean(sheet.title))[:31])
    for number, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = sheet.paper
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.5, 0.75, 0.3
    page.oddFooter.left.text = clean(sheet.title).replace("&", "&&")
    page.oddFooter.right.text = "page &P of &N"
    return page


def _styles(page: Worksheet) -> Styles:
    """Register the styles with the workbook of `page`; the cells made for that are not part of it."""
    body = Font(name=FONT, size=10)
    header = Font(name=FONT, size=10, bold=True, color="FFFFFF")

    def number_of(font: Font, fill: PatternFill | None = None, number_format: str = "General") -> int:
        cell = Cell(page)
        cell.font, cell.number_format = font, number_format
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        cell.border = Border(bottom=Side(style="thin", color="B1B4B6"))
        if fill:
            cell.fill = fill
        return int(cell.style_id)

    return Styles(
        header=number_of(header, fill=PatternFill("solid", fgColor="3B2A4A")),
        body=number_of(body),
        day=number_of(body, number_format=DATE_FORMAT),
        moment=number_of(body, number_format=TIME_FORMAT),
    )


def _parts_of(book: Workbook) -> dict[str, bytes]:
    """The files that openpyxl makes of the workbook, by their path in the archive."""
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def _write_rows(part: IO[bytes], sheet: Sheet, styles: Styles) -> int:
    """Write the header and the rows, and return the number of the last one."""
    places = [(get_column_letter(n), column.width) for n, column in enumerate(sheet.columns, start=1)]
    headings = [column.heading for column in sheet.columns]
    part.write(_row(1, headings, places, styles._replace(body=styles.header)).encode())
    rows, number = iter(sheet.rows), 1
    while batch := list(islice(rows, BATCH)):
        part.write("".join(_row(n, row, places, styles) for n, row in enumerate(batch, number + 1)).encode())
        number += len(batch)
    return number


def _row(number: int, values: Sequence[Any], places: Sequence[tuple[str, int]], styles: Styles) -> str:
    """A row as XML, as high as its longest text needs.

    Raises ValueError unless there is a value, or None, for each place.
    """
    cells, most = [], 1
    for (letter, width), value in zip(places, values, strict=True):
        if isinstance(value, str):
            text = _short_text(value) if len(value) <= SHORT else _text(value)
            cells.append(f'<c r="{letter}{number}" s="{styles.body}"{text}')
            if len(value) * LETTER > width - 1 or "\n" in value or "\r" in value:
                most = max(most, _lines(value, width))
        else:
            style, content = _number(value, styles)
            cells.append(f'<c r="{letter}{number}" s="{style}"{content}')
    height = min(most * LINE_POINTS + 3, ROW_POINTS_AT_MOST)
    return f'<row r="{number}" ht="{height}" customHeight="1">{"".join(cells)}</row>'


def _text(value: str) -> str:
    """The rest of a cell's XML for a text, after its place and style."""
    text = _cut(clean(value))
    if not text:
        return "/>"
    if "_x" in text:
        text = READ_AS_ESCAPE.sub("_x005F_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


_short_text = lru_cache(maxsize=4096)(_text)


def _cut(text: str) -> str:
    """The text, cut with a remark at its end where a cell cannot hold it."""
    if len(text) * 2 <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= LONGEST_CELL * 2:
        return text
    remark = f"… [cut: {len(text)} characters in all]"
    return units[: (LONGEST_CELL - len(remark)) * 2].decode("utf-16-le", "ignore") + remark


def _number(value: Any, styles: Styles) -> tuple[int, str]:
    """The style, and the rest of a cell's XML, for a value that is not text.

    Raises TypeError for an aware datetime: a sheet has no time zones, so the caller chooses one.
    """
    match value:
        case None:
            return styles.body, "/>"
        case bool():
            return styles.body, f' t="b"><v>{value:d}</v></c>'
        case int() | float() | Decimal() if math.isfinite(value):
            return styles.body, f"><v>{value}</v></c>"
        case datetime() if value.tzinfo:
            raise TypeError(f"{value!r} has a time zone")
        case datetime() if value.date() >= FIRST_DAY:
            seconds = (value - datetime.combine(value, time())).total_seconds()
            return styles.moment, f"><v>{value.toordinal() - DAY_ZERO + seconds / SECONDS_A_DAY}</v></c>"
        case date() if not isinstance(value, datetime) and value >= FIRST_DAY:
            return styles.day, f"><v>{value.toordinal() - DAY_ZERO}</v></c>"
        case _:
            return styles.body, _text(str(value))


def _lines(text: str, width: int) -> int:
    """How many lines the text takes in a column `width` characters wide; rather one too many than one too few."""
    return sum(max(1, math.ceil(len(line) * LETTER / max(width - 1, 1))) for line in LINE_END.split(text))


# --- CSV -----------------------------------------------------------------


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file for Excel: UTF-8 with a byte order mark, CRLF at the end of each record.

    Dates are ISO; text that would start a formula gets an apostrophe before it. The first chunk is the header alone,
    so that a download starts at once; each of the others has a few hundred rows.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_csv_cell(heading) for heading in headings])
    yield codecs.BOM_UTF8 + buffer.getvalue().encode()
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows([_csv_cell(value) for value in row] for row in batch)
        yield buffer.getvalue().encode()


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
