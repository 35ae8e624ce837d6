"""A PostgreSQL with a streaming replica, and a pgbouncer in transaction mode in front of it."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import (
    INITDB_OPTIONS,
    USUAL_PATH,
    _stop,
    _unprivileged,
    _wait_until_it_answers,
    apt_install,
    ends_with_its_parent,
    free_port,
    postgres_folder,
)

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "hot_standby": "on",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_statement": "all",  # who read what is then told by the log
    "lc_messages": "C",
}


@dataclass
class Cluster:
    """One PostgreSQL, its data and its log below `folder`."""

    folder: Path
    common: dict[str, Any]
    port: int = field(default_factory=free_port)
    _server: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def run(self, program: str, *arguments: str) -> None:
        command = [str(postgres_folder() / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self.common)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as output:
            self._server = subprocess.Popen(
                [postgres_folder() / "postgres", "-D", self.folder / "data", *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
                **self.common,
            )
        _wait_until_it_answers(self.address, self._server, self.folder / "log")

    def stop(self) -> None:
        if self._server:
            _stop(self._server, signal.SIGINT)
        self._server = None


@contextmanager
def primary_and_replica() -> Iterator[tuple[Cluster, Cluster]]:
    as_user = _unprivileged()
    top = Path(tempfile.mkdtemp(prefix="portal-two-", dir="/tmp"))
    common: dict[str, Any] = {"cwd": top, "stdin": subprocess.DEVNULL, **as_user}
    common["env"] = {"PATH": os.environ.get("PATH", USUAL_PATH), "HOME": str(top), "LC_ALL": "C.UTF-8"}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, top, ignore_errors=True)
        clusters = []
        for name in ("primary", "replica"):
            (top / name).mkdir()
            clusters.append(Cluster(top / name, common))
        if as_user:
            for folder in (top, top / "primary", top / "replica"):
                os.chown(folder, as_user["user"], as_user["group"])
        primary, replica = clusters
        primary.run("initdb", "-D", str(primary.folder / "data"), *INITDB_OPTIONS)
        stack.callback(primary.stop)
        primary.start()
        port = str(primary.port)
        primary.run(
            "pg_basebackup",
            "-D",
            str(replica.folder / "data"),
            "-R",
            "-U",
            "postgres",
            "-h",
            "127.0.0.1",
            "-p",
            port,
        )
        stack.callback(replica.stop)
        replica.start()
        yield primary, replica


@contextmanager
def pgbouncer(cluster: Cluster) -> Iterator[int]:
    """The port of a pgbouncer in transaction mode in front of `cluster`, with two server connections a database."""
    path = "/usr/sbin:" + os.environ.get("PATH", USUAL_PATH)
    program = shutil.which("pgbouncer", path=path)
    if not program and apt_install("pgbouncer"):
        program = shutil.which("pgbouncer", path=path)
    assert program, "pgbouncer is not installed, and could not be installed from here"
    port = free_port()
    folder = cluster.folder.parent
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={cluster.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        "default_pool_size = 2\nignore_startup_parameters = options, extra_float_digits\n"
    )
    with (folder / "pgbouncer.log").open("wb") as output:
        running = subprocess.Popen(
            [program, folder / "pgbouncer.ini"],
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
            **cluster.common,
        )
    try:
        yield port
    finally:
        running.terminate()
        running.wait(10)
