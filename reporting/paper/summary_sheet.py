"""The first sheet of the progress workbook: one A4 page with headline, counts, decisions and two charts."""

from collections.abc import Iterator, Sequence
from typing import Any

from actions.counts import StatusCounts
from actions.looks import LOOKS, bar_of
from actions.models.status import WORST_FIRST
from reporting.paper.figures import BoardPaper, TrendPoint
from reporting.paper.words import NOT_PUBLISHED, moment, short_day
from web.spreadsheets import Block, Chart, Layout, Line, Look, SheetColumn

TITLE = "Summary"
REQUESTS_AT_MOST = 8  # decisions asked for that fit on the page; the sheet of exceptions has all
WIDTHS = (58, *[11] * 8, 2)
TITLE_LOOK = Look(bold=True, size=18, ruled=False)
HEADLINE_LOOK = Look(bold=True, size=13, ruled=False)
HEADING_LOOK = Look(bold=True, size=12, ruled=False)
QUIET_LOOK = Look(ink="54505A", ruled=False)
GAP = Line("", Look(size=8, ruled=False))
FIRST_NUMBER = 2  # column of the first status in the tables of vital fews and of meetings
DAY = "%-d %B %Y"
CHART_AT, CHART_WIDTH, CHART_HEIGHT = "K", 19, 10.5  # column; centimetres


def summary_layout(paper: BoardPaper) -> Layout:
    parts: list[Line | Block] = [
        *_headline(paper),
        GAP,
        counts_block(paper),
        GAP,
        Line("Decisions asked of the board", HEADING_LOOK),
        requests_block(paper),
        *_more_requests(paper),
        GAP,
        Line("Status of each vital few", HEADING_LOOK),
        vital_fews_block(paper),
        GAP,
        Line("Status at recent meetings", HEADING_LOOK),
        trend_block(paper),
        Line(
            "An action shows the worst status of its outcome measures, and counts under each vital few that it is "
            "related to.",
            QUIET_LOOK,
        ),
    ]
    return Layout(TITLE, WIDTHS, parts, [_vital_fews_chart(paper), _trend_chart(paper)])


def _headline(paper: BoardPaper) -> Iterator[Line]:
    yield Line(f"Strategy action framework: progress as at {paper.plan.today:{DAY}}", TITLE_LOOK)
    *parts, last = paper.headline.split("; ")
    yield from (Line(f"{part};", HEADLINE_LOOK) for part in parts)
    yield Line(last, HEADLINE_LOOK)
    yield Line(f"{occasion_of(paper)} {paper.compared_with}", QUIET_LOOK)
    if paper.occasion.note:
        yield Line("The covering note is in the sheet “Notes”.", QUIET_LOOK)
    if paper.plan.has_demonstration_progress:
        yield Line("Demonstration: the progress in this file is invented.", HEADING_LOOK)


def occasion_of(paper: BoardPaper) -> str:
    """Which meeting the paper is for, and whether it is published."""
    occasion = paper.occasion
    parts = []
    if occasion.meeting:
        parts.append(f"For the {occasion.meeting.name}, {occasion.meeting.held_on:{DAY}}.")
    if occasion.closing and occasion.period:
        parts.append(f"{occasion.period.name} was closed on {moment(paper.plan.moment)}.")
    else:
        period = occasion.period if paper.is_draft else None
        parts.append(f"Draft: {period.name} is still open." if period else NOT_PUBLISHED)
    return " ".join(parts)


def counts_block(paper: BoardPaper) -> Block:
    """How many actions have each status, in this paper and then."""
    then = short_day(paper.since.known_on) if paper.since else "Last meeting"
    columns = [
        SheetColumn("Status", WIDTHS[0], LOOKS),
        SheetColumn("This paper", 11, right=True),
        SheetColumn(then, 11, right=True),
        SheetColumn("Change", 11, number_format="+0;−0;0", right=True),
    ]
    rows = [(line.label, line.now_shown, line.then_shown, line.change) for line in paper.count_lines]
    return Block("Status_counts", columns, rows)


