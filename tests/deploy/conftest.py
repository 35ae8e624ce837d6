"""What is in deploy/, tried with the real programs. Tests with the mark `installs` run in `make soak` alone."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).parent
WITH_PROGRAMS = pytest.mark.skipif(
    "SOAK" not in os.environ, reason="starts nginx or installs a release: part of make soak"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.once)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for portal.example.org, signed by itself, with its key beside it as key.pem."""
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out "
        "cert.pem -subj /CN=portal.example.org -addext subjectAltName=DNS:portal.example.org".split(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    return tmp_path / "cert.pem"
