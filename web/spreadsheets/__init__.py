"""Rows to bytes, as xlsx and CSV, holding a few hundred rows at a time. What a person typed is text, never a formula.

The only package that knows openpyxl. openpyxl makes the workbook, its styles, tables, charts and print set-up; the rows
are written here, because openpyxl takes several times as long for them.
"""

from web.spreadsheets.book import workbook
from web.spreadsheets.cells import BATCH
from web.spreadsheets.csv_file import csv_chunks, csv_of
from web.spreadsheets.sheets import (
    A3,
    A4,
    Block,
    Chart,
    Document,
    Layout,
    Line,
    Look,
    Page,
    Series,
    Sheet,
    SheetColumn,
)
from web.spreadsheets.text import clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

__all__ = [
    "A3",
    "A4",
    "BATCH",
    "XLSX",
    "Block",
    "Chart",
    "Document",
    "Layout",
    "Line",
    "Look",
    "Page",
    "Series",
    "Sheet",
    "SheetColumn",
    "clean",
    "csv_chunks",
    "csv_of",
    "workbook",
]
