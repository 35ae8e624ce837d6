"""Which characters the portal's typefaces can print, and text made of those alone.

An archival PDF may not hold a character without a glyph: the typesetter would refuse the whole file.
"""

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

from web.spreadsheets import clean

FONTS = Path(__file__).resolve().parent / "fonts"
TYPEFACES = ("PublicSans", "DejaVuSans")  # in the order in which they are tried
STAND_IN = "□"
UNICODE_TABLES = ((3, 10), (3, 1))  # platform and encoding, fullest first
INVISIBLE = ("Cc", "Cf")  # controls, direction marks, joiners: dropped


def printable(text: str) -> tuple[str, int]:
    """`text` as the typefaces can print it, and how many characters a stand-in replaces.

    Invisible characters are dropped without a stand-in, among them those that reverse the direction of text.
    """
    text = clean(text)
    if _always_printable().issuperset(text):
        return text, 0
    text = unicodedata.normalize("NFC", text)
    found: list[str] = []
    replaced = 0
    for character in text:
        shown = _shown(character, found[-1] if found else "")
        replaced += shown == STAND_IN and character != STAND_IN
        found.append(shown)
    return "".join(found), replaced


def _shown(character: str, before: str) -> str:
    if character in _always_printable():
        return character
    category = unicodedata.category(character)
    if category.startswith("M"):  # a mark goes with the letter before it, in one typeface
        return character if _together(before, character) else ""
    if category.startswith("Z") or character == "\t":
        return "\n" if category in ("Zl", "Zp") else " "
    return "" if category in INVISIBLE else STAND_IN


def _together(letter: str, mark: str) -> bool:
    return bool(letter) and any(letter in glyphs and mark in glyphs for glyphs in _glyphs())


@lru_cache(maxsize=1)
def _always_printable() -> frozenset[str]:
    """Every character that stands alone and that one of the typefaces has, and the line's end."""
    alone = {
        character
        for glyphs in _glyphs()
        for character in glyphs
        if unicodedata.category(character)[0] not in "CMZ"
    }
    return frozenset(alone | {"\n", " ", "\N{NO-BREAK SPACE}"})


@lru_cache(maxsize=1)
def _glyphs() -> tuple[frozenset[str], ...]:
    """For each typeface the characters that all its files have."""
    families = ([characters_of(file) for file in sorted(FONTS.glob(f"{name}*.ttf"))] for name in TYPEFACES)
    return tuple(frozenset.intersection(*files) for files in families)


def characters_of(file: Path) -> frozenset[str]:
    """The characters that a TrueType file has a glyph for, by its `cmap` table."""
    data = file.read_bytes()
    start = _table(data, b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    places = {}
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * number)
        places[platform, encoding] = start + offset
    at = next(places[key] for key in UNICODE_TABLES if key in places)
    codes = _format_12(data, at) if struct.unpack_from(">H", data, at)[0] == 12 else _format_4(data, at)
    return frozenset(map(chr, codes))


def _table(data: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for number in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        if name == tag:
            return int(offset)
    raise ValueError(f"This font has no table {tag!r}.")


def _format_12(data: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">L", data, at + 12)
    codes: set[int] = set()
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", data, at + 16 + 12 * number)
        codes.update(range(first if glyph else first + 1, last + 1))
    return codes


def _format_4(data: bytes, at: int) -> set[int]:
    (twice,) = struct.unpack_from(">H", data, at + 6)
    count = twice // 2

    def row(place: int, kind: str = "H") -> tuple[int, ...]:
        return struct.unpack_from(f">{count}{kind}", data, at + 14 + place)

    ends, starts = row(0), row(2 + twice)
    deltas, ranges = row(2 + 2 * twice, "h"), row(2 + 3 * twice)
    codes = set()
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if ranges[number]:
                place = at + 14 + 2 + 3 * twice + 2 * number + ranges[number] + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", data, place)
            if glyph and (glyph + deltas[number]) & 0xFFFF:
                codes.add(code)
    return codes
