"""The file: a zip with a manifest, a file of JSON lines for each table, and the evidence. docs/deploying.md has more.

It is written under another name, and gets its own when it is complete. Nobody but its owner can read it.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
NO_MATCH = "Its contents do not match its checksums"


class ArchiveError(Exception):
    """The file cannot be used. The message tells people why."""


class Writer:
    """Adds members to a new archive, and counts and hashes them for its manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def table(self, name: str, lines: Iterable[bytes]) -> dict[str, Any]:
        """Add a table's rows, a line each, and return their number and checksum."""
        digest, rows = sha256(), 0
        with self._archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as member:
            for line in lines:
                digest.update(line)
                member.write(line)
                rows += 1
        return {"rows": rows, "sha256": digest.hexdigest()}

    def file(self, name: str, content: Any) -> dict[str, Any]:
        """Add a file, and return its length and checksum."""
        digest, length = sha256(), 0
        with self._archive.open(f"files/{name}", "w", force_zip64=True) as member:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                member.write(chunk)
                length += len(chunk)
        return {"bytes": length, "sha256": digest.hexdigest()}

    def manifest(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        self._archive.writestr(MANIFEST, text)
        self._archive.comment = sha256(text).hexdigest().encode()


@contextmanager
def new(path: Path) -> Iterator[Writer]:
    """Write an archive to `path`, in place of an older one if all goes well. A failure leaves nothing behind."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_folder(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Reader:
    """An archive that is complete and undamaged: every checksum is compared when it is opened."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(archive)
        for name, table in self.manifest["tables"].items():
            self._compare(f"tables/{name}.jsonl", table["sha256"])
        for name, file in self.manifest["files"].items():
            self._compare(f"files/{name}", file["sha256"])

    def rows(self, table: str) -> Iterator[list[Any]]:
        with self._archive.open(f"tables/{table}.jsonl") as member:
            for line in member:
                yield json.loads(line)

    def file(self, name: str) -> Any:
        """The file, opened for reading bytes."""
        return self._archive.open(f"files/{name}")

    def _compare(self, member: str, expected: str) -> None:
        digest = sha256()
        with self._archive.open(member) as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != expected:
            raise ArchiveError(f"{NO_MATCH}: {member}.")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open an archive and check all of it. Raises ArchiveError."""
    with ExitStack() as stack:
        try:
            reader = Reader(stack.enter_context(zipfile.ZipFile(path)))
        except (
            OSError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            LookupError,
            ValueError,
            RuntimeError,
        ) as error:
            raise ArchiveError(_why_unreadable(path, error)) from error
        yield reader


def _why_unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file {path}."
    if isinstance(error, OSError) and error.strerror:
        return f"{path} cannot be read: {error.strerror}."
    return f"{path} is damaged or incomplete, or is not a backup of this portal."


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    text = archive.read(MANIFEST)
    if sha256(text).hexdigest().encode() != archive.comment:
        raise ArchiveError(f"{NO_MATCH}: {MANIFEST}.")
    found: dict[str, Any] = json.loads(text)
    if found["format"] > FORMAT:
        raise ArchiveError(
            f"It was made by a newer portal, version {found['version']}. Upgrade this one first, then try again."
        )
    return found
