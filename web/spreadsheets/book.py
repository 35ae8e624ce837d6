"""An xlsx file, written row by row into a temporary file."""

import io
import re
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import IO

from openpyxl import Workbook

from web.spreadsheets.cells import line_xml, row_xml, write_rows
from web.spreadsheets.charts import add_charts, with_alt_text
from web.spreadsheets.links import with_addresses, with_links
from web.spreadsheets.pages import (
    Written,
    add_tables,
    empty_row,
    headings_of,
    new_page,
    properties,
)
from web.spreadsheets.sheets import Block, Document, Layout, Line, Page, Sheet
from web.spreadsheets.styles import Styles

CHUNK = 64 * 1024  # bytes read at a time
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # of every part: the same rows give the same bytes
DIMENSION = re.compile(r"<dimension [^>]*/>")
ROWS = re.compile(r"<sheetData\s*/>|<sheetData></sheetData>")  # where they go, in a sheet without any


def workbook(sheets: Iterable[Page], document: Document | None = None) -> Iterator[bytes]:
    """An xlsx file of these sheets, ready to print: landscape, fit to width, headers repeated, pages numbered.

    Writes a temporary file and returns its bytes in chunks; the file is deleted after the last one, or on `close()`.
    """
    chunks = _file_of(list(sheets), document)
    next(chunks)  # writes the file: what fails, fails here and not in the middle of a download
    return chunks


def _file_of(sheets: Sequence[Page], document: Document | None) -> Generator[bytes, None, None]:
    """An empty chunk once the file is written, then its bytes."""
    with tempfile.TemporaryFile(prefix="workbook-") as file:
        _write(sheets, document, file)
        file.seek(0)
        yield b""
        while chunk := file.read(CHUNK):
            yield chunk


def _write(sheets: Sequence[Page], document: Document | None, file: IO[bytes]) -> None:
    book = Workbook()
    book.remove(book.active)
    pages = [new_page(book, sheet) for sheet in sheets]
    styles = Styles(pages[0])
    paths = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(pages) + 1)]
    heads = _parts_of(book)
    with zipfile.ZipFile(file, "w") as archive:
        for sheet, page, path in zip(sheets, pages, paths, strict=True):
            with archive.open(_entry(path), "w") as part:
                head, _ = ROWS.split(heads[path].decode())
                part.write(f"{DIMENSION.sub('', head)}<sheetData>".encode())
                written = _write_page(part, sheet, styles)
                add_tables(book, page, written)
                add_charts(page, sheet, written)
                _, tail = ROWS.split(_parts_of(book)[path].decode())
                part.write(f"</sheetData>{with_links(tail, sheet)}".encode())
        charts = [chart for sheet in sheets if isinstance(sheet, Layout) for chart in sheet.charts]
        parts = with_addresses(with_alt_text(_parts_of(book), charts), sheets)
        for path, content in (parts | properties(book, document)).items():
            if path not in paths:
                archive.writestr(_entry(path), content)


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _parts_of(book: Workbook) -> dict[str, bytes]:
    """The files that openpyxl makes of the workbook, by their path in the archive."""
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def _write_page(part: IO[bytes], sheet: Page, styles: Styles) -> list[Written]:
    if isinstance(sheet, Sheet):
        widths = [column.width for column in sheet.columns]
        return [_write_table(part, sheet, widths, styles, 1)]
    number, written = 1, []
    for one in sheet.parts:
        if isinstance(one, Line):
            height = round(one.look.size * 1.5) if one.text else one.look.size
            part.write(line_xml(number, one.text, styles.line(one.look), height).encode())
        else:
            written.append(_write_table(part, one, sheet.widths, styles, number))
            number = written[-1].last
        number += 1
    return written


def _write_table(
    part: IO[bytes], table: Sheet | Block, widths: Sequence[int], styles: Styles, first: int
) -> Written:
    """Write the header into row `first` and the rows below it."""
    headings = headings_of(table.columns) if table.table else [one.heading for one in table.columns]
    part.write(row_xml(first, headings, styles.headings(table.columns, widths)).encode())
    places = styles.places(table.columns, widths)
    last = write_rows(part, table.rows, places, first)
    if last == first and table.table:
        last = write_rows(part, [empty_row(table)], places, first)
    return Written(table.table, table.columns, first, last, isinstance(table, Sheet))
