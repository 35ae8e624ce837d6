"""Row headers for the tables of a tagged PDF.

typst marks the cells of a table's header. It can mark those that head a row as well (`pdf.header-cell`), but only
behind a switch that its Python package does not have. So the first cell of each row becomes its header here: a TH
with the scope Row, which the other cells of the row name. Delete this module when the package has the switch.

It rewrites objects of the structure tree, which typst leaves uncompressed, and the table of their places.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

ELEMENT = rb"\d+ 0 obj\n<</Type/StructElem"
ROW = re.compile(ELEMENT + rb"/S/TR/P \d+ 0 R/K\[([\d R]+)\]")
CELL = re.compile(ELEMENT + rb"/S/TD/")
HEADERS = re.compile(rb"/Headers\[([^\]]*)\]")
ATTRIBUTES = re.compile(rb"/A\[<</O/Table/Headers\[([^\]]*)\]")
IDS = re.compile(rb"\d+ 0 obj\n<</Type/StructTreeRoot.*?/IDTree<</Names\[((?:\([^)]*\)\d+ 0 R)*)\]>>")
ENTRY = re.compile(rb"(\([^)]*\))(\d+) 0 R")
END = re.compile(rb"startxref\n(\d+)\n%%EOF\s*$")


class UnexpectedStructureError(ValueError):
    """The file is not written as typst 0.15 writes it."""


def with_row_headers(pdf: bytes) -> bytes:
    """The same file, in which the first cell of each row without a header is the row's.

    Raises UnexpectedStructureError.
    """
    objects, trailer = _parts(pdf)
    ids: dict[bytes, int] = {}
    for first, others in _rows(objects):
        name = b"(R%d)" % first
        ids[name] = first
        objects[first] = _as_header(objects[first], name)
        for number in others:
            objects[number] = HEADERS.sub(rb"/Headers[\g<1>" + name + b"]", objects[number], count=1)
    return _written(_with_ids(objects, ids) if ids else objects, pdf, trailer)


def _parts(pdf: bytes) -> tuple[dict[int, bytes], bytes]:
    """Every object by its number, as it is written, and what follows the table of places."""
    end = END.search(pdf)
    if end is None:
        raise UnexpectedStructureError("no end")
    table = int(end[1])
    head, _, rest = pdf[table:].partition(b"\n0000000000 65535 f")
    lines, _, trailer = rest.partition(b"trailer")
    if not head.startswith(b"xref") or not trailer:
        raise UnexpectedStructureError("no table of places")
    places = [int(line.split()[0]) for line in lines.strip().splitlines()]
    bounds = [*sorted(places), table]
    ends = dict(pairwise(bounds))
    objects = {number: pdf[place : ends[place]] for number, place in enumerate(places, start=1)}
    return objects, trailer[: trailer.rindex(b"startxref")]


def _rows(objects: dict[int, bytes]) -> Iterator[tuple[int, list[int]]]:
    """For each row that has no header of its own, the number of its first cell and those of the others."""
    for written in objects.values():
        if row := ROW.match(written):
            cells = [int(number) for number in row[1].split()[::3]]
            if all(CELL.match(objects[number]) for number in cells):
                yield cells[0], cells[1:]


def _as_header(cell: bytes, name: bytes) -> bytes:
    attributes = ATTRIBUTES.search(cell)
    if attributes is None:
        raise UnexpectedStructureError("a cell without a header of its column")
    scoped = b"/ID" + name + b"/A[<</O/Table/Scope/Row/Headers[" + attributes[1] + b"]"
    return cell.replace(attributes[0], scoped, 1).replace(b"/S/TD/", b"/S/TH/", 1)


def _with_ids(objects: dict[int, bytes], ids: dict[bytes, int]) -> dict[int, bytes]:
    """The tree that leads from the name of a header to its cell, in the order of names."""
    for number, written in objects.items():
        if tree := IDS.match(written):
            known = {entry[1]: int(entry[2]) for entry in ENTRY.finditer(tree[1])} | ids
            names = b"".join(b"%s%d 0 R" % (name, known[name]) for name in sorted(known))
            return objects | {number: written[: tree.start(1)] + names + written[tree.end(1) :]}
    raise UnexpectedStructureError("no tree of names")


def _written(objects: dict[int, bytes], pdf: bytes, trailer: bytes) -> bytes:
    """The file with its objects in the order in which they stood, and where each begins."""
    head = pdf[: pdf.index(b"1 0 obj")]
    found, places = bytearray(head), {}
    for number in sorted(objects):
        places[number] = len(found)
        found += objects[number]
    table = len(found)
    found += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(objects) + 1)
    found += b"".join(b"%010d 00000 n\r\n" % places[number] for number in sorted(objects))
    found += b"trailer" + trailer + b"startxref\n%d\n%%%%EOF" % table
    return bytes(found)
