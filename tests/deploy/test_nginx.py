"""deploy/nginx/portal.conf in a real nginx, in front of a real portal."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.databases import copied
from tests.deploy.conftest import ROOT, WITH_PROGRAMS
from tests.servers import apt_install, free_port
from tests.serving import Portal

CONF = (ROOT / "deploy/nginx/portal.conf").read_text(encoding="utf-8")
HOST = "portal.example.org"
pytestmark = WITH_PROGRAMS


class Front(NamedTuple):
    http: int
    https: int
    certificate: Path

    def ask(
        self, path: str, *, name: str = HOST, method: str = "GET", body: bytes = b""
    ) -> tuple[int, Message, bytes]:
        """Status, headers and body over TLS. Raises ssl.SSLError where nginx refuses the name."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with (
            socket.create_connection(("127.0.0.1", self.https), 20) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            connection = http.client.HTTPSConnection(HOST, self.https)
            connection.sock = secure
            connection.request(method, path, body=body, headers={"Host": name})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def ask_plainly(self, path: str, *, name: str = HOST) -> tuple[int, Message]:
        """Status and headers without TLS. Raises RemoteDisconnected where nginx hangs up."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)) as connection:
            connection.request("GET", path, headers={"Host": name})
            answer = connection.getresponse()
            return answer.status, answer.headers


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def nginx() -> str:
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found and apt_install("nginx-light"):
        found = shutil.which("nginx", path="/usr/sbin")
    assert found, "nginx is not installed, and could not be installed from here"
    return found


@pytest.fixture(scope="module")
def portal(prepared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("behind_nginx")
    with copied(prepared_database, folder, "behind_nginx") as database_url:
        served = Portal(
            folder,
            database_url,
            more={"ALLOWED_HOSTS": HOST, "TRUSTED_PROXIES": "1", "PORTAL_ADDRESS": f"https://{HOST}"},
        )
        served.start()
        yield served
        served.stop()


@pytest.fixture
def front(portal: Portal, tmp_path: Path, certificate: Path) -> Iterator[Front]:
    plain, secure = free_port(), free_port()
    conf = re.sub(r"listen \[::\].*\n", "", CONF)
    conf = re.sub(r"listen 80\b", f"listen 127.0.0.1:{plain}", conf)
    conf = re.sub(r"listen 443\b", f"listen 127.0.0.1:{secure}", conf)
    conf = re.sub(r"ssl_certificate +\S+;", f"ssl_certificate {certificate};", conf)
    conf = re.sub(r"ssl_certificate_key +\S+;", f"ssl_certificate_key {tmp_path}/key.pem;", conf)
    conf = conf.replace("127.0.0.1:8000", f"127.0.0.1:{portal.port}")
    conf = conf.replace("/srv/portal/current/var/static/", f"{ROOT}/var/static/")
    (tmp_path / "nginx.conf").write_text(
        "daemon off; worker_processes 1; pid nginx.pid; error_log error.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + "events {}\nhttp { access_log off; include /etc/nginx/mime.types;\n"
        + "".join(
            f"{name}_temp_path tmp_{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + conf
        + "}\n"
    )
    running = subprocess.Popen([nginx(), "-p", str(tmp_path), "-c", "nginx.conf"])
    end = time.monotonic() + 10
    while not listens(secure):
        assert running.poll() is None, (tmp_path / "error.log").read_text()
        assert time.monotonic() < end
        time.sleep(0.05)
    yield Front(plain, secure, certificate)
    running.terminate()
    running.wait(10)


def test_pages_and_static_files_come_over_tls_and_plain_http_is_redirected(front: Front) -> None:
    assert front.ask("/health/ready")[0] == 200
    status, _, page = front.ask("/accounts/login/")
    assert status == 200
    sheet = re.search(rb'href="(/static/portal[^"]+css)"', page)
    assert sheet
    status, headers, _ = front.ask(sheet[1].decode())
    assert (status, headers["Content-Type"]) == (200, "text/css")
    assert "immutable" in headers["Cache-Control"]
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    status, headers = front.ask_plainly("/actions/?q=a")
    assert (status, headers["Location"]) == (301, f"https://{HOST}/actions/?q=a")


def test_a_client_that_can_speaks_tls_1_3(front: Front) -> None:
    """The server of other names decides it, whatever that of the portal says."""
    context = ssl.create_default_context(cafile=str(front.certificate))
    with (
        socket.create_connection(("127.0.0.1", front.https), 20) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secure,
    ):
        assert secure.version() == "TLSv1.3"


def test_another_host_name_never_reaches_the_portal(front: Front) -> None:
    with pytest.raises(ssl.SSLError):
        front.ask("/health/live", name="evil.example.org")
    with pytest.raises(http.client.RemoteDisconnected):
        front.ask_plainly("/health/live", name="evil.example.org")


def test_a_body_that_is_too_large_is_refused_before_the_portal(front: Front) -> None:
    assert front.ask("/accounts/login/", method="POST", body=b"x" * (13 * 1024 * 1024))[0] == 413


def test_sixty_slow_clients_hold_nobody_up(front: Front) -> None:
    """They send half a request and wait; gunicorn alone has four threads here."""
    half = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\nhalf".encode()
    context = ssl.create_default_context(cafile=str(front.certificate))
    with ExitStack() as stack:
        for _ in range(60):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", front.https), 10))
            slow = stack.enter_context(context.wrap_socket(plain, server_hostname=HOST))
            slow.sendall(half)
        assert front.ask("/health/live")[0] == 200
