"""Fetch what this folder holds, and DejaVu Sans in `web/fonts`, afresh: `python static/vendor/fetch.py`.

Needs `npm` (it asks whatever package registry npm is set up with) and nothing but Python's standard library.
The packages are pinned by version and by SHA-512; a package that differs is refused. `OFFLINE` names a folder
of tarballs to take instead of asking: `OFFLINE=/tmp python static/vendor/fetch.py`.
"""

import base64
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOVUK = ("govuk-frontend", "6.6.0")
PUBLIC_SANS = ("@fontsource-variable/public-sans", "5.3.0")
DEJAVU = ("dejavu-fonts-ttf", "2.37.3")
FONTS_FOLDER = HERE.parent.parent / "web" / "fonts"
INTEGRITY = {
    DEJAVU: "sha512-f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
    GOVUK: "sha512-xctkWrQvLnvQt7fyjQ3MGX9S0wz0x0RQuLxCeoXF+s8EjGICG81/DYQGKN5qgO+0KVT12UAaRwUsGY6fulRcRg==",
    PUBLIC_SANS: "sha512-AVfkmAt50BMXWpOO21FAntiJFKGX6xTc2dSL8dxtDteONe9IuRXJWGbs0EbG955vAMCq23ENeuopuW87cGWDSQ==",  # noqa: E501
}
FONTS = '"Public Sans",system-ui,sans-serif'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        govuk, public_sans, dejavu = (
            pack(package, Path(folder)) for package in (GOVUK, PUBLIC_SANS, DEJAVU)
        )
        css = member(govuk, "dist/govuk/govuk-frontend.min.css").decode()
        (HERE / "govuk-frontend.css").write_text(undress(css), encoding="utf-8")
        font = member(public_sans, "files/public-sans-latin-wght-normal.woff2")
        (HERE / "public-sans-latin.woff2").write_bytes(font)
        (FONTS_FOLDER / "DejaVuSans.ttf").write_bytes(member(dejavu, "ttf/DejaVuSans.ttf"))
        (FONTS_FOLDER / "LICENSE.dejavu.txt").write_bytes(member(dejavu, "LICENSE"))
        (HERE / "LICENSE.public-sans.txt").write_bytes(member(public_sans, "LICENSE"))


def pack(package: tuple[str, str], folder: Path) -> Path:
    """The package's tarball as npm packs it. Exits if it is not the one that was looked at."""
    name, version = package
    file = f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if offline := os.environ.get("OFFLINE"):
        tarball = Path(offline) / file
    else:
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        tarball = folder / file
    digest = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if digest != INTEGRITY[package]:
        sys.exit(f"{file} is not the package that was looked at: {digest}")
    return tarball


def member(tarball: Path, path: str) -> bytes:
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(f"package/{path}")
        if file is None:
            sys.exit(f"{tarball.name} has no {path}")
        return file.read()


def undress(css: str) -> str:
    """GOV.UK's patterns without what is not free to use (typeface, crest), and no map that is not here."""
    css, faces = re.subn(r"@font-face\{[^}]*\}", "", css)
    css, crests = re.subn(r"(?:-webkit-)?[a-z-]+:url\([^)]*govuk-crest\.svg\)[^;}]*;?", "", css)
    css, families = re.subn(r"GDS Transport,arial,sans-serif", FONTS, css)
    css, maps = re.subn(r"\s*/\*# sourceMappingURL=[^*]*\*/\s*", "\n", css)
    if (faces, crests, maps) != (2, 3, 1) or not families or re.search(r"GDS|url\(", css):
        sys.exit("govuk-frontend's CSS has changed its shape: look at it before dressing it again.")
    return css


if __name__ == "__main__":
    main()
