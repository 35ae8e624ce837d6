"""A parsed framework as a Django fixture: natural keys, no primary keys, no models."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from strategy.framework_rows import Framework, ParsedAction, ParsedCell, ParsedName
from strategy.framework_table import EVERYONE

Record = dict[str, Any]
Slugs = dict[str, str]  # by name
DECODER = json.JSONDecoder()
NOT_BLANK = re.compile(r"[^ \t\r\n]")
CHARACTERS_AT_ONCE = 1 << 20


def as_json(framework: Framework) -> str:
    return "".join(json_lines(framework))


def json_lines(framework: Framework) -> Iterator[str]:
    """The fixture's lines, one for each record, so that a large fixture is written without holding it in memory."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    before = "[\n"
    for record in records(framework):
        yield before + encode(record)
        before = ",\n"
    yield "\n]\n"


def records(framework: Framework) -> Iterator[Record]:
    """One record for each row, after every record that it refers to."""
    themes, clusters, leads = map(_slugs, (framework.themes, framework.clusters, framework.leads))
    cluster_partners = {f"{name} cluster".casefold() for name in clusters}
    for order, vital_few in enumerate(framework.vital_fews, start=1):
        yield _record("strategy.vitalfew", code=vital_few.code, name=vital_few.name, order=order)
    for order, (name, slug) in enumerate(themes.items(), start=1):
        yield _record("strategy.theme", slug=slug, name=name, order=order)
    for order, (name, slug) in enumerate(clusters.items(), start=1):
        yield _record("strategy.cluster", slug=slug, name=name, order=order, is_cross_cluster=is_cross(name))
    for order, (name, slug) in enumerate(leads.items(), start=1):
        kind = partner_kind(name, cluster_partners)
        yield _record("partners.partner", slug=slug, name=name, order=order, kind=kind)
    for vital_few in framework.vital_fews:
        for cell in vital_few.cells:
            yield _source_cell(cell, None)
    for action in framework.actions:
        yield from _action_records(action, framework.year, themes, clusters, leads)


def _slugs(names: tuple[ParsedName, ...]) -> Slugs:
    return {row.name: row.slug for row in names}


def is_cross(cluster: str) -> bool:
    """Whether the name is “Cross-cluster”: a scope that covers every cluster, not a cluster of its own."""
    return cluster.casefold().replace(" ", "-") == "cross-cluster"


def partner_kind(name: str, cluster_partners: set[str]) -> str:
    """“everyone”, “cluster” for a “<cluster> cluster” (in `cluster_partners`, case-folded), else “organisation”."""
    if name == EVERYONE:
        return "everyone"
    return "cluster" if name.casefold() in cluster_partners else "organisation"


def _action_records(
    action: ParsedAction, year: int, themes: Slugs, clusters: Slugs, leads: Slugs
) -> Iterator[Record]:
    key = [action.number]
    yield _record(
        "actions.action",
        number=action.number,
        title=action.title,
        theme=[themes[action.theme]],
        cluster=[clusters[action.cluster]],
        outcome_text=action.outcome_text,
    )
    for order, name in enumerate(action.leads, start=1):
        yield _record("actions.lead", action=key, partner=[leads[name]], order=order)
    for code, mark in action.marks.items():
        yield _record("actions.relationship", action=key, vital_few=[code], strength=mark)
    for order, measure in enumerate(action.measures, start=1):
        target = None if measure.target is None else str(measure.target)
        yield _record(
            "actions.outcomemeasure", action=key, order=order, text=measure.text, year=year, target=target
        )
    for cell in action.cells:
        yield _source_cell(cell, key)


def _source_cell(cell: ParsedCell, action: list[int] | None) -> Record:
    return _record(
        "actions.sourcecell",
        line=cell.line,
        column=cell.column,
        heading=cell.heading,
        action=action,
        raw=cell.raw,
        mend=cell.mend,
    )


def _record(model: str, **fields: Any) -> Record:
    return {"model": model, "fields": fields}


def read_records(stream: TextIO) -> Iterator[Record]:
    """The records of a fixture, one at a time, so that a large one is never in memory whole.

    Raises ValueError where the text is not a JSON list of objects.
    """
    window = _Window(stream)
    window.expect("[")
    if window.next_character() == "]":
        window.expect("]")
    else:
        after = ","
        while after == ",":
            yield window.record()
            after = window.expect(",", "]")
    window.expect("")


class _Window:
    """The part of a JSON text that has been read and not yet decoded."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.text, self.position = stream, "", 0

    def next_character(self) -> str:
        """The next character that is not blank, which stays in the window; “” at the end of the text."""
        while not (found := NOT_BLANK.search(self.text, self.position)):
            if not self._read_on():
                return ""
        self.position = found.start()
        return found[0]

    def expect(self, *expected: str) -> str:
        """Step over the next character, which is one of `expected`; “” is the end of the text."""
        character = self.next_character()
        if character not in expected:
            raise ValueError("a list of records was expected")
        self.position += len(character)
        return character

    def record(self) -> Record:
        if self.next_character() != "{":
            raise ValueError("a list of records was expected")
        while True:
            try:
                record: Record
                record, self.position = DECODER.raw_decode(self.text, self.position)
                return record
            except json.JSONDecodeError as error:
                if not self._read_on():
                    start = self.text[self.position :][:80]
                    raise ValueError(f"{error.msg}, in the record that begins with {start}") from error

    def _read_on(self) -> bool:
        rest = self.text[self.position :]
        # at least as much again: a record that is longer than the window is tried few times
        more = self.stream.read(max(CHARACTERS_AT_ONCE, len(rest)))
        self.text, self.position = rest + more, 0
        return bool(more)
