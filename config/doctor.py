"""What `manage.py doctor` looks at. Each check returns what to do, in words; nothing if all is well."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPException
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from actions import check
from actions.check import FigureCheck
from config import faults
from config.backup.archive import ArchiveError, opened
from history import clock, triggers
from reporting.models import PublishedPaper
from reporting.papers import differences
from reporting.periods import closings

Advice = Iterator[str]
GIGABYTE = 1 << 30
KEY_LENGTH = 50
SECONDS_APART = 5
BACKUP_HOURS = 48


def settings_are_sound(full: bool) -> Advice:
    for found in checks.run_checks(include_deployment_checks=settings.PRODUCTION):
        if found.level >= checks.WARNING and not found.is_silenced():
            yield f"{found.msg} {found.hint or ''}".strip()


def database_can_be_written(full: bool) -> Advice:
    if reason := faults.why_no_writing():
        yield f"{reason.capitalize()}. Nothing can be saved until that is fixed."


def migrations_are_applied(full: bool) -> Advice:
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"Migrations not applied: {len(plan)}. Make a backup, then run manage.py prepare."


def triggers_are_installed(full: bool) -> Advice:
    if missing := triggers.expected(connection) - triggers.installed(connection):
        yield f"Triggers missing: {len(missing)}. Run manage.py prepare."


def figures_agree(full: bool) -> Advice:
    found = list(FigureCheck().differences()) if full else check.faults()
    if found:
        yield f"The plan does not agree with its history: {found[0]} Run manage.py check_figures."


def papers_agree(full: bool) -> Advice:
    done = set(PublishedPaper.objects.values_list("period", "moment"))
    if missing := [one for one in closings() if (one.period_id, one.moment) not in done]:
        yield f"Closed periods without a published paper: {len(missing)}. Run manage.py check_papers."
    if full:
        for paper in PublishedPaper.objects.select_related("period").order_by("moment"):
            yield from differences(paper)


def mail_server_answers(full: bool) -> Advice:
    """Connects and signs in; sends nothing."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        if settings.PRODUCTION:
            yield "E-mail is not sent. Set EMAIL_URL to a mail server."
        return
    try:
        mail = get_connection()
        mail.open()
        mail.close()
    except SSLCertVerificationError as error:
        yield (
            f"The certificate of {settings.EMAIL_HOST}:{settings.EMAIL_PORT} is not trusted: {error.verify_message}. "
            "Install its authority's certificate, or name the file in SSL_CERT_FILE."
        )
    except (OSError, SMTPException) as error:
        yield f"Cannot connect to the mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}: {error}. See EMAIL_URL."


def cache_holds(full: bool) -> Advice:
    cache.set("doctor", "well", 60)
    if cache.get("doctor") != "well":
        yield "The cache does not store anything. Run manage.py createcachetable."


def secret_is_long(full: bool) -> Advice:
    if len(settings.SECRET_KEY) < KEY_LENGTH or len(set(settings.SECRET_KEY)) < 10:
        yield "SECRET_KEY is short or simple. Make one of 50 characters or more; a new one signs everybody out."


def hosts_fit(full: bool) -> Advice:
    host = urlsplit(settings.PORTAL_ADDRESS).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS lets in every host. Name the portal's own."
    elif not any(host == allowed.strip("[]") or host.endswith(allowed) for allowed in settings.ALLOWED_HOSTS):
        yield f"PORTAL_ADDRESS names {host}, which is not in ALLOWED_HOSTS: links in e-mails return 400."


def clocks_agree(full: bool) -> Advice:
    present = clock.read()
    apart = present.moment.timestamp() - time.time()
    if abs(apart) > SECONDS_APART:
        yield (
            f"The database's clock, or its last stamp, is {abs(apart):.0f} seconds "
            f"{'ahead of' if apart > 0 else 'behind'} this machine's. Set both by NTP."
        )


def disk_has_room(full: bool) -> Advice:
    if reason := faults.why_no_room():
        yield f"{reason.capitalize()}. Evidence cannot be stored."
        return
    places = [faults.database_folder()]
    if isinstance(default_storage, FileSystemStorage):
        places.append(Path(default_storage.location))
    for place in filter(None, places):
        free = shutil.disk_usage(place).free
        if free < GIGABYTE:
            yield f"{place} has {free // (1 << 20):,} MB left. Free some space."


def backup_is_recent(full: bool) -> Advice:
    """Looks at the newest file, and with `full` reads all of it."""
    if not settings.BACKUP_FOLDER:
        if settings.PRODUCTION:
            yield "BACKUP_FOLDER is not set, so nobody can tell when the last backup was made."
        return
    files = sorted(Path(settings.BACKUP_FOLDER).glob("*.zip"), key=lambda file: file.stat().st_mtime)
    if not files:
        yield f"There is no backup in {settings.BACKUP_FOLDER}. Run manage.py backup."
        return
    age = timedelta(seconds=time.time() - files[-1].stat().st_mtime)
    if age > timedelta(hours=BACKUP_HOURS):
        yield (
            f"The last backup, {files[-1].name}, is {age.days} days old. "
            "Run manage.py backup, and check that its timer is running."
        )
    if full:
        try:
            with opened(files[-1]):
                pass
        except ArchiveError as error:
            yield f"The last backup cannot be used. {error}"


CHECKS: dict[str, Callable[[bool], Advice]] = {
    "settings": settings_are_sound,
    "database": database_can_be_written,
    "migrations": migrations_are_applied,
    "triggers": triggers_are_installed,
    "figures": figures_agree,
    "papers": papers_agree,
    "mail": mail_server_answers,
    "cache": cache_holds,
    "secret": secret_is_long,
    "hosts": hosts_fit,
    "clock": clocks_agree,
    "disk": disk_has_room,
    "backup": backup_is_recent,
}


def examine(full: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each check's name with what to do. A check that fails itself says why, and the others go on."""
    for name, look in CHECKS.items():
        try:
            yield name, list(look(full))
        except DatabaseError as error:
            reason = (str(error).splitlines() or ["no reason given"])[0]
            yield name, [f"The database does not answer: {reason}. See DATABASE_URL."]
