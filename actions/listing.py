"""The two filtered lists, actions and outcome measures: what each is made of. Pages and files read it here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from actions.filters import ActionFilter, ListFilter, MeasureFilter
from actions.fragments import action_rows, measure_rows
from actions.measure_table import MeasureTable, measure_columns_of
from actions.plan import Plan
from actions.tables import ActionTable, Column, ListTable, columns_of


@dataclass(frozen=True)
class Listing:
    """A list with its filter, table and files. `name` is also the start of its URL names."""

    name: str
    noun: str
    counting: str
    filterset: type[ListFilter]
    table: type[ListTable]
    columns: Callable[[Plan], list[Column]]
    size: Callable[[Plan], int]
    rows: Callable[[Plan, Iterable[Any], tuple[str, ...], str], SafeString]
    in_chunks: Callable[[Plan, Any], Iterator[Any]]

    @property
    def title(self) -> str:
        return self.noun.capitalize()


ACTIONS = Listing(
    name="action",
    noun="actions",
    counting=(
        "An action shows the worst status of its outcome measures. "
        "An action with joint leads counts under each of them."
    ),
    filterset=ActionFilter,
    table=ActionTable,
    columns=columns_of,
    size=lambda plan: plan.size,
    rows=action_rows,
    in_chunks=lambda plan, found: plan.in_chunks(found),
)
MEASURES = Listing(
    name="measure",
    noun="outcome measures",
    counting="An action with several outcome measures has a row for each of them.",
    filterset=MeasureFilter,
    table=MeasureTable,
    columns=measure_columns_of,
    size=lambda plan: plan.measure_size,
    rows=measure_rows,
    in_chunks=lambda plan, found: plan.measures_in_chunks(found),
)
