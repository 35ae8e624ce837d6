"""Rows as a sheet's XML."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import IO, Any, NamedTuple

from web.spreadsheets.text import CAPITAL, cell_text, lines_of, short_cell_text

LINE_POINTS, PADDING_POINTS = 13, 4
ROW_POINTS_AT_MOST = 400
SHORT = 60  # text up to this length is likely to come again, so its XML is cached
BATCH = 200  # rows written at a time
DAY_ZERO = date(1899, 12, 30).toordinal()
# Excel counts a 29 February 1900 that never was; programs differ on the days before it.
FIRST_DAY = date(1900, 3, 1)
SECONDS_A_DAY = 86_400


class Place(NamedTuple):
    """A cell's column, its width in characters, and the style numbers for what it may hold; `looks` by text."""

    letter: str
    width: int
    body: int
    day: int
    moment: int
    looks: Mapping[str, int]


def write_rows(part: IO[bytes], rows: Iterable[Sequence[Any]], places: Sequence[Place], number: int) -> int:
    """Write the rows below row `number`, and return the number of the last one."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        part.write("".join(row_xml(n, row, places) for n, row in enumerate(batch, number + 1)).encode())
        number += len(batch)
    return number


def row_xml(number: int, values: Sequence[Any], places: Sequence[Place]) -> str:
    """A row as XML, as high as its longest text needs.

    Raises ValueError unless there is a value, or None, for each place.
    """
    cells, most = [], 1
    for place, value in zip(places, values, strict=True):
        letter, width, body, _, _, looks = place
        if isinstance(value, str):
            text = short_cell_text(value) if len(value) <= SHORT else cell_text(value)
            style = looks.get(value, body) if looks else body
            cells.append(f'<c r="{letter}{number}" s="{style}"{text}')
            if len(value) * CAPITAL > width - 1 or "\n" in value or "\r" in value:
                most = max(most, lines_of(value, width))
        else:
            style, content = _number(value, place)
            cells.append(f'<c r="{letter}{number}" s="{style}"{content}')
    height = min(most * LINE_POINTS + PADDING_POINTS, ROW_POINTS_AT_MOST)
    return f'<row r="{number}" ht="{height}" customHeight="1">{"".join(cells)}</row>'


def line_xml(number: int, text: str, style: int, height: int) -> str:
    """A row with one text in its first cell."""
    cell = f'<c r="A{number}" s="{style}"{cell_text(text)}'
    return f'<row r="{number}" ht="{height}" customHeight="1">{cell}</row>'


def _number(value: Any, place: Place) -> tuple[int, str]:
    """The style, and the rest of a cell's XML, for a value that is not text.

    Raises TypeError for an aware datetime: a sheet has no time zones, so the caller chooses one.
    """
    match value:
        case None:
            return place.body, "/>"
        case bool():
            return place.body, f' t="b"><v>{value:d}</v></c>'
        case int() | float() | Decimal() if math.isfinite(value):
            return place.body, f"><v>{value}</v></c>"
        case datetime() if value.tzinfo:
            raise TypeError(f"{value!r} has a time zone")
        case datetime() if value.date() >= FIRST_DAY:
            seconds = (value - datetime.combine(value, time())).total_seconds()
            return place.moment, f"><v>{value.toordinal() - DAY_ZERO + seconds / SECONDS_A_DAY}</v></c>"
        case date() if not isinstance(value, datetime) and value >= FIRST_DAY:
            return place.day, f"><v>{value.toordinal() - DAY_ZERO}</v></c>"
        case _:
            return place.body, cell_text(str(value))
