"""The typesetter: a template and its data to an accessible PDF, and nothing that a person typed can stop it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.pdfs import Pdf
from web import glyphs, typeset
from web.glyphs import printable
from web.row_headers import UnexpectedStructureError, with_row_headers
from web.typeset import Attachment, TypesettingError

pytestmark = pytest.mark.once

MOMENT = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
HEAD = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "Trial")
#set text(lang: "en", font: ("Public Sans", "DejaVu Sans"), fallback: false)
#for file in data.attached { pdf.attach(file.name, mime-type: file.mime_type, relationship: file.relationship,
  description: file.description) }
"""
Make = Callable[..., bytes]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Typesets a template that begins with HEAD."""
    monkeypatch.setattr(typeset, "TEMPLATES", tmp_path)

    def made(body: str, attached: Any = (), **data: Any) -> bytes:
        (tmp_path / "trial.typ").write_text(HEAD + body)
        return typeset.typeset("trial.typ", data, moment=MOMENT, attached=attached)

    return made


def test_the_same_data_give_the_same_bytes_dated_by_the_moment(make: Make) -> None:
    body = "= Head\n#data.text\n#table(columns: 2, table.header[A][B], [1], [2])"
    file = [Attachment("a.csv", b"a;b\n\xff\xfe", "text/csv", "A file")]
    first, second = make(body, file, text="So"), make(body, file, text="So")
    assert first == second
    assert first != make(body, file, text="Else")
    made = Pdf(first)
    assert made.reader.metadata is not None
    assert made.reader.metadata.creation_date == MOMENT
    assert made.files == {"a.csv": b"a;b\n\xff\xfe"}


def test_it_says_that_it_is_for_the_archive_and_for_screen_readers(make: Make) -> None:
    made = Pdf(make("Text"))
    assert (made.says("pdfaid:part"), made.says("pdfaid:conformance"), made.says("pdfuaid:part")) == (
        "3",
        "A",
        "1",
    )
    assert made.root["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(
    "text",
    [
        "#import \"x.typ\": *",
        "#read(\"/etc/passwd\")",
        "$ x^2 $ and 5$",
        "*bold* _not_ `raw` <label> @ref",
        "back\\slash \\u{41} \\",
        "</script><b>&amp;",
        "= Heading",
        "[ ] { } ( ) // comment /* and */",
        "\" quotes ' and – dashes -- ---",
    ],
)  # fmt: skip
@pytest.mark.untraced
def test_what_a_person_typed_is_text_and_never_markup(make: Make, text: str) -> None:
    assert text in Pdf(make("#par(data.text)", text=text)).text


@pytest.mark.parametrize(
    ("text", "printed", "replaced"),
    [
        ("Plain words, £5, “quoted” – and so on…", "Plain words, £5, “quoted” – and so on…", 0),
        ("ગુજરાતી", "□□□□", 4),
        ("नमस्ते", "□□□□", 4),
        ("Łódź, Ελλάδα, Київ", "Łódź, Ελλάδα, Київ", 0),
        ("سلام", "سلام", 0),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b\N{RIGHT-TO-LEFT MARK}c\N{ZERO WIDTH JOINER}d", "abcd", 0),
        ("a\x00\x07b\ufffe\uffffc\ud800d\udfffe", "abcde", 0),
        ("e\N{COMBINING ACUTE ACCENT}", "é", 0),
        ("two\r\nlines\N{LINE SEPARATOR}three\ttabs", "two\nlines\nthree tabs", 0),
        ("👩‍👩‍👧", "□□□", 3),
        ("□", "□", 0),
        ("\U000e0041\U0010fffd", "□", 1),
        ("", "", 0),
    ],
)
def test_what_no_typeface_has_is_replaced_and_what_nobody_sees_is_dropped(
    text: str, printed: str, replaced: int
) -> None:
    assert printable(text) == (printed, replaced)


def test_every_character_that_is_called_printable_can_be_printed(make: Make) -> None:
    """Each alone, and each mark after a letter of its own typeface; an archive file refuses what has no glyph."""
    alone = sorted(glyphs._always_printable())
    marks = [
        f"{letter}{mark}"
        for mark in sorted(set().union(*glyphs._glyphs()))
        for letter in "aя"
        if glyphs.unicodedata.category(mark).startswith("M")
    ]
    texts = [printable(" ".join(alone))[0], printable(" ".join(marks))[0]]
    made = make("#for text in data.texts { par(text); strong(text); emph(text) }", texts=texts)
    assert len(Pdf(made).reader.pages) >= 5  # their text is not read, which would take pypdf ten seconds


def test_a_character_without_a_glyph_would_stop_the_file(make: Make) -> None:
    """So that the tests above prove something."""
    with pytest.raises(TypesettingError, match="could not be displayed"):
        make('#par("\\u{0a97}")')


def test_stand_ins_are_counted_wherever_they_are(make: Make) -> None:
    made = Pdf(make("#data.stand_ins: #data.list.at(1).deep", text="ગ", list=["x", {"deep": "ગગ"}]))
    assert made.text == "3: □□"


def test_an_error_in_a_template_names_its_line(make: Make) -> None:
    with pytest.raises(TypesettingError, match=r"trial\.typ:7"):
        make("#data.nothing")


def test_a_template_reads_nothing_outside_its_folder(make: Make) -> None:
    with pytest.raises(TypesettingError):
        make('#read("../../../../../../etc/hostname")')


def test_a_template_that_never_ends_is_ended(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "SECONDS_AT_MOST", 0.001)
    with pytest.raises(TypesettingError, match="longer than"):
        make("Text")


def test_the_first_cell_of_a_row_heads_it(make: Make) -> None:
    made = Pdf(
        make(
            """#table(columns: 3, table.header[A][B][C], [r], [1], [2],
            table.header(level: 2, table.cell(colspan: 3)[G]), [s], [3], [4])"""
        )
    )
    rows = [[(cell.kind, cell.attribute("/Scope")) for cell in row.children] for row in made.all("TR")]
    column, row_head, data = ("/TH", "/Column"), ("/TH", "/Row"), ("/TD", None)
    assert rows == [[column] * 3, [row_head, data, data], [column], [row_head, data, data]]
    row = made.all("TR")[1]
    names = [[str(name) for name in cell.attribute("/Headers")] for cell in row.children]
    name = str(row.children[0].element["/ID"])
    assert [each[-1] for each in names[1:]] == [name, name]
    assert len(names[1]) == 2  # its column's, and its row's
    tree = made.root["/StructTreeRoot"]["/IDTree"]["/Names"]
    assert list(tree[::2]) == sorted(tree[::2])
    assert tree[tree.index(name) + 1].get_object() == row.children[0].element


def test_a_file_without_tables_stays_as_it_is(make: Make) -> None:
    made = make("Text")
    assert with_row_headers(made) == made


@pytest.mark.parametrize("other", [b"", b"%PDF-1.7 and no end", b"%PDF-1.7\nxref\nstartxref\n9\n%%EOF"])
def test_a_file_of_another_make_is_refused(other: bytes) -> None:
    with pytest.raises(UnexpectedStructureError):
        with_row_headers(other)
