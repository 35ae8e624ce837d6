"""The xlsx and CSV writers: what comes out is opened again and compared. tests/actions has whole exports."""

import codecs
import csv
import io
import os
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from web.spreadsheets import (
    BATCH,
    Block,
    Chart,
    Document,
    Layout,
    Line,
    Look,
    Series,
    Sheet,
    SheetColumn,
    clean,
    csv_chunks,
    csv_of,
    workbook,
)

pytestmark = pytest.mark.once

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
    found = opened("one line", "a\nb\nc", "word " * 20, "a" * 19, "A" * 38, "long " * 1_000)
    heights = [found.row_dimensions[number].height for number in range(1, 8)]
    assert heights == [17, 17, 43, 82, 17, 43, 400]  # 13 points a line; capitals are wider


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


# Tables, looks and charts


RED = Look("A61B1B", "FFFFFF", bold=True, symbol="✕")
COUNTS = [
    SheetColumn("Name", 20, {"Bad": RED}),
    SheetColumn("Number", 9, right=True, number_format="+0;−0;0"),
]


def book_of(*sheets: Any, document: Document | None = None) -> tuple[Any, zipfile.ZipFile]:
    content = b"".join(workbook(sheets, document))
    return load_workbook(io.BytesIO(content)), zipfile.ZipFile(io.BytesIO(content))


def layout(*charts: Chart, rows: Any = (("Good", 3), ("Bad", -1))) -> Layout:
    parts = [Line("Words"), Block("Counts", COUNTS, rows, empty="None"), Line("More words")]
    return Layout("Page", (20, 9), parts, charts)


def test_a_table_covers_its_rows_and_has_a_name() -> None:
    book, _ = book_of(Sheet("It's", COUNTS, [("Good", 3), ("Bad", -1)], table="Counts"))
    page = book["It's"]
    [table] = page.tables.values()
    assert (table.displayName, table.ref, table.autoFilter.ref) == ("Counts", "A1:B3", "A1:B3")
    assert table.column_names == ["Name", "Number"]
    assert book.defined_names["Counts_range"].attr_text == "'It''s'!$A$1:$B$3"
    assert page.auto_filter.ref is None  # two filters over one range, and Excel repairs the file
    assert page.merged_cells.ranges == set()


def test_headings_of_a_table_are_those_of_its_cells_each_once_and_none_empty() -> None:
    headings = ["A", "a", "", "Two\nlines", "_x0041_"]
    columns = [SheetColumn(heading, 9) for heading in headings]
    book, archive = book_of(Sheet("S", columns, [[1, 2, 3, 4, 5]], table="T"))
    found = ElementTree.fromstring(archive.read("xl/tables/table1.xml").decode()).iterfind(
        ".//{*}tableColumn"
    )
    expected = ["A", "a (2)", "Column 3", "Two lines", "_x005F_x0041_"]
    assert [one.get("name") for one in found] == [cell.value for cell in book["S"][1]] == expected


def test_a_table_without_rows_has_one_that_says_so() -> None:
    book, _ = book_of(Sheet("S", COUNTS, [], table="T", empty="None"))
    assert [cell.value for cell in book["S"][2]] == ["None", None]
    assert book["S"].tables["T"].ref == "A1:B2"


def test_a_text_has_its_look_and_a_number_its_format() -> None:
    book, _ = book_of(Sheet("S", COUNTS, [("Bad", -1), ("Bad ", 2)], table="T"))
    bad, other = book["S"]["A2"], book["S"]["A3"]
    assert (bad.value, bad.fill.fgColor.rgb, bad.font.color.rgb) == ("Bad", "00A61B1B", "00FFFFFF")
    assert (bad.font.bold, bad.number_format) == (True, '"✕ "@')
    assert (other.fill.fill_type, other.font.bold, other.number_format) == (None, False, "General")
    number = book["S"]["B2"]
    assert (number.value, number.number_format, number.alignment.horizontal) == (-1, "+0;−0;0", "right")


