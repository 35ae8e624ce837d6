"""Somebody at a browser, for tests that serve the portal and need no real one."""

import re
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar

from django.conf import settings

from tests.serving import Portal

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Visitor:
    """Keeps cookies and fills in the hidden fields of a form. An answer of 400 or more raises HTTPError."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def read(self, path: str) -> bytes:
        with self.opener.open(self.portal.url + path, timeout=30) as answer:
            return bytes(answer.read())

    def get(self, path: str) -> str:
        return self.read(path).decode()

    def post(self, path: str, shown: str, **fields: str) -> str:
        """`shown` is the page with the form."""
        return self._sent(path, urllib.parse.urlencode(dict(HIDDEN.findall(shown)) | fields).encode())

    def upload(self, path: str, shown: str, file: tuple[str, str, bytes], **fields: str) -> str:
        """Like `post`, with a file: its field, its name and its contents."""
        line = uuid.uuid4().hex
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (dict(HIDDEN.findall(shown)) | fields).items()
        ]
        field, name, content = file
        heading = f'--{line}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, heading.encode(), content, f"\r\n--{line}--\r\n".encode()])
        return self._sent(path, body, {"Content-Type": f"multipart/form-data; boundary={line}"})

    def sign_in(self, email: str) -> None:
        shown = self.get("/accounts/login/")
        landed = self.post("/accounts/login/", shown, login=email, password=settings.DEMONSTRATION_PASSWORD)
        assert "Sign out" in landed

    def _sent(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> str:
        asked = urllib.request.Request(self.portal.url + path, body, headers or {})
        with self.opener.open(asked, timeout=30) as answer:
            return str(answer.read().decode())
