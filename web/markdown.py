"""Turns the Markdown of the user guide into HTML: headings, paragraphs, lists, tables, pictures and inline marks.

Everything else is shown as typed. Text is escaped, so the result is safe to print.
"""

import re
from collections.abc import Callable, Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString

HEADING = re.compile(r"(#+) (.*)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
ITEM = re.compile(r"(?:[-*]|\d+\.) (.*)")
RULE = re.compile(r"\|[\s|:-]+\|")
CODE = re.compile(r"(`[^`]+`)")
INLINE = (
    (re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
)


def to_html(text: str, picture_address: Callable[[str], str]) -> SafeString:
    """The HTML of `text`. `picture_address` gives the address of a picture from the path in the text."""
    html, section = [], ""
    for lines in _blocks(text):
        if heading := HEADING.match(lines[0]):
            section = heading[2]
        html.append(_table(lines, section) if lines[0].startswith("|") else _block(lines, picture_address))
    return SafeString("\n".join(html))


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).strip().replace(" ", "-")


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank ones. A heading is a block of its own."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if not line.strip() or HEADING.match(line):
            if lines:
                yield lines
            lines = []
        if HEADING.match(line):
            yield [line]
        elif line.strip():
            lines.append(line)


def _block(lines: list[str], picture_address: Callable[[str], str]) -> str:
    first = lines[0]
    if heading := HEADING.match(first):
        level = len(heading[1])
        return f'<h{level} id="{escape(anchor(heading[2]))}">{_inline(heading[2])}</h{level}>'
    if picture := PICTURE.fullmatch(first):
        return f'<p><img src="{escape(picture_address(picture[2]))}" alt="{escape(picture[1])}" loading="lazy"></p>'
    if ITEM.match(first):
        return _list(lines)
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        if item := ITEM.match(line):
            items.append(item[1])
        else:  # the item goes on
            items[-1] += f" {line.strip()}"
    tag = "ol" if lines[0][0].isdigit() else "ul"
    return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"


def _table(lines: list[str], section: str) -> str:
    """A table named after its section. On a phone each row becomes a card, whose cells carry their headings."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if not RULE.fullmatch(line)
    ]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join(f"<tr>{_cells(rows[0], row)}</tr>" for row in rows[1:])
    caption = f'<caption class="govuk-visually-hidden">{_inline(section)}</caption>'
    return f'<table class="govuk-table cards">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cells(headings: list[str], row: list[str]) -> str:
    first, *rest = row
    cells = [
        f'<td data-label="{escape(heading)}">{_inline(cell)}</td>'
        for heading, cell in zip(headings[1:], rest, strict=False)
    ]
    return f'<th scope="row">{_inline(first)}</th>{"".join(cells)}'


def _inline(text: str) -> str:
    parts = CODE.split(str(escape(text)))  # every second part is code, in which marks are text
    return "".join(
        f"<code>{part[1:-1]}</code>" if place % 2 else _marks(part) for place, part in enumerate(parts)
    )


def _marks(html: str) -> str:
    for pattern, replacement in INLINE:
        html = pattern.sub(replacement, html)
    return html
