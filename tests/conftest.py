"""What every test has. The environment is set by tests/environment.py, before Django's settings are read."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings as portal
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from actions.models import Lead, OutcomeMeasure, ProgressUpdate, Status
from actions.seeding import load
from history import memo, triggers
from outbox import background, sending
from partners.models import Partner, User
from reporting.models import ReportingPeriod
from tests.actors import Actor
from tests.clock import days_ago, let_tests_in, recorded_at
from tests.databases import copied, migrated, prepared
from tests.environment import FOLDER

FRAMEWORK = portal.BASE_DIR / "fixtures" / "framework.json"
LOADED = days_ago(400)  # so that the plan is known in every past that a test asks for
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PASSWORD = "cast-of-the-tests-2008"
Report = Callable[..., ProgressUpdate]


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Quick passwords, static files under their own names, and a cache of this process."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STATIC_ROOT=FOLDER / "static",
        STORAGES=portal.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
        SECOND_FACTOR_FOR_STAFF=False,  # tests of it turn it on
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    ):
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """A cache that starts empty."""
    cache.clear()
    memo.forget()


@pytest.fixture(autouse=True)
def mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send each e-mail as it is posted: a test undoes its transaction, so the portal's own thread would see nothing."""
    monkeypatch.setattr(sending, "must_commit", lambda: None)
    monkeypatch.setattr(background, "wake_after_commit", sending.send_waiting)


@pytest.fixture(scope="session")
def prepared_database() -> str:
    """The DATABASE_URL of a database after `manage.py prepare`: copied for each portal, itself not served."""
    return prepared(os.environ["DATABASE_URL"])


@pytest.fixture
def other_database(prepared_database: str, tmp_path: Path) -> Iterator[str]:
    """A database of its own for processes that commit, with the framework and the demonstration people."""
    name = f"other_{WORKER}"
    with copied(prepared_database, tmp_path, name) as url:
        yield url


@pytest.fixture(scope="session")
def processes() -> Iterator[list[Actor]]:
    """Four processes, for tests that need several at once."""
    found = [Actor() for _ in range(4)]
    yield found
    for one in found:
        one.stop()


@pytest.fixture
def actors(processes: list[Actor], other_database: str) -> Iterator[list[Actor]]:
    """Four processes at work on one database, of this test alone."""
    for number, one in enumerate(processes):
        if one.is_gone:
            processes[number] = Actor()
        processes[number].run(f"use({other_database!r})")
    yield processes
    for one in processes:
        if not one.is_gone:
            one.run("leave()")


# --- The cast ------------------------------------------------------------
# A lead, a joint lead, a stranger's lead, staff, board: one fixture each.


