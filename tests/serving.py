"""A portal served for tests: its own database and e-mail folder, gunicorn on a free port."""

import email
import email.policy
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from tests.servers import ends_with_its_parent, free_port

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START, SECONDS_TO_SEND = 60, 20
UNSENT = "SELECT count(*) FROM outbox_mail WHERE state IN ('waiting', 'sending')"
BETWEEN_MAILS = b"-" * 79  # Django's file back end writes it after each


@dataclass
class Portal:
    """A portal in `folder` (mail, evidence, log), with the database of `database_url` and `more` settings."""

    folder: Path
    database_url: str
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "DEMONSTRATION": "on",
            "PORTAL_ADDRESS": self.url,
            "EMAIL_URL": f"filemail:///{self.folder / 'mail'}",  # four slashes: the path is absolute
            "EVIDENCE_FOLDER": str(self.folder / "files"),
            **self.more,
        }

    def manage(self, *arguments: str) -> str:
        """Runs manage.py on this portal's database; gives what it printed. A failure fails the test."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def mail(self) -> list[str]:
        """The e-mails posted so far, newest last: headers From, To, Subject, an empty line, the plain text."""
        end = time.monotonic() + SECONDS_TO_SEND
        while _count(self.database_url, UNSENT) and time.monotonic() < end:
            time.sleep(0.05)
        files = sorted(
            (self.folder / "mail").glob("*.log"), key=lambda file: (file.stat().st_mtime_ns, file.name)
        )
        messages = [part for file in files for part in file.read_bytes().split(BETWEEN_MAILS) if part.strip()]
        return [_readable(part.lstrip()) for part in messages]

    def start(self) -> None:
        log = self.folder / "gunicorn.log"
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        with log.open("ab") as output:
            # In a session of its own: Ctrl-C ends the tests first, then this.
            self._server = subprocess.Popen(
                [
                    *command,
                    "--workers",
                    "1",
                    "--threads",
                    "4",
                    "--no-control-socket",
                    "--graceful-timeout",
                    "2",
                ],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
            )
        end = time.monotonic() + SECONDS_TO_START
        while not self._is_alive():
            if self._server.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError(f"The portal did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        if not self._server:
            return
        self._server.terminate()
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
        self._server = None

    def kill(self) -> None:
        """Ends the server and its workers at once, as a crash of the machine's memory would."""
        assert self._server
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()
        self._server = None

    def restart(self) -> None:
        """Stops and starts the server at the same address: what was kept only in its memory is gone."""
        self.stop()
        self.start()

    def _is_alive(self) -> bool:
        try:
            host = self.more.get("ALLOWED_HOSTS", f"127.0.0.1:{self.port}")
            asked = urllib.request.Request(f"{self.url}/health/live", headers={"Host": host})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:  # not listening yet, or not in order; urllib's errors are OSErrors
            return False


def _readable(raw: bytes) -> str:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    headers = [f"{name}: {message[name]}" for name in ("From", "To", "Subject")]
    return "\n".join([*headers, "", body.get_content() if body else ""])


def is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def _count(database_url: str, sql: str) -> int:
    """The number that a query gives."""
    if is_sqlite(database_url):
        with closing(sqlite3.connect(urlsplit(database_url).path)) as connection:
            return int(connection.execute(sql).fetchone()[0])
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
