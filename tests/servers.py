"""What the tests need besides Python: a PostgreSQL of their own and a Chromium; found, or installed, or said.

`python -m tests.servers` shows what it finds (and installs what is missing).
"""

import ctypes
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import playwright

OLDEST_POSTGRES = 14  # what Django 5.2 supports
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INITDB_OPTIONS = ("-U", "postgres", "-E", "UTF8", "--auth=trust", "--locale=C.UTF-8", "--no-sync")
# A server that lives for minutes: nothing needs to survive a power cut.
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "lc_messages": "C",
}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux has it; looked up here, not between fork and exec


def ends_with_its_parent() -> None:
    """A `preexec_fn`: the process gets SIGTERM when the one that started it is gone, even by SIGKILL."""
    if _prctl:
        _prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def apt_install(*packages: str) -> bool:
    """Whether the distribution's packages could be installed. Tries only where it may without a question."""
    if not shutil.which("apt-get", path=USUAL_PATH):
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not shutil.which("sudo"):
        return False
    say(f"Installing {' '.join(packages)} from the distribution")
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-oDPkg::Lock::Timeout=120"]
    environment = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:{USUAL_PATH}"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*apt, *command],
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    if done.returncode:
        say((done.stderr or done.stdout).strip()[-1000:])
    return done.returncode == 0


# --- PostgreSQL ------------------------------------------------------------


def _postgres_folder() -> Path | None:
    """The folder of `initdb` and `postgres`: on the PATH, else the newest of Debian's."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in [*on_path, *installed]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            version = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, text=True, check=False
            )
            number = re.search(r"\d+", version.stdout)
            if number and int(number[0]) >= OLDEST_POSTGRES:
                return folder
    return None


def postgres_folder() -> Path:
    folder = _postgres_folder()
    if not folder and apt_install("postgresql"):
        folder = _postgres_folder()
    if not folder:
        raise SystemExit(
            f"The tests need PostgreSQL {OLDEST_POSTGRES} or newer (initdb, postgres), and it could not be "
            "installed from here.\nPlease install it, then run them again: sudo apt-get install postgresql"
        )
    return folder


def _unprivileged() -> dict[str, Any]:
    """How to start a process that refuses to run as root: arguments of `subprocess`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise SystemExit(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody here."
    )


@dataclass
class Postgres:
    """A PostgreSQL server of the tests, which can be stopped and started again. `url` is its empty database."""

    binaries: Path
    folder: Path
    common: dict[str, Any]
    port: int = field(default_factory=free_port)
    _server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/portal"

    def start(self) -> None:
        self._server = _start(self.binaries, self.folder, self.port, self.common)
        _wait_until_it_answers(self.url, self._server, self.folder / "log")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        if self._server:
            _stop(self._server, how)
            self._server = None


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own on a free port, gone afterwards. Gives the DATABASE_URL of an empty one."""
    with postgres_server() as server:
        yield server.url


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """The same, as a server that a test can stop."""
    binaries = postgres_folder()
    as_user = _unprivileged()
    # /tmp, whatever TMPDIR says: the path of a Unix socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-", dir="/tmp"))
    server: Postgres | None = None
    try:
        if as_user:
            os.chown(folder, as_user["user"], as_user["group"])
        # Neither the current folder nor HOME need be readable by that user.
        common: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, **as_user}
        common["env"] = {"PATH": os.environ.get("PATH", USUAL_PATH), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        _init(binaries, folder, common)
        server = Postgres(binaries, folder, common)
        server.start()
        run_sql(server.url, "CREATE DATABASE portal")
        yield server
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _init(binaries: Path, folder: Path, common: dict[str, Any]) -> None:
    command = [binaries / "initdb", "-D", folder / "data", *INITDB_OPTIONS]
    made = subprocess.run(command, capture_output=True, text=True, check=False, **common)
    if made.returncode:
        raise SystemExit(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")


def _start(binaries: Path, folder: Path, port: int, common: dict[str, Any]) -> "subprocess.Popen[bytes]":
    settings = POSTGRES_SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as output:
        # In a session of its own: Ctrl-C ends the tests first, then this.
        return subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
            **common,
        )


def _wait_until_it_answers(
    address: str, server: "subprocess.Popen[bytes]", log: Path, seconds: float = 60
) -> None:
    import psycopg2

    end = time.monotonic() + seconds
    while True:
        try:
            run_sql(address)
            return
        except psycopg2.OperationalError as error:
            if server.poll() is not None or time.monotonic() > end:
                text = log.read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"PostgreSQL did not start ({error}):\n{text}") from error
        time.sleep(0.1)


def _stop(server: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    server.send_signal(how)  # SIGQUIT is at once: the data is thrown away anyhow
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def run_sql(database_url: str, *statements: str) -> None:
    """Runs statements on the server of `database_url`, but in its database postgres; no transaction."""
    import psycopg2

    parts = urlsplit(database_url)
    connection = psycopg2.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password, dbname="postgres"
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


# --- Chromium ------------------------------------------------------------


def _starts(path: str | Path) -> bool:
    """Whether it starts. Not Ubuntu's stub for a snap, and none in a snap, which sees no /tmp."""
    path = Path(path)
    if not path.is_file() or "/snap" in str(path.resolve()):
        return False
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"#!") and b"/snap/bin/" in start:
        return False
    try:
        subprocess.run([path, "--version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    candidates = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in names)]
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/*/*headless*shell"):
        candidates += sorted(map(str, downloads.glob(pattern)), reverse=True)
    return next((path for path in candidates if path and _starts(path)), None)


def _driver_starts() -> bool:
    """Playwright brings a Node.js of its own, and not the one library that a bare Debian lacks."""
    driver = Path(playwright.__file__).parent / "driver" / "node"
    return not driver.exists() or _starts(driver)


def chromium() -> str:
    """The path of a Chromium that starts. CHROMIUM names another than the one that is found.

    Also sees to it that Playwright can drive it. Raises SystemExit, saying what to install, where either cannot be.
    """
    if not _driver_starts() and not (apt_install("libatomic1") and _driver_starts()):
        raise SystemExit(
            "The browser tests drive Chromium with Playwright, and that does not start here.\n"
            "Please install the library that it needs: sudo apt-get install libatomic1"
        )
    if found := _find_chromium():
        return found
    try:
        system = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        system = ""
    # Ubuntu's package is a stub that installs a snap, which needs a running snapd and sees no /tmp.
    if "ID=ubuntu" not in system.splitlines() and apt_install("chromium") and (found := _find_chromium()):
        return found
    say("Fetching Chromium with Playwright")
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if found := _find_chromium():
        return found
    raise SystemExit(
        "The browser tests need Chromium, and it could not be installed from here.\n"
        "Please install Chromium or Chrome (Debian: sudo apt-get install chromium), "
        "or name one: CHROMIUM=/path/to/chrome"
    )


if __name__ == "__main__":
    print(f"Chromium:   {chromium()}")
    with postgres() as url:
        print(f"PostgreSQL: {postgres_folder()}, answers at {url}")
