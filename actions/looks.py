"""How a status looks in a workbook and its charts: the colours of static/portal.css, with its word and symbol."""

from actions.models import Status
from web.spreadsheets import Look, Series

WHITE, INK = "FFFFFF", "1C1A1E"
LOOKS = {
    status.label: Look(fill, ink, bold=status.needs_the_board, symbol=status.symbol, dashed=dashed)
    for status, fill, ink, dashed in (
        (Status.OFF_TRACK, "A61B1B", WHITE, False),
        (Status.AT_RISK, "FFDF9E", "4D3000", False),
        (Status.NOT_REPORTED, INK, WHITE, False),
        (Status.NOT_STARTED, "E6E6E9", "36343A", False),
        (Status.ON_TRACK, "D5EEDB", "0D4A25", False),
        (Status.COMPLETE, "D8E6F8", "123A6B", False),
        (Status.CLOSED, "F1F0F3", "3C3A40", False),
    )
}
# Fill and line of a bar, and a pattern where two fills print as the same grey.
BARS = {
    Status.OFF_TRACK: ("A61B1B", "5E0F0F", ""),
    Status.AT_RISK: ("F5BD4F", "8A5A00", "wdUpDiag"),
    Status.NOT_REPORTED: (WHITE, INK, ""),
    Status.NOT_STARTED: ("C9C8CD", "6B6870", ""),
    Status.ON_TRACK: ("7CC492", "1F7A42", ""),
    Status.COMPLETE: ("7FB0EA", "1F5CA8", "ltHorz"),
    Status.CLOSED: ("4C4A50", WHITE, "wdDnDiag"),
}


def bar_of(status: Status, column: int) -> Series:
    """The series of a chart whose numbers are in `column` of its table."""
    return Series(column, *BARS[status])
