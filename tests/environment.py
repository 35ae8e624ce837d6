"""The environment of the tests: a pytest plug-in, as pytest-django reads the settings before conftest.py.

What it sets wins over `.env` and over what is exported on this machine: the tests are the same everywhere.
DATABASE_URL alone is taken from the environment, never from `.env`.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests import another_time

if os.environ.get("PORTAL_TEST_NOW"):
    another_time.begin()


def _folder() -> Path:
    """One folder for all the processes of a run; the one that made it removes it."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        folder = Path(os.environ["PORTAL_TEST_FOLDER"]) / worker
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    os.environ["PORTAL_TEST_FOLDER"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


FOLDER = _folder()
(FOLDER / "static").mkdir(exist_ok=True)  # whitenoise warns of a folder that is not there

os.environ |= {
    "SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "DEMONSTRATION": "off",
    "DEBUG": "off",
    "ALLOW_SQLITE": "on",
    "ALLOW_UNSENT_MAIL": "on",
    "CITY_NAME": "Leicester",
    "CITY_LOGO": "",
    "HTTPS_ONLY": "off",
    "TRUSTED_PROXIES": "0",
    "CSRF_TRUSTED_ORIGINS": "",
    "PORTAL_ADDRESS": "http://testserver",
    "EMAIL_URL": "memorymail://",
    "EMAIL_FROM": "City Growth <portal@localhost>",
    "EVIDENCE_FOLDER": str(FOLDER / "files"),
    # Playwright's synchronous interface runs in an event loop, where Django would refuse to query.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
os.environ.setdefault(
    "DATABASE_URL", f"sqlite:///{FOLDER / 'none.sqlite3'}"
)  # tests/databases.py names another


def pytest_runtest_logreport(report: Any) -> None:
    _list_failure(report)


def pytest_collectreport(report: Any) -> None:
    _list_failure(report)


def _list_failure(report: Any) -> None:
    """For the last lines of `make test`. One process of a run hears of every test."""
    listed = os.environ.get("PORTAL_TEST_FAILURES")
    if listed and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        with open(listed, "a", encoding="utf-8") as file:
            file.write(f"{report.nodeid}\n")


def pytest_collection_finish() -> None:
    """Collect garbage rarely: to look through all that the tests are made of takes a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
