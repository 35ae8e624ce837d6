"""The databases that an address names: an SQLite file or PostgreSQL, and a replica of it to read from."""

from pathlib import Path
from typing import Any

import environ

# Keep connections: a new one costs 5 ms a request. On SQLite, it also reads every trigger of the schema.
KEPT = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


def databases(url: str, replica_url: str) -> dict[str, dict[str, Any]]:
    """The setting DATABASES. Makes the folder of an SQLite file."""
    default: dict[str, Any] = environ.Env.db_url_config(url) | KEPT
    if default["ENGINE"].endswith("sqlite3"):
        return {"default": default | _sqlite(default["NAME"])}
    if not default["ENGINE"].endswith("postgresql"):
        return {"default": default}
    found = {"default": without_jit(default)}
    if replica_url:
        found["replica"] = without_jit(environ.Env.db_url_config(replica_url) | KEPT)
        found["replica"]["OPTIONS"].setdefault("connect_timeout", 2)
        found["replica"]["TEST"] = {"MIRROR": "default"}
    return found


def without_jit(database: dict[str, Any]) -> dict[str, Any]:
    """Compiling a list's query takes PostgreSQL longer than running it: 4.0 s instead of 1.2 s at 100,000 actions.

    Options given with the address come later, and win.
    """
    options = database.setdefault("OPTIONS", {})
    options["options"] = f"-c jit=off {options.get('options', '')}".rstrip()
    return database


def _sqlite(name: str) -> dict[str, Any]:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "config.sqlite",
        "TEST": {"NAME": f"{name}.test"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # recursive_triggers: without it, REPLACE deletes rows without firing their DELETE triggers
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
            ),
        },
    }
