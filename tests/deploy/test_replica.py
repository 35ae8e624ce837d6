"""Pages from a real replica, through a real pgbouncer: what has been submitted is always there."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from tests.databases import create
from tests.deploy.clusters import Cluster, pgbouncer, primary_and_replica
from tests.deploy.conftest import WITH_PROGRAMS
from tests.deploy.visitor import Visitor
from tests.servers import run_sql
from tests.serving import Portal

pytestmark = WITH_PROGRAMS
SECONDS_LEFT_ALONE = 10
LIST = 'FROM "actions_knownaction"'


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_reading_from_a_replica_through_pgbouncer(tmp_path: Path) -> None:
    with primary_and_replica() as (primary, replica), pgbouncer(primary) as port:
        database = primary.address + "portal"
        create(database)
        Portal(tmp_path, database).manage("prepare")
        pooled = f"postgres://postgres@127.0.0.1:{port}/portal"
        portal = Portal(tmp_path, pooled, more={"DATABASE_REPLICA_URL": replica.address + "portal"})
        portal.start()
        try:
            walk(portal, replica)
        finally:
            portal.stop()


def walk(portal: Portal, replica: Cluster) -> None:
    lead = Visitor(portal)
    lead.sign_in("leicester-city-council@demo.example")

    def lists_from_the_replica() -> bool:
        before = replica.log.count(LIST)
        assert "Action" in lead.get(f"/actions/?q={time.monotonic()}")  # nobody has asked for it before
        return replica.log.count(LIST) > before

    eventually(lists_from_the_replica)
    assert lead.get("/actions/export.csv").count("\n") > 32
    assert lead.get("/updates/")

    # The replica stands still: what was submitted meanwhile is shown all the same, by the primary.
    run_sql(replica.address, "SELECT pg_wal_replay_pause()")
    form_address = re.search(r'href="(/actions/\d+/measures/\d+/update/)[^"]*"', lead.get("/updates/"))
    assert form_address
    form = lead.get(form_address[1])
    lead.post(
        form_address[1], form, status="on-track", comment="Said while the replica stood still.", do="submit"
    )
    action = form_address[1].partition("measures")[0]
    assert "Said while the replica stood still." in lead.get(action)
    assert not lists_from_the_replica()
    other = Visitor(portal)
    other.sign_in("board@demo.example")
    assert "Said while the replica stood still." in other.get(action)

    run_sql(replica.address, "SELECT pg_wal_replay_resume()")
    eventually(lists_from_the_replica)
    assert "Said while the replica stood still." in lead.get(action)

    replica.stop()
    assert "Said while the replica stood still." in lead.get(action)
    assert "Action" in lead.get("/actions/?q=away")
    replica.start()
    eventually(lists_from_the_replica, SECONDS_LEFT_ALONE + 20)
