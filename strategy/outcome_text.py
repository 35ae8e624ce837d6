"""Splits an outcome text into measures, one a sentence, and reads the number a sentence opens with."""

import re
from dataclasses import dataclass
from decimal import Decimal

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9£])")
# "1in2", "2-year", "10-20" and "3rd" open with no number: what follows must be a blank, a % or the end.
DIGITS = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?=%|\s|$)")
WORDS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
RANGE = re.compile(r"\s*(?:to|or|-|–)\s*\d", re.IGNORECASE)
ONES = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split(),
        range(20),
        strict=True,
    )
)
TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
)
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class ParsedMeasure:
    """One outcome measure: a sentence, and its numeric target where it opens with one."""

    text: str
    target: Decimal | None


def measures_in(outcome_text: str) -> tuple[ParsedMeasure, ...]:
    """One measure a sentence, in order."""
    return tuple(ParsedMeasure(s, opening_number(s)) for s in SENTENCE_END.split(outcome_text.strip()) if s)


def opening_number(sentence: str) -> Decimal | None:
    """The number, in digits or in words, that a sentence opens with; None for a range or no number."""
    if digits := DIGITS.match(sentence):
        value = Decimal((digits[1] + (digits[2] or "")).replace(",", ""))
        rest = sentence[digits.end() :]
        if RANGE.match(rest):
            return None
        scale = WORDS.match(rest.lstrip())
        return value * SCALES[scale[0].casefold()] if scale and scale[0].casefold() in SCALES else value
    return _number_in_words(sentence)


def _number_in_words(sentence: str) -> Decimal | None:
    total = part = 0
    found = in_a_range = False
    for word in sentence.split():
        pieces = word.rstrip(",").casefold().split("-")
        if pieces == ["and"] and found:
            continue
        if pieces in (["to"], ["or"]) and found:  # “ten to twenty” is a range, “ten or more” is not
            in_a_range = True
            continue
        if not all(piece in ONES or piece in TENS or piece in SCALES for piece in pieces):
            break
        if in_a_range:
            return None
        for piece in pieces:
            found = True
            if piece == "hundred":
                part = (part or 1) * 100
            elif piece in SCALES:
                total, part = total + (part or 1) * SCALES[piece], 0
            else:
                part += ONES.get(piece, TENS.get(piece, 0))
    return Decimal(total + part) if found else None