def requests_block(paper: BoardPaper) -> Block:
    columns = [
        SheetColumn("Decision asked for", WIDTHS[0]),
        SheetColumn("Action No", 11),
        SheetColumn("Asked on", 11),
        SheetColumn("Lead", 11, wraps=False),
    ]
    rows = [
        (one.words, one.measure.action.number, one.asked_on, one.measure.action.leads_in_words)
        for one in paper.requests[:REQUESTS_AT_MOST]
    ]
    return Block("Decisions", columns, rows, empty="No decision is asked of the board.")


def _more_requests(paper: BoardPaper) -> Iterator[Line]:
    more = paper.request_count - min(len(paper.requests), REQUESTS_AT_MOST)
    if more > 0:
        yield Line(f"{more} more: see the sheet “Exceptions”, Off track.", QUIET_LOOK)


def vital_fews_block(paper: BoardPaper) -> Block:
    rows = [
        (f"{one.vital_few.code} {one.vital_few.name}", *_numbers(one.together)) for one in paper.vital_fews
    ]
    return Block("By_vital_few", _columns("Vital few"), rows, empty="None")


def trend_block(paper: BoardPaper) -> Block:
    rows = [(_name_of(point, paper), *_numbers(point.counts)) for point in paper.trend]
    return Block("Trend", _columns("Figures as at"), rows)


def _name_of(point: TrendPoint, paper: BoardPaper) -> str:
    """The day of its figures; with the meeting where two have figures of one day."""
    if point.meeting is None:
        return f"{short_day(paper.plan.today)} (this paper)"
    day = point.meeting.known_on
    alike = sum(other.meeting is not None and other.meeting.known_on == day for other in paper.trend) > 1
    return short_day(day) + (f" (meeting of {short_day(point.meeting.held_on)})" if alike else "")


def _columns(first: str) -> list[SheetColumn]:
    headings = ("Actions", *(status.label for status in WORST_FIRST))
    return [
        SheetColumn(first, WIDTHS[0]),
        *(SheetColumn(heading, 11, right=True) for heading in headings),
    ]


def _numbers(counts: StatusCounts) -> list[int]:
    return [counts.total, *(share.count for share in counts.shares)]


def _vital_fews_chart(paper: BoardPaper) -> Chart:
    rows = [(f"{one.vital_few.code} {one.vital_few.name}", one.together) for one in paper.vital_fews]
    return _chart("Status of each vital few", "By_vital_few", rows, 2)


def _trend_chart(paper: BoardPaper) -> Chart:
    rows = [(_name_of(point, paper), point.counts) for point in paper.trend]
    return _chart("Status at recent meetings", "Trend", rows, 24, lying=False)


def _chart(
    title: str, table: str, rows: Sequence[tuple[str, StatusCounts]], row: int, *, lying: bool = True
) -> Chart:
    said = " ".join(f"{name}: {in_words(counts)}." for name, counts in rows)
    alt = f"Stacked bars. {title}. {said}"
    series = [bar_of(status, FIRST_NUMBER + status.rank) for status in WORST_FIRST]
    at = f"{CHART_AT}{row}"
    return Chart(title, alt, table, series, at, CHART_WIDTH, CHART_HEIGHT, lying=lying)


def in_words(counts: StatusCounts) -> str:
    """“4 Off track, 20 On track”; “no actions” for none."""
    return ", ".join(f"{share.count} {share.status.label}" for share in counts.present) or "no actions"


def summary_records(paper: BoardPaper) -> Iterator[Sequence[Any]]:
    """The page as records of one shape: part, line, figure and value. A CSV has one table."""
    yield ("Headline", "", "", paper.headline)
    yield ("Board meeting", "", "", occasion_of(paper))
    yield ("Compared with", "", "", paper.compared_with)
    blocks = (
        ("Counts", counts_block(paper)),
        ("Decisions", requests_block(paper)),
        ("By vital few", vital_fews_block(paper)),
        ("Trend", trend_block(paper)),
    )
    for part, block in blocks:
        for name, *values in block.rows:
            for column, value in zip(block.columns[1:], values, strict=True):
                yield (part, name, column.heading, value)
