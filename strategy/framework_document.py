"""The head of a framework document: its text, its list of vital fews, and where the columns of its table are."""

import re
from dataclasses import dataclass

from strategy.framework_rows import Cell, Fault, FrameworkFaults, Mend, VitalFewRow

LEADING_COLUMNS = ("Theme", "Cluster", "Action", "Action No", "Suggested Lead")
ACTION_HEADINGS = ("action", "action no", "suggested lead")
OUTCOME_HEADING = re.compile(r"outcome measure\s+(\d{4})", re.IGNORECASE)
VITAL_FEW_CODE = re.compile(r"[A-Za-z]{1,6}[1-9][0-9]?")
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Layout:
    """Where the columns are: five leading ones, one for each vital few, the outcome measure."""

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
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FrameworkFaults([Fault(1, 1, "the document is UTF-16; UTF-8 was expected")])
    if source.startswith(b"\xef\xbb\xbf"):
        source = source[3:]
        mends.append(Mend(1, 1, "a byte order mark at the beginning was passed over"))
    lines = []
    for number, line_bytes in enumerate(source.split(b"\n"), start=1):
        try:
            line = line_bytes.decode()
        except UnicodeDecodeError as error:
            column = line_bytes[: error.start].count(b"\t") + 1
            faults.append(
                Fault(
                    number,
                    column,
                    f"byte 0x{line_bytes[error.start]:02x} is not UTF-8; UTF-8 text was expected",
                )
            )
            line = line_bytes.decode(errors="replace")
        line = line.removesuffix("\r")
        for column, cell in enumerate(line.split("\t"), start=1):
            if control := CONTROL_CHARACTER.search(cell):
                name = "a NUL byte" if control[0] == "\0" else f"control character U+{ord(control[0]):04X}"
                faults.append(Fault(number, column, f"{name} in the cell; plain text was expected"))
        lines.append(CONTROL_CHARACTER.sub("", line))
    return lines


def vital_fews_of(lines: list[str], faults: list[Fault]) -> list[VitalFewRow]:
    start = next((n for n, line in enumerate(lines) if line.strip().casefold() == "vital few"), None)
    after = [n for n in range(start + 1, len(lines)) if lines[n].strip()][:2] if start is not None else []
    if len(after) < 2 or not VITAL_FEW_CODE.fullmatch(lines[after[0]].split("\t")[0].strip()):
        line = (start or 0) + 1
        expected = (
            "a line “Vital Few”, then a line of codes (VF1, VF2 …) and a line of their names, was expected"
        )
        faults.append(Fault(line, 1, f"no list of vital fews; {expected}"))
        return []
    codes, names = (lines[n].rstrip().split("\t") for n in after)
    code_line, name_line = (n + 1 for n in after)
    found: list[VitalFewRow] = []
    for position in range(max(len(codes), len(names))):
        code, name = (cells[position].strip() if position < len(cells) else "" for cells in (codes, names))
        column = position + 1
        if not VITAL_FEW_CODE.fullmatch(code):
            faults.append(
                Fault(code_line, column, f"“{code}” is no code of a vital few; one like VF1 was expected")
            )
        elif code.casefold() in {known.code.casefold() for known in found}:
            faults.append(Fault(code_line, column, f"{code} stands here twice; each code once was expected"))
        elif not name:
            faults.append(Fault(name_line, column, f"{code} has no name; one under each code was expected"))
        else:
            cells = (
                Cell(code_line, column, code, codes[position]),
                Cell(name_line, column, code, names[position]),
            )
            found.append(VitalFewRow(code, name, cells))
    return found


def layout_of(lines: list[str], vital_fews: list[VitalFewRow], faults: list[Fault]) -> Layout | None:
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if tuple(cell.casefold() for cell in cells[2:5]) != ACTION_HEADINGS:
            continue
        while cells and not cells[-1]:
            cells.pop()
        outcome = OUTCOME_HEADING.fullmatch(cells[-1])
        if not outcome:
            faults.append(
                Fault(
                    number,
                    len(cells),
                    f"the last heading is “{cells[-1]}”; “Outcome Measure” and a year was expected",
                )
            )
            return None
        columns = len(cells) - len(LEADING_COLUMNS) - 1
        if vital_fews and columns != len(vital_fews):
            faults.append(
                Fault(
                    number,
                    len(cells),
                    f"{columns} relationship columns; one for each of the {len(vital_fews)} vital fews was expected",
                )
            )
        codes = tuple(row.code for row in vital_fews)
        if len(codes) != columns:  # the fault is said; rows are still checked, by the width of the heading
            codes = tuple(f"relationship {n}" for n in range(1, columns + 1))
        return Layout(number, codes, int(outcome[1]))
    expected = (
        "a row “Action”, “Action No”, “Suggested Lead” … “Outcome Measure 2008” from column 3 on was expected"
    )
    faults.append(Fault(1, 1, f"no heading; {expected}"))
    return None
