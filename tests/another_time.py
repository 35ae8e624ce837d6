"""Runs the suite as if it were another time: `PORTAL_TEST_NOW=2026-10-25T23:30 pytest …`, in British time.

Python's clocks and the database's start there and go on from there, in every process that the tests start. Files on
disk and other programs keep the machine's time.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).resolve().parent / "at_another_time"  # its sitecustomize.py calls begin()
LONDON = ZoneInfo("Europe/London")
_started = "PORTAL_TEST_STARTED"


def begin() -> None:
    """Move this process's clocks, and those of the processes that it starts. Call it before Django is imported."""
    if getattr(time, "portal_seconds_ahead", None) is not None:
        return
    wanted = datetime.fromisoformat(os.environ["PORTAL_TEST_NOW"]).replace(tzinfo=LONDON).timestamp()
    started = float(
        os.environ.setdefault(_started, str(time.time()))
    )  # of the first process: one clock for all
    seconds = round(wanted - started)
    time.portal_seconds_ahead = seconds  # type: ignore[attr-defined]  # a mark
    real_time, real_time_ns = time.time, time.time_ns
    time.time = lambda: real_time() + seconds  # date.today() and the signing of cookies ask this too
    time.time_ns = lambda: real_time_ns() + seconds * 1_000_000_000
    _move_django()
    _move_postgresql(seconds)
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(FOLDER) not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join(
            [str(FOLDER), str(FOLDER.parent.parent), *filter(None, paths)]
        )


def _move_django() -> None:
    from django.conf import settings
    from django.utils import timezone

    def now() -> datetime:
        moment = datetime.fromtimestamp(time.time(), UTC)
        return moment if settings.USE_TZ else moment.replace(tzinfo=None)

    timezone.now = now


def _move_postgresql(seconds: int) -> None:
    from history import functions

    moved = functions.PORTAL_NOW.replace(
        "clock_timestamp()", f"clock_timestamp() + interval '{seconds} seconds'"
    )
    functions.PORTAL_NOW = moved
