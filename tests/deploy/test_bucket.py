"""Evidence in a bucket: uploaded at one machine, read at another, from a store that speaks S3."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.databases import copied
from tests.deploy.conftest import WITH_PROGRAMS
from tests.deploy.visitor import Visitor
from tests.servers import ends_with_its_parent, free_port
from tests.serving import Portal

pytestmark = WITH_PROGRAMS
BUCKET = "portal-evidence"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a portal whose evidence is in a bucket of a real server: moto, in an environment of its own."""
    folder = tmp_path_factory.mktemp("store")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python, port = folder / "venv/bin/python", free_port()
    subprocess.run([python, "-m", "pip", "install", "-qq", "moto[server,s3]>=5,<6"], check=True)
    with (folder / "log").open("wb") as output:
        running = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=ends_with_its_parent,  # noqa: PLW1509  one call into libc, no lock taken
        )
    settings = {
        "EVIDENCE_BUCKET": BUCKET,
        "AWS_ACCESS_KEY_ID": "portal",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
    }
    end = time.monotonic() + 30
    while b"Running on" not in (folder / "log").read_bytes():
        assert running.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < end
        time.sleep(0.1)
    bucket_of(settings).create(CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    yield settings
    running.terminate()
    running.wait(10)


def bucket_of(settings: dict[str, str]) -> Any:
    return boto3.resource(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id="portal",
        aws_secret_access_key="secret",
        region_name="eu-west-2",
    ).Bucket(BUCKET)


def test_evidence_uploaded_at_one_machine_is_read_at_another(
    store: dict[str, str], prepared_database: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        database_url = stack.enter_context(copied(prepared_database, tmp_path, "two_machines"))
        machines = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            machines.append(Portal(tmp_path / name, database_url, more=store))
            stack.callback(machines[-1].stop)
            machines[-1].start()
        lead, staff = Visitor(machines[0]), Visitor(machines[1])
        lead.sign_in("leicester-city-council@demo.example")
        staff.sign_in("staff@demo.example")
        form_at = re.search(r'href="(/actions/\d+/measures/\d+/update/)[^"]*"', lead.get("/updates/"))
        assert form_at
        lead.upload(
            form_at[1],
            lead.get(form_at[1]),
            ("evidence_file", "survey.pdf", PDF),
            status="on-track",
            comment="The survey is done, and its findings are attached.",
            do="submit",
        )
        link = re.search(r'href="(/updates/evidence/\d+/)"', staff.get(form_at[1].partition("measures")[0]))
        assert link
        assert staff.read(link[1]) == PDF
        assert [one.get()["Body"].read() for one in bucket_of(store).objects.all()] == [PDF]
        assert not list((tmp_path / "one").rglob("*.pdf"))
