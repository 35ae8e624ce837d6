"""Other processes working on the same database: an `Actor` runs Python in one, with the portal's Django.

    python -m tests.actors     what an Actor starts: it reads a line of code and answers with a line of JSON

The code can use the methods of `Scene`, and returns a value by assigning to `answer`.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.servers import ends_with_its_parent

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60


@dataclass
class Actor:
    """A process with a connection of its own to `database_url`."""

    database_url: str = field(default_factory=lambda: os.environ["DATABASE_URL"])

    def __post_init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.actors"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": self.database_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._answers.put(line)

    def start(self, code: str) -> None:
        """Run `code` without waiting; `answer` waits."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()

    def answer(self, seconds: float = SECONDS) -> Any:
        """Wait for the code, and return what it assigned to `answer`. An exception in it fails the test."""
        found = json.loads(self._answers.get(timeout=seconds))
        assert "error" not in found, found["error"]
        return found["answer"]

    def is_waiting(self, seconds: float = 0.7) -> bool:
        """Whether the code is still running after `seconds`."""
        try:
            self._answers.put(self._answers.get(timeout=seconds))
        except queue.Empty:
            return True
        return False

    def run(self, code: str) -> Any:
        self.start(code)
        return self.answer()

    def fails(self, code: str) -> str:
        """Run code that must raise, and return the exception: “IntegrityError: …”."""
        self.start(code)
        found = json.loads(self._answers.get(timeout=SECONDS))
        assert "error" in found, f"{code} did not fail"
        return str(found["error"])

    @property
    def is_gone(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill the process, and wait until the system has cleaned up after it."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


# --- In the actor's process -------------------------------------------------------


class Scene:
    """The names an actor's code can use."""

    def __init__(self) -> None:
        from django.contrib.auth import get_user_model
        from django.db import connections

        self.users = get_user_model().objects
        self._options = dict(connections.databases["default"]["OPTIONS"])
        self._open: ExitStack | None = None

    def use(self, database_url: str) -> None:
        """Switch to another database, in the state a new process starts in."""
        import environ
        from django.db import connection, connections

        from tests.clock import set_clock

        self.leave()
        connections.databases["default"]["OPTIONS"] = dict(self._options)
        connections.databases["default"]["NAME"] = environ.Env.db_url_config(database_url)["NAME"]
        if connection.vendor == "sqlite":
            set_clock(None)
        self._open = None

    def leave(self) -> None:
        """Close the connection, even with a transaction open."""
        from django.db import connection, connections

        if connection.connection is not None:
            connection.connection.close()
        del connections["default"]

    def clock_is(self, moment: str) -> None:
        """Stop the database's clock for this process; on PostgreSQL, for all."""
        from tests.clock import set_clock

        set_clock(datetime.fromisoformat(moment))

    def begin(self) -> None:
        """Open a transaction that writes history, and leave it open."""
        from history import clock

        self._open = ExitStack()
        self._open.enter_context(clock.writing())

    def commit(self) -> None:
        assert self._open
        self._open.close()

    def submit(self, number: int, status: str = "on-track", **fields: Any) -> str:
        """Submit an update as staff, and return its stamp."""
        from actions.models import Lead, OutcomeMeasure, ProgressUpdate
        from actions.updates import latest_update, submit_update

        staff = self.users.get(email="staff@demo.example")
        measure = OutcomeMeasure.objects.get(action__number=number, order=1)
        lead = Lead.objects.filter(action__number=number).order_by("order")[0]
        given = {"comment": "Words", "next_step": "Steps" if status in ("at-risk", "off-track") else ""}
        update = ProgressUpdate(measure=measure, status=status, on_behalf_of=lead.partner, **given | fields)
        latest = latest_update(measure.pk)
        recorded = submit_update(update=update, by=staff, seen=latest.pk if latest else None)
        return recorded.recorded_at.isoformat()

    def status_of(self, number: int, as_at: str = "") -> str:
        """The status a page would show for an action, now or as at a moment."""
        from history import clock
        from reporting.calendar import plan_at

        if as_at:
            moment = datetime.fromisoformat(as_at)
            clock.settle(moment)
            return str(plan_at(moment).row(number).status.value)
        return str(plan_at().row(number).status.value)


def main() -> None:
    import django
    from django.conf import settings

    import tests.environment  # noqa: F401  as the tests have it

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    settings.SECOND_FACTOR_FOR_STAFF = False  # as in the process of the tests
    scene = Scene()
    names: dict[str, Any] = {name: getattr(scene, name) for name in dir(scene) if not name.startswith("_")}
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        names["answer"] = None
        try:
            exec(json.loads(line), names)
            found = {"answer": names["answer"]}
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(found, default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
