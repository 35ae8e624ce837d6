"""The head of a framework document: its text, its list of vital fews, and the columns of its table."""

import re
from dataclasses import dataclass

from strategy.framework_rows import Fault, FrameworkFaults, Mend, ParsedCell, ParsedVitalFew

LEADING_COLUMNS = ("Theme", "Cluster", "Action", "Action No", "Suggested Lead")
ACTION_HEADINGS = ("action", "action no", "suggested lead")
OUTCOME_HEADING = re.compile(r"outcome measure\s+(\d{4})", re.IGNORECASE)
VITAL_FEW_CODE = re.compile(r"[A-Za-z]{1,6}[1-9][0-9]?")
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Layout:
    """The columns: five leading ones, one for each vital few, the outcome measure."""

    heading_line: int
    codes: tuple[str, ...]
    year: int

    @property
    def width(self) -> int:
        return len(LEADING_COLUMNS) + len(self.codes) + 1

    @property
    def headings(self) -> tuple[str, ...]:
        return (*LEADING_COLUMNS, *self.codes, f"Outcome Measure {self.year}")


def decoded(source: bytes, faults: list[Fault], mends: list[Mend]) -> list[str]:
    """The lines of the document as text, without control characters. Adds what it finds to `faults` and `mends`."""
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FrameworkFaults([Fault(1, 1, "the document is UTF-16; UTF-8 was expected")])
    if source.startswith(b"\xef\xbb\xbf"):
        source = source[3:]
        mends.append(Mend(1, 1, "ignored a byte order mark at the beginning"))
    return [_decoded_line(number, line, faults) for number, line in enumerate(source.split(b"\n"), start=1)]


def _decoded_line(number: int, source: bytes, faults: list[Fault]) -> str:
    try:
        line = source.decode()
    except UnicodeDecodeError as error:
        column = source[: error.start].count(b"\t") + 1
        found = f"byte 0x{source[error.start]:02x} is not UTF-8"
        faults.append(Fault(number, column, f"{found}; UTF-8 text was expected"))
        line = source.decode(errors="replace")
    line = line.removesuffix("\r")
    if not CONTROL_CHARACTER.search(line):
        return line
    for column, cell in enumerate(line.split("\t"), start=1):
        if control := CONTROL_CHARACTER.search(cell):
            name = "a NUL byte" if control[0] == "\0" else f"control character U+{ord(control[0]):04X}"
            faults.append(Fault(number, column, f"{name} in the cell; plain text was expected"))
    return CONTROL_CHARACTER.sub("", line)


def vital_fews_of(lines: list[str], faults: list[Fault]) -> list[ParsedVitalFew]:
    """The vital fews listed above the table: a line “Vital Few”, a line of codes, a line of names."""
    start = next((n for n, line in enumerate(lines) if line.strip().casefold() == "vital few"), None)
    after = _next_two(lines, start + 1) if start is not None else []
    if len(after) < 2 or not VITAL_FEW_CODE.fullmatch(lines[after[0]].split("\t")[0].strip()):
        line = (start or 0) + 1
        expected = (
            "a line “Vital Few”, then a line of codes (VF1, VF2 …) and a line of their names, was expected"
        )
        faults.append(Fault(line, 1, f"no list of vital fews; {expected}"))
        return []
    codes, names = (lines[n].rstrip().split("\t") for n in after)
    code_line, name_line = (n + 1 for n in after)
    found: dict[str, ParsedVitalFew] = {}
    for position in range(max(len(codes), len(names))):
        raw_code, raw_name = (cells[position] if position < len(cells) else "" for cells in (codes, names))
        code, name, column = raw_code.strip(), raw_name.strip(), position + 1
        if not VITAL_FEW_CODE.fullmatch(code):
            message = f"“{code}” is not the code of a vital few; one like VF1 was expected"
            faults.append(Fault(code_line, column, message))
        elif code.casefold() in found:
            faults.append(Fault(code_line, column, f"{code} appears twice; each code was expected only once"))
        elif not name:
            faults.append(Fault(name_line, column, f"{code} has no name; one under each code was expected"))
        else:
            cells = (
                ParsedCell(code_line, column, code, raw_code),
                ParsedCell(name_line, column, code, raw_name),
            )
            found[code.casefold()] = ParsedVitalFew(code, name, cells)
    return list(found.values())


def _next_two(lines: list[str], start: int) -> list[int]:
    """The indexes of the first two lines from `start` on that are not blank."""
    found: list[int] = []
    for number in range(start, len(lines)):
        if lines[number].strip():
            found.append(number)
        if len(found) == 2:
            break
    return found


def layout_of(lines: list[str], vital_fews: list[ParsedVitalFew], faults: list[Fault]) -> Layout | None:
    """The layout that the heading row gives; None, with a fault, if there is no complete heading row."""
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if tuple(cell.casefold() for cell in cells[2:5]) == ACTION_HEADINGS:
            return _layout(number, cells, vital_fews, faults)
    expected = (
        "a row “Action”, “Action No”, “Suggested Lead” … “Outcome Measure 2008” from column 3 on was expected"
    )
    faults.append(Fault(1, 1, f"no heading; {expected}"))
    return None


def _layout(
    number: int, cells: list[str], vital_fews: list[ParsedVitalFew], faults: list[Fault]
) -> Layout | None:
    while not cells[-1]:
        cells.pop()
    outcome = OUTCOME_HEADING.fullmatch(cells[-1])
    if not outcome:
        found = f"the last heading is “{cells[-1]}”"
        faults.append(Fault(number, len(cells), f"{found}; “Outcome Measure” and a year was expected"))
        return None
    columns = len(cells) - len(LEADING_COLUMNS) - 1
    if vital_fews and columns != len(vital_fews):
        expected = f"one for each of the {len(vital_fews)} vital fews was expected"
        faults.append(Fault(number, len(cells), f"{columns} relationship columns; {expected}"))
    codes = tuple(row.code for row in vital_fews)
    if len(codes) != columns:  # a fault already; rows are still checked, by the width of the heading
        codes = tuple(f"relationship {n}" for n in range(1, columns + 1))
    return Layout(number, codes, int(outcome[1]))
