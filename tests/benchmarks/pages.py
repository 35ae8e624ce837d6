"""Pages beside their peers: each function yields rows of the table."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from tests.benchmarks import serving
from tests.benchmarks.client import Page, time_in_turn
from tests.benchmarks.databases import Database
from tests.benchmarks.race import one_update
from tests.benchmarks.serving import Server
from tests.benchmarks.table import Row, with_unit

ADMIN = "/admin/actions/action/"
DAYS_AGO = 100
AFTER = "right after an update"  # between the rounds somebody submits one: nothing that is remembered holds


def beside(what: str, database: Database, page: Page, peer: Page, most: float | None) -> Row:
    """The ratio of a page to its peer, both in milliseconds, and the ratio of the fastest rounds.

    On a machine that does other work as well, long answers are interrupted more than short ones: the fastest are not.
    """
    fastest = with_unit(min(page.times) / min(peer.times), "×")
    note = f"{with_unit(page.ms, 'ms')} beside {with_unit(peer.ms, 'ms')}; fastest {fastest}"
    if page.status != 200:
        note += f"; answers {page.status}"
    if peer.status != 200:
        note += f"; the peer answers {peer.status}"
    return Row(what, database.actions, page.ms / peer.ms, note=note, most=most)


def framework_rows(database: Database, rounds: int) -> Iterator[Row]:
    """The real 32 actions with a year of progress, beside Django admin's changelist of the same 32."""
    targets = {"/actions/": 0.5, database.page("action"): 0.5, "/": 1.0, "/board/": 1.0}
    names = ("list", "action page", "home", "board")
    with serving.portal(database.url, demonstration=True) as server:
        staff = database.page("staff")
        peer = Page(server, ADMIN, staff)
        pages = [Page(server, address, staff) for address in targets]
        time_in_turn([peer, *pages], rounds)
        for name, page, most in zip(names, pages, targets.values(), strict=True):
            yield beside(f"the framework, {name}: × Django admin", database, page, peer, most)
        changed = one_update(server, database)
        pages = [Page(server, address, staff, before=changed) for address in targets]
        time_in_turn([peer, *pages], rounds)
        for name, page, most in zip(names, pages, targets.values(), strict=True):
            what = f"the framework, {name} {AFTER}: × Django admin"
            yield beside(what, database, page, peer, most)
        yield from as_at_rows(database, server, dict(zip(names, targets, strict=True)), rounds)


def as_at_rows(database: Database, server: Server, addresses: dict[str, str], rounds: int) -> Iterator[Row]:
    """Each page as at a day of last year beside itself now, in time and in queries."""
    staff = database.page("staff")
    day = (datetime.now(UTC).date() - timedelta(days=DAYS_AGO)).isoformat()
    for name, address in addresses.items():
        then = f"{address}?as_at={day}"
        pages = [Page(server, address, staff), Page(server, then, staff)]
        time_in_turn(pages, rounds)
        yield beside(f"the framework, {name} as at a past day: × now", database, pages[1], pages[0], 1.5)
        now_and_then = database.inside("queries", pages=[[staff, address], [staff, then]])
        ratio = now_and_then[1] / now_and_then[0]
        note = f"{now_and_then[1]} beside {now_and_then[0]}"
        yield Row(
            f"the framework, {name} as at a past day: queries × now",
            database.actions,
            ratio,
            note=note,
            most=2,
        )


def page_rows(database: Database, sqlite: Database | None, rounds: int) -> Iterator[Row]:
    """The pages that have peers. Datasette needs `sqlite`, the same rows in an SQLite file."""
    with ExitStack() as stack:
        server = stack.enter_context(serving.portal(database.url))
        peers = stack.enter_context(serving.peers(database.url))
        admin = stack.enter_context(serving.admin(database.url))
        datasette = stack.enter_context(serving.datasette(sqlite.file)) if sqlite else None
        yield from almost_empty(database, server, peers, rounds)
        yield from filtered_list(database, server, peers, admin, datasette, rounds)
        yield from unchanged_list(database, server, peers, rounds)
        yield from action_page(database, server, rounds)


