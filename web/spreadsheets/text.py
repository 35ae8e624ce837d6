"""Text as a cell can hold it, and how many lines it takes."""

import math
import re
from functools import lru_cache

from web.characters import holdable

# How wide a letter is on average, in the characters of a column's width, with what is lost where a line breaks.
LETTER, CAPITAL = 0.97, 1.2
LONGEST_CELL = 32_767  # UTF-16 units: an emoji counts as two
LINE_END = re.compile("\r\n?|\n")
# Excel reads “_x0041_” in a text as “A”, unless the underscore before it is written that way too.
READ_AS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def clean(text: str) -> str:
    """Without the characters that a sheet cannot hold; line ends as one newline."""
    if "\r" in text:
        text = LINE_END.sub("\n", text)
    return holdable(text)


def cell_text(value: str) -> str:
    """The rest of a cell's XML for a text, after its place and style."""
    text = _cut(clean(value))
    if not text:
        return "/>"
    text = escaped(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


short_cell_text = lru_cache(maxsize=4096)(cell_text)


def escaped(text: str) -> str:
    return READ_AS_ESCAPE.sub("_x005F_", text) if "_x" in text else text


def _cut(text: str) -> str:
    """The text, cut with a remark at its end where a cell cannot hold it."""
    if len(text) * 2 <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= LONGEST_CELL * 2:
        return text
    remark = f"… [cut: {len(text)} characters in all]"
    return units[: (LONGEST_CELL - len(remark)) * 2].decode("utf-16-le", "ignore") + remark


def lines_of(text: str, width: int) -> int:
    """How many lines the text takes in a column `width` characters wide; rather one too many than one too few."""
    letter = CAPITAL if text.isupper() else LETTER
    return sum(max(1, math.ceil(len(line) * letter / max(width - 1, 1))) for line in LINE_END.split(text))
