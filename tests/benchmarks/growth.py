"""How time and memory grow with the number of actions: the same pages at each size, in turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import combinations, pairwise

from tests.benchmarks import serving
from tests.benchmarks.client import Page, time_in_turn
from tests.benchmarks.databases import Database
from tests.benchmarks.rows import ENDS, NOUNS
from tests.benchmarks.table import Row, with_unit

YARDSTICK = 1_000  # the size with which the others are compared
SAME_PAGES = (  # name, fact that has the address, who asks
    ("list, two filters", "", "staff"),
    ("action page", "action", "staff"),
    ("form", "form", "lead"),
)


def growth_rows(databases: Sequence[Database], rounds: int) -> Iterator[Row]:
    """Every row that compares one size with another. `databases` in order of size."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving.portal(database.url)) for database in databases]
        pairs = list(zip(databases, servers, strict=True))
        yield from same_page_at_each_size(pairs, rounds)
        for database, server in pairs:
            yield from whole_list(database, server, rounds)
        for name, address in (("home", "/"), ("board", "/board/")):
            yield from steps(name, address, pairs, rounds)
    for database in databases:
        yield from memory(database)


def same_page_at_each_size(pairs: Sequence[tuple[Database, serving.Server]], rounds: int) -> Iterator[Row]:
    """The filtered list, the action page and the form, as ratios to those of 1,000 actions."""
    for what, address, who in SAME_PAGES:
        pages = [
            Page(
                server,
                database.page(address) if address else f"/actions/?{database.filters}",
                database.page(who),
            )
            for database, server in pairs
        ]
        time_in_turn(pages, rounds)
        of_size = {database.actions: page for (database, _), page in zip(pairs, pages, strict=True)}
        yardstick = of_size.get(YARDSTICK, pages[0])
        for size, page in of_size.items():
            note = f"{with_unit(page.ms, 'ms')} beside {with_unit(yardstick.ms, 'ms')}"
            most = 1.3 if size > YARDSTICK else None
            name = f"{what}: × at {YARDSTICK if YARDSTICK in of_size else min(of_size):,}"
            yield Row(name, size, page.ms / yardstick.ms, note=note, most=most)


def whole_list(database: Database, server: serving.Server, rounds: int) -> Iterator[Row]:
    """The unfiltered list; its last page, searches and another order, as ratios to its first page."""
    staff = database.page("staff")
    one = Page(server, "/actions/?per_page=25", staff)
    others = {
        "last page": Page(server, f"{one.address}&page={-(-database.actions // 25)}", staff),
        "search": Page(server, f"{one.address}&q=leicester+skills", staff),
        "search, other words each time": Page(server, one.address, staff, another=searches(one.address)),
        "sorted by status": Page(server, f"{one.address}&sort=-status", staff),
    }
    time_in_turn([one, *others.values()], rounds)
    yield Row("unfiltered list, page one", database.actions, one.ms, "ms", most=100)
    for name, page in others.items():
        yield Row(name, database.actions, page.ms, "ms", most=100)
        yield Row(f"{name}: × page one", database.actions, page.ms / one.ms, most=3)


def searches(address: str) -> Callable[[], str]:
    """Return a function that gives another search each time: two words of the generated plan."""
    words = sorted({word for text in (*NOUNS, *ENDS) for word in text.split() if len(word) > 3})
    pairs = combinations(words, 2)
    return lambda: f"{address}&q={'+'.join(next(pairs))}"


def steps(
    name: str, address: str, pairs: Sequence[tuple[Database, serving.Server]], rounds: int
) -> Iterator[Row]:
    """A page that counts the plan: milliseconds at each size, and each step from the size before."""
    pages = [Page(server, address, database.page("staff")) for database, server in pairs]
    time_in_turn(pages, rounds)
    for (database, _), page in zip(pairs, pages, strict=True):
        note = f"{page.size / 1024:,.0f} KB"
        yield Row(name, database.actions, page.ms, "ms", note, most=300)
    for ((before, _), small), ((database, _), large) in pairwise(zip(pairs, pages, strict=True)):
        what = f"{name}: × at {before.actions:,}"
        yield Row(what, database.actions, large.ms / small.ms, most=1.5)


def memory(database: Database) -> Iterator[Row]:
    """What home and board add to the memory of a worker that has just started and answered a list."""
    for name, address in (("home", "/"), ("board", "/board/")):
        with serving.portal(database.url) as server:
            staff = database.page("staff")
            Page(server, f"/actions/?{database.filters}", staff).ask()
            idle = server.memory()
            server.forget_peak()
            Page(server, address, staff).ask()
            grown = server.memory("VmHWM") - idle
        note = f"{with_unit(idle, 'MB')} idle"
        yield Row(f"{name}: memory over idle", database.actions, max(grown, 0), "MB", note, most=100)
