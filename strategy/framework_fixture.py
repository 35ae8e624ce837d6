"""A framework table as a Django fixture: natural keys, no primary keys, no models."""

import json
from typing import Any

from strategy.framework_rows import ActionRow, Cell, Framework
from strategy.framework_table import EVERYONE

Record = dict[str, Any]


def as_json(framework: Framework) -> str:
    return json.dumps(records(framework), ensure_ascii=False, indent=1) + "\n"


def records(framework: Framework) -> list[Record]:
    """One record a row, in an order in which each finds those that it refers to."""
    themes = {row.name: row.slug for row in framework.themes}
    clusters = {row.name: row.slug for row in framework.clusters}
    leads = {row.name: row.slug for row in framework.leads}
    found = [
        _record("strategy.vitalfew", code=row.code, name=row.name, order=order)
        for order, row in enumerate(framework.vital_fews, start=1)
    ]
    found += [
        _record("strategy.theme", slug=row.slug, name=row.name, order=order)
        for order, row in enumerate(framework.themes, start=1)
    ]
    found += [
        _record(
            "strategy.cluster", slug=row.slug, name=row.name, order=order, is_cross_cluster=is_cross(row.name)
        )
        for order, row in enumerate(framework.clusters, start=1)
    ]
    found += [
        _record(
            "partners.partner",
            slug=row.slug,
            name=row.name,
            order=order,
            kind=partner_kind(row.name, clusters),
        )
        for order, row in enumerate(framework.leads, start=1)
    ]
    found += [_source_cell(cell, None) for row in framework.vital_fews for cell in row.cells]
    for action in framework.actions:
        found += _action_records(action, framework.year, themes, clusters, leads)
    return found


def is_cross(cluster: str) -> bool:
    """“Cross-cluster” is a scope that takes in every cluster, and not one more of them."""
    return cluster.casefold().replace(" ", "-") == "cross-cluster"


def partner_kind(name: str, clusters: dict[str, str]) -> str:
    """Who leads is a body, or everyone, or no more than “<cluster> cluster”, with nobody behind it."""
    if name == EVERYONE:
        return "everyone"
    return (
        "cluster" if name.casefold() in {f"{cluster} cluster".casefold() for cluster in clusters} else "body"
    )


def _action_records(
    action: ActionRow, year: int, themes: dict[str, str], clusters: dict[str, str], leads: dict[str, str]
) -> list[Record]:
    key = [action.number]
    found = [
        _record(
            "actions.action",
            number=action.number,
            title=action.title,
            theme=[themes[action.theme]],
            cluster=[clusters[action.cluster]],
            outcome_text=action.outcome_text,
        )
    ]
    found += [
        _record("actions.lead", action=key, partner=[leads[name]], order=order)
        for order, name in enumerate(action.leads, start=1)
    ]
    found += [
        _record("actions.relationship", action=key, vital_few=[code], strength=mark)
        for code, mark in action.marks.items()
    ]
    found += [
        _record(
            "actions.outcomemeasure",
            action=key,
            order=order,
            text=measure.text,
            year=year,
            target=None if measure.target is None else str(measure.target),
        )
        for order, measure in enumerate(action.measures, start=1)
    ]
    return found + [_source_cell(cell, key) for cell in action.cells]


def _source_cell(cell: Cell, action: list[int] | None) -> Record:
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