def test_columns_that_are_not_printed_are_folded_away() -> None:
    columns = [SheetColumn(name, 9, printed=name in "ad") for name in "abcde"]
    book, archive = book_of(Sheet("S", columns, [[1, 2, 3, 4, 5]]))
    found = {name: book["S"].column_dimensions[name.upper()] for name in "ad"}
    assert not any(one.hidden for one in found.values())
    text = archive.read("xl/worksheets/sheet1.xml").decode()
    columns_xml = re.findall(r"<col [^>]*>", text)
    assert ["hidden" in one for one in columns_xml] == [False, True, True, False, True]
    assert ["outlineLevel" in one for one in columns_xml] == [False, True, True, False, True]
    assert ["collapsed" in one for one in columns_xml] == [False, False, False, True, False]


def test_lines_and_blocks_are_below_each_other_on_one_page() -> None:
    book, _ = book_of(layout())
    page = book["Page"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["Words", None],
        ["Name", "Number"],
        ["Good", 3],
        ["Bad", -1],
        ["More words", None],
    ]
    assert page.tables["Counts"].ref == "A2:B4"
    assert page.tables["Counts"].autoFilter is None
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 1)
    assert not page["A1"].alignment.wrap_text


def test_a_chart_draws_its_table_and_says_it_in_words() -> None:
    alt = 'Bars "so" <called> & more'
    chart = Chart("Title", alt, "Counts", [Series(1, "A61B1B", "000000", "wdUpDiag")], "D1", 10, 5)
    _, archive = book_of(layout(chart))
    drawing = archive.read("xl/drawings/drawing1.xml").decode()
    frame = ElementTree.fromstring(drawing).find(".//{*}cNvPr")
    assert frame is not None
    assert (frame.get("descr"), frame.get("title")) == (alt, "Title")
    made = ElementTree.fromstring(archive.read("xl/charts/chart1.xml").decode())
    assert [one.text for one in made.iterfind(".//{*}ser//{*}f")] == [
        "'Page'!B2",
        "'Page'!$A$3:$A$4",
        "'Page'!$B$3:$B$4",
    ]
    [grouping, direction] = [made.find(f".//{{*}}{name}") for name in ("grouping", "barDir")]
    assert grouping is not None
    assert direction is not None
    assert (grouping.get("val"), direction.get("val")) == ("stacked", "bar")
    assert 'formatCode="0;;;" sourceLinked="0"' in archive.read("xl/charts/chart1.xml").decode()


def test_the_document_says_what_it_is_and_the_same_rows_give_the_same_bytes() -> None:
    made = datetime(2008, 3, 31, 23, 30, 1, 5, tzinfo=UTC)
    document = Document("Title\x00", "Subject", "Author", made)
    chart = Chart("Title", "Words", "Counts", [Series(1, "A61B1B", "000000")], "D1", 10, 5)
    first, second = (b"".join(workbook([layout(chart)], document)) for _ in range(2))
    assert first == second
    about = load_workbook(io.BytesIO(first)).properties
    assert (about.title, about.subject, about.creator) == ("Title", "Subject", "Author")
    assert about.created == about.modified == datetime(2008, 3, 31, 23, 30, 1)  # noqa: DTZ001  openpyxl's
    dates = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_a_cell_opens_its_address() -> None:
    book, _ = book_of(Sheet("S", COUNTS, [("there", 1)], links={"A2": "https://example.org/?a=1&b=2"}))
    assert book["S"]["A2"].hyperlink.target == "https://example.org/?a=1&b=2"


def test_a_sheet_as_csv_has_the_same_cells() -> None:
    assert read(csv_of(Sheet("S", COUNTS, [("Bad", -1)]))) == [["Name", "Number"], ["Bad", "-1"]]


# CSV


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


@pytest.mark.untraced
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
