"""Which process is at work on an e-mail, and whether it is still alive."""

import os
import socket
from functools import lru_cache
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


def identity() -> str:
    """This process: host, boot id, pid and start time; boot id and start time are “-” without /proc."""
    return _identity_of(os.getpid())


@lru_cache(maxsize=4)  # a forked process has another number
def _identity_of(pid: int) -> str:
    return f"{socket.gethostname()} {_boot()} {pid} {_started(pid)}"


def is_gone(claimed_by: str) -> bool:
    """Whether that process has certainly ended. False for one on another machine."""
    host, boot, pid, started = claimed_by.rsplit(" ", 3) if claimed_by.count(" ") >= 3 else ("",) * 4
    if host != socket.gethostname() or not boot.strip("-") or not started.strip("-"):
        return False
    return boot != _boot() or started != _started(int(pid))


def _boot() -> str:
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return "-"


def _started(pid: int) -> str:
    """When the process started, in ticks since boot; “gone” if there is no such process, or only a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return "gone" if BOOT.exists() else "-"
    return "gone" if after_name[0] == "Z" else after_name[19]
