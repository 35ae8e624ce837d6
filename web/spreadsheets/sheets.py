"""What a workbook is made of, in the caller's words: sheets, columns, looks, charts. Nothing here knows openpyxl."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

A4, A3 = 9, 8
INK, QUIET, RULE = "1C1A1E", "54505A", "B1B4B6"


@dataclass(frozen=True)
class Look:
    """How a cell looks. Colours are RRGGBB; `symbol` is shown before the text and is no part of it."""

    fill: str = ""
    ink: str = INK
    bold: bool = False
    size: int = 10
    symbol: str = ""
    dashed: bool = False
    ruled: bool = True


@dataclass(frozen=True)
class SheetColumn:
    """A heading, and the column's width in characters.

    `looks` has the texts that look different. A column that is not `printed` is folded away behind an outline button.
    """

    heading: str
    width: int
    looks: Mapping[str, Look] = field(default_factory=dict)
    number_format: str = ""
    right: bool = False
    wraps: bool = True
    printed: bool = True


@dataclass(frozen=True)
class Document:
    """The document's properties. `made` is the moment that its figures are of, so that they give the same bytes."""

    title: str
    subject: str
    author: str
    made: datetime


@dataclass(frozen=True)
class Sheet:
    """One sheet: a header row, then rows; nothing merged. `rows` are read once, in order.

    `table` names a table over all of it; without rows, the table holds one row that says `empty`. `one_page` prints
    it on one page. `links` makes a cell (“B3”) open an address.
    """

    title: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    paper: int = A4
    table: str = ""
    empty: str = ""
    one_page: bool = False
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A text of its own, which runs on over the empty cells beside it."""

    text: str
    look: Look = Look(ruled=False)


@dataclass(frozen=True)
class Block:
    """A table among others on a page; `empty` is its only row where it has none."""

    table: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[Any]]
    empty: str = ""


@dataclass(frozen=True)
class Series:
    """One column of a chart's table, and how it is drawn; `pattern` (as OOXML names it) is in `line`'s colour."""

    column: int
    fill: str
    line: str
    pattern: str = ""


@dataclass(frozen=True)
class Chart:
    """Stacked bars of the rows of a block, beside it: `labels` is the column that names them, `alt` says it in words.

    `at` is the cell of its top left corner, `width` and `height` are in centimetres.
    """

    title: str
    alt: str
    table: str
    series: Sequence[Series]
    at: str
    width: float
    height: float
    labels: int = 0
    lying: bool = True


@dataclass(frozen=True)
class Layout:
    """One printed page of lines and blocks below each other, with charts beside them."""

    title: str
    widths: Sequence[int]
    parts: Sequence[Line | Block]
    charts: Sequence[Chart] = ()
    paper: int = A4


Page = Sheet | Layout
