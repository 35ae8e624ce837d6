"""CSV files for Excel."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from web.spreadsheets.cells import BATCH
from web.spreadsheets.sheets import Sheet
from web.spreadsheets.text import clean

STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")  # some programs read the wide ones as the narrow ones


def csv_of(sheet: Sheet) -> Iterator[bytes]:
    """The sheet's headings and rows as CSV."""
    return csv_chunks([column.heading for column in sheet.columns], sheet.rows)


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
