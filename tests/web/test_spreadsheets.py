"""The xlsx and CSV writers: what comes out is opened again and compared. tests/actions has whole exports."""

import codecs
import csv
import io
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from web.spreadsheets import BATCH, Sheet, SheetColumn, clean, csv_chunks, workbook

# Control characters, a lone surrogate, and the two that XML forbids although they look harmless.
UNWRITABLE = "\x00\x07\x0b\x1f\ud800\udfff\ufffe\uffff"


def opened(*values: Any, width: int = 20) -> Worksheet:
    """A sheet with one column of these values, written and read again."""
    content = b"".join(
        workbook([Sheet("Sheet", [SheetColumn("Value", width)], ([value] for value in values))])
    )
    return load_workbook(io.BytesIO(content))["Sheet"]


def read(chunks: Iterator[bytes]) -> list[list[str]]:
    text = b"".join(chunks).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_values_keep_their_types() -> None:
    values = [
        "text",
        7,
        Decimal("10.25"),
        1.5,
        True,
        date(2008, 3, 31),
        datetime(2008, 3, 31, 14, 5),  # noqa: DTZ001  a sheet has no time zones
        None,
        "",
    ]
    found = [cell for (cell,) in opened(*values).iter_rows(min_row=2)]
    midnight = datetime(2008, 3, 31)  # noqa: DTZ001  as openpyxl reads a day
    assert [cell.value for cell in found] == ["text", 7, 10.25, 1.5, True, midnight, values[6], None, None]
    assert [cell.data_type for cell in found] == [*"snnnbddnn"]
    assert [found[5].number_format, found[6].number_format] == ["d mmm yyyy", "d mmm yyyy hh:mm"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "#N/A", "TRUE", "007", "  spaced  ", "two\nlines\tand a tab", "a & b <c> \"d\" ]]> &amp;", "✓ 😀 ＝1"],
)  # fmt: skip
def test_text_stays_as_typed(text: str) -> None:
    cell = opened(text)["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_excel_is_kept_from_reading_a_text_as_an_escape() -> None:
    """Excel and LibreOffice read “_x005F_” as “_”; openpyxl does not."""
    assert opened("_x0041_, _x_ and a_b")["A2"].value == "_x005F_x0041_, _x_ and a_b"


def test_a_value_that_no_sheet_can_hold_is_written_as_text_or_refused() -> None:
    found = [row[0] for row in opened(date(1850, 1, 1), float("nan")).iter_rows(min_row=2, values_only=True)]
    assert found == ["1850-01-01", "nan"]
    with pytest.raises(TypeError, match="has a time zone"):
        opened(datetime(2008, 3, 31, tzinfo=UTC))


def test_characters_that_make_a_file_unreadable_are_dropped() -> None:
    assert clean(f"a{UNWRITABLE}b\r\nc\rd\n\te") == "ab\nc\nd\n\te"
    assert opened(f"a{UNWRITABLE}b", UNWRITABLE)["A2"].value == "ab"
    assert read(csv_chunks([f"H{UNWRITABLE}"], [[f"a{UNWRITABLE}b"]])) == [["H"], ["ab"]]


@pytest.mark.parametrize("letter", ["a", "😀"])  # Excel counts an emoji as two
def test_a_text_longer_than_a_cell_holds_is_cut_and_says_so(letter: str) -> None:
    value = opened(letter * 40_000)["A2"].value
    assert value.startswith(letter * 16_000)
    assert value.endswith(f"{letter}… [cut: 40000 characters in all]")
    assert 32_765 <= len(value.encode("utf-16-le")) / 2 <= 32_767
    assert opened("a" * 32_767)["A2"].value == "a" * 32_767


def test_a_row_is_as_high_as_its_text_needs_up_to_a_limit() -> None:
    found = opened("one line", "a\nb\nc", "word " * 20, "a" * 19, "long " * 1_000)
    assert [found.row_dimensions[number].height for number in range(1, 7)] == [18, 18, 48, 93, 33, 400]


def test_several_sheets_have_their_own_set_up() -> None:
    sheets = [
        Sheet("A/B & C", [SheetColumn("A", 10), SheetColumn("B", 30)], [[1, 2]]),
        Sheet("Empty", [SheetColumn("C", 5)], []),
    ]
    book = load_workbook(io.BytesIO(b"".join(workbook(sheets))))
    assert book.sheetnames == ["A B & C", "Empty"]
    first, empty = book
    assert (first.auto_filter.ref, empty.auto_filter.ref) == ("A1:B2", "A1:A1")
    assert [first.column_dimensions[letter].width for letter in "AB"] == [10, 30]
    assert first.oddFooter.left.text == "A/B && C"


def test_the_temporary_file_is_closed_whatever_happens() -> None:
    def open_files() -> int:
        return len(os.listdir("/dev/fd"))

    def failing() -> Iterator[list[int]]:
        yield [1]
        raise LookupError

    columns = [SheetColumn("A", 10)]
    before = open_files()
    whole = workbook([Sheet("Read to its end", columns, [[1]])])
    assert open_files() == before + 1
    assert b"".join(whole)
    dropped = workbook([Sheet("Dropped by the reader", columns, [[1]])])
    next(dropped)
    del dropped
    unread = workbook([Sheet("Never read", columns, [[1]])])
    del unread
    with pytest.raises(LookupError):  # before anything is sent
        workbook([Sheet("Failing", columns, failing())])
    assert open_files() == before


def test_a_csv_opens_in_excel() -> None:
    whole = b"".join(csv_chunks(["Näme", "Day"], [["a\nb", date(2008, 3, 31)], ['"c", d', None]]))
    assert whole == codecs.BOM_UTF8 + 'Näme,Day\r\n"a\nb",2008-03-31\r\n"""c"", d",\r\n'.encode()


def test_a_csv_is_read_and_handed_on_a_few_hundred_rows_at_a_time() -> None:
    taken = 0

    def rows() -> Iterator[list[int]]:
        nonlocal taken
        for taken in range(1, 2 * BATCH + 2):
            yield [taken]

    chunks = csv_chunks(["No"], rows())
    assert (next(chunks), taken) == (codecs.BOM_UTF8 + b"No\r\n", 0)
    assert [(chunk.count(b"\r\n"), taken) for chunk in chunks] == [
        (BATCH, BATCH),
        (BATCH, 2 * BATCH),
        (1, 2 * BATCH + 1),
    ]


def test_the_memory_used_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        rows = ([f"{number} " + "words " * 40] * 5 for number in range(count))
        workbook([Sheet("Sheet", [SheetColumn("Text", 40)] * 5, rows)])
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(BATCH)  # the caches
    assert peak(20 * BATCH) < 1.2 * peak(4 * BATCH)
