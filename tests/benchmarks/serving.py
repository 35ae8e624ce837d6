"""Servers in processes of their own: the portal and its peers under gunicorn, Datasette; and their memory."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.servers import ends_with_its_parent, free_port, say

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 60
# The peers' own libraries: never a dependency of the portal, made when missing. Jinja2 comes with Datasette.
PEERS = ("datasette==0.65.5", "jinja2==3.1.6", "markupsafe==3.0.4", "setuptools==80.9.0")
PEERS_FOLDER = Path(os.environ.get("BENCH_VENV", ROOT / "var" / "bench-venv"))


@dataclass(frozen=True)
class Server:
    """A served process; `workers` are the processes that answer."""

    port: int
    pid: int

    @property
    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in children.read_text().split()] or [self.pid]

    def memory(self, what: str = "VmRSS") -> float:
        """Memory of the first worker in MB: VmRSS is now, VmHWM the most since `forget_peak`."""
        lines = Path(f"/proc/{self.workers[0]}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024

    def forget_peak(self) -> None:
        """Make VmHWM begin again from VmRSS (Linux: clear_refs)."""
        Path(f"/proc/{self.workers[0]}/clear_refs").write_text("5")


@contextmanager
def portal(database_url: str, *, demonstration: bool = False, workers: int = 1) -> Iterator[Server]:
    """The portal as `make run` serves it, with one worker: what a process keeps is warm, and its memory known."""
    environment = {"DATABASE_URL": database_url, "DEMONSTRATION": "on" if demonstration else "off"}
    with _gunicorn("config.wsgi", environment, workers) as server:
        yield server


@contextmanager
def peers(database_url: str, *, workers: int = 1, as_django_comes: bool = False) -> Iterator[Server]:
    """The peers of `tests.benchmarks.peers`, on the same database and server.

    They keep their connections as the portal does; `as_django_comes` opens one for each request instead.
    """
    environment = {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "BENCH_LIBRARIES": str(_libraries()),
        "BENCH_AS_DJANGO_COMES": "1" if as_django_comes else "",
    }
    with _gunicorn("tests.benchmarks.peers", environment, workers) as server:
        yield server


@contextmanager
def admin(database_url: str) -> Iterator[Server]:
    """The portal once more, with 25 rows on a page of the admin, as its peers have."""
    with _gunicorn("tests.benchmarks.admin_wsgi", {"DATABASE_URL": database_url}, 1) as server:
        yield server


@contextmanager
def datasette(file: str) -> Iterator[Server]:
    """Datasette on the same SQLite file."""
    port = free_port()
    command = [_peers_python(), "-m", "datasette", "serve", file, "--host", "127.0.0.1", "--port", str(port)]
    with _started([*command, "--setting", "num_sql_threads", "4"], {}, port, "/-/versions.json") as server:
        yield server


@contextmanager
def _gunicorn(app: str, environment: Mapping[str, str], workers: int) -> Iterator[Server]:
    port = free_port()
    command = (
        f"-m gunicorn {app} --bind 127.0.0.1:{port} --workers {workers} --worker-class gthread --threads 4"
    )
    more = "--no-control-socket --log-level warning --keep-alive 75 --timeout 1800 --graceful-timeout 2"
    with _started([sys.executable, *command.split(), *more.split()], environment, port) as server:
        yield server


@contextmanager
def _started(
    command: list[str], environment: Mapping[str, str], port: int, alive: str = "/health/live"
) -> Iterator[Server]:
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
        )
        try:
            end = time.monotonic() + SECONDS_TO_START
            while not _is_alive(port, alive):
                if running.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{command} did not start:\n{Path(log.name).read_text()[-4000:]}")
                time.sleep(0.05)
            yield Server(port, running.pid)
        finally:
            _stop(running)


def _is_alive(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.suppress(OSError, HTTPException), contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False


def _stop(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def _peers_python() -> str:
    """The Python of the peers' environment, made when it is missing."""
    python = PEERS_FOLDER / "bin" / "python"
    done = PEERS_FOLDER / "installed"
    wanted = "\n".join(PEERS)
    if not done.exists() or done.read_text() != wanted:
        say(f"Installing {', '.join(PEERS)} in {PEERS_FOLDER}")
        venv.create(PEERS_FOLDER, with_pip=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install", *PEERS]
        installed = subprocess.run(pip, capture_output=True, text=True, check=False)
        if installed.returncode:
            raise SystemExit(f"pip could not install the peers:\n{installed.stderr[-4000:]}")
        done.write_text(wanted)
    return str(python)


def _libraries() -> Path:
    _peers_python()
    return next(PEERS_FOLDER.glob("lib/python*/site-packages"))