def almost_empty(database: Database, server: Server, peers: Server, rounds: int) -> Iterator[Row]:
    staff = database.page("staff")
    page = Page(server, "/accessibility/", staff)
    size = len(page.ask().body)
    ready, with_user = Page(peers, f"/bytes/?size={size}"), Page(peers, f"/user/?size={size}", staff)
    time_in_turn([page, with_user, ready], rounds)
    yield beside("almost empty page: × ready-made bytes + session and user", database, page, with_user, 1.5)
    yield beside("almost empty page: × ready-made bytes", database, page, ready, None)


def filtered_list(
    database: Database,
    server: Server,
    peers: Server,
    admin: Server,
    datasette: Server | None,
    rounds: int,
) -> Iterator[Row]:
    staff, facts = database.page("staff"), database.facts
    theme, cluster = facts["theme"][0], facts["cluster"][0]
    page = Page(server, f"/actions/?{database.filters}", staff)
    hand = Page(peers, f"/hand/?theme={theme}&cluster={cluster}")
    changelist = Page(admin, f"{ADMIN}?theme__id__exact={theme}&cluster__id__exact={cluster}", staff)
    after = Page(server, page.address, staff, before=one_update(server, database))
    others = []
    if datasette:
        address = f"/{database.name}/{facts['table']}?theme_id={theme}&cluster_id={cluster}&_size=25"
        others.append(Page(datasette, address))
    time_in_turn([page, after, hand, changelist, *others], rounds)
    what = "list, two filters, 25 rows"
    for one, when in ((page, what), (after, f"{what}, {AFTER}")):
        yield beside(f"{when}: × hand-tuned", database, one, hand, None)
        yield beside(f"{when}: × Django admin", database, one, changelist, 0.5)
        for peer in others:
            yield beside(f"{when}: × Datasette", database, one, peer, 1.0)
    (queries,) = database.inside("queries", pages=[[staff, page.address]])
    kilobytes, most = page.size / 1024, 25 if database.actions <= 1_000 else None
    yield Row(f"{what}: HTML", database.actions, kilobytes, "KB", f"{facts['matching']} match", most)
    yield Row(f"{what}: queries", database.actions, queries, "")


def unchanged_list(database: Database, server: Server, peers: Server, rounds: int) -> Iterator[Row]:
    """The same list again, with a conditional request."""
    staff, address = database.page("staff"), f"/actions/?{database.filters}"
    headers = Page(server, address, staff).ask().headers
    known = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    condition = {known[name]: headers[name] for name in known if name in headers}
    again = Page(server, address, staff, headers=condition)
    size = len(again.ask().body)
    ready = Page(peers, f"/bytes/?size={size}")
    time_in_turn([again, ready], rounds)
    said = f"answers {again.status}{'' if condition else ', gives no ETag'}"
    yield Row(
        "the same again, unchanged: × ready-made bytes",
        database.actions,
        again.ms / ready.ms,
        note=f"{with_unit(again.ms, 'ms')} beside {with_unit(ready.ms, 'ms')}; {said}",
        most=None if again.status == 304 else 2.5,
    )
    yield Row("the same again, unchanged: 304", database.actions, int(again.status == 304), "", said, least=1)


def action_page(database: Database, server: Server, rounds: int) -> Iterator[Row]:
    staff = database.page("staff")
    page = Page(server, database.page("action"), staff)
    listed = Page(server, f"/actions/?{database.filters}", staff)
    time_in_turn([page, listed], rounds)
    (queries,) = database.inside("queries", pages=[[staff, page.address]])
    yield Row("action page: queries", database.actions, queries, "", most=12)
    yield beside("action page: × the list", database, page, listed, 1.0)