@pytest.fixture(scope="session")
def bare_portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the portal's code alone, in a folder where no `.env` and no database can be met."""
    folder = tmp_path_factory.mktemp("bare-portal")
    rooms = ("config", "history", "outbox", "strategy", "partners", "actions", "reporting", "web")
    for name in (*rooms, "fixtures"):
        shutil.copytree(portal.BASE_DIR / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(portal.BASE_DIR / name, folder)
    return folder


def run_bare(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the bare portal, with nothing in the environment but what is given here."""
    command = [sys.executable, "-X", "utf8", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of a migrated database for this process, with the framework loaded; every test undoes what it does."""
    with copied(migrated(os.environ["DATABASE_URL"]), FOLDER, f"portal_tests_{WORKER}") as url:
        name = urlsplit(url).path.removeprefix("" if connection.vendor == "sqlite" else "/")
        portal.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        with django_db_blocker.unblock():
            let_tests_in()
            with recorded_at(LOADED):
                load(FRAMEWORK)
        yield
        with django_db_blocker.unblock():
            connection.close()


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What fixtures that ask for this write stays for all the tests of a file; what a test writes itself is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def quick_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board paper that is neither typeset nor a whole workbook, for tests of who gets it."""
    monkeypatch.setattr("reporting.sending.pdf_of", lambda *_, **__: b"%PDF-")
    monkeypatch.setattr("reporting.sending.workbook_of", lambda *_, **__: b"PK")


@pytest.fixture
def framework(db: None) -> None:
    """The 32 actions of the framework, freshly seeded; nobody has reported."""


@pytest.fixture
def empty_portal(db: None) -> None:
    """A portal that was migrated and no more: no plan and no history, for this test alone."""
    apps_own = ("actions", "reporting", "partners", "strategy", "history", "outbox")
    tables = [model._meta.db_table for app in apps_own for model in apps.get_app_config(app).get_models()]
    statements = connection.ops.sql_flush(no_style(), tables, allow_cascade=True)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in triggers.installed(connection):
                cursor.execute(f"DROP TRIGGER {name}")
    else:
        role = "SET LOCAL session_replication_role = %s"  # a replica's triggers do not fire
        statements = [role % "replica", *statements, role % "origin"]
    connection.ops.execute_sql_flush(statements)
    triggers.install(connection)


def person(email: str, name: str, role: User.Role = User.Role.LEAD, *partners: str) -> User:
    """Somebody who can sign in with PASSWORD, and who reports for the partners of these slugs."""
    user = User.objects.create_user(email, PASSWORD, name=name, role=role)
    user.partners.set(Partner.objects.filter(slug__in=partners))
    return user


@pytest.fixture
def staff(framework: None) -> User:
    return person("sam@city.example", "Sam Staff", User.Role.STAFF)


@pytest.fixture
def board(framework: None) -> User:
    return person("bo@board.example", "Bo Board", User.Role.BOARD)


@pytest.fixture
def lead(framework: None) -> User:
    """Leads actions 1 and 20, alone."""
    return person("lena@skills.example", "Lena Lead", User.Role.LEAD, "learning-skills-council")


@pytest.fixture
def joint_lead(framework: None) -> User:
    """Leads action 3 alone, and action 9 with Leicester City Growth."""
    return person("uma@universities.example", "Uma University", User.Role.LEAD, "universities")


@pytest.fixture
def other_joint_lead(framework: None) -> User:
    """The other lead of action 9; leads eleven actions."""
    return person("gus@growth.example", "Gus Growth", User.Role.LEAD, "leicester-city-growth")


@pytest.fixture
def stranger(framework: None) -> User:
    """Leads action 31, and none of those above."""
    return person("cleo@creative.example", "Cleo Creative", User.Role.LEAD, "creative-leicestershire")


def open_period() -> ReportingPeriod:
    """An open reporting period: since twenty days, due in ten."""
    today = timezone.localdate()
    opened_at = days_ago(20)
    with recorded_at(opened_at):
        return ReportingPeriod.objects.create(
            name="Autumn round",
            slug="autumn-round",
            opens=today - timedelta(days=20),
            due=today + timedelta(days=10),
            closes=today + timedelta(days=40),
            opened_at=opened_at,
        )


@pytest.fixture
def period(framework: None) -> ReportingPeriod:
    return open_period()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


def submitted(
    number: int, order: int = 1, status: str = "on-track", *, by: User, **fields: Any
) -> ProgressUpdate:
    """Insert a progress update straight into the table: `submitted(23, 2, "off-track", by=lead, comment="…")`.

    What the status asks for is filled in, for the action's first lead unless said otherwise.
    """
    today = timezone.localdate()
    given = {
        "comment": "Words",
        "next_step": "Steps",
        "evidence": "Proof",
        "completed_on": today,
        "decided_on": today,
    }
    asked = {name: given[name] for name in Status(status).asks_for}
    if "on_behalf_of" not in fields:
        fields["on_behalf_of"] = Lead.objects.filter(action__number=number).order_by("order")[0].partner
    when = fields.pop("recorded_at", None)
    with recorded_at(when) if when else nullcontext():
        made = ProgressUpdate.objects.create(
            measure=OutcomeMeasure.objects.get(action__number=number, order=order),
            status=status,
            author=by,
            author_role=by.role,
            **asked | fields,
        )
    made.refresh_from_db()
    return made


@pytest.fixture
def report(staff: User) -> Report:
    """Insert a progress update as `submitted` does, by staff unless said otherwise."""
    return lambda *args, **fields: submitted(*args, **{"by": staff} | fields)
