"""The documentation says what is so: its links, settings, commands, dependencies, addresses and tests."""

import ast
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.urls import Resolver404, resolve

from actions.models import Status

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
KNOB = re.compile(r'\benv\.\w+\(\s*["\']([A-Z_]+)["\']')
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
REQUIREMENT = re.compile(r"\bV(\d+\.\d+\.\d+)\b")
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next one of the same rank."""
    _, _, rest = text_of(page).partition(f"\n## {heading}\n")
    assert rest, f"{named(page)} has no section “{heading}”"
    return rest.partition("\n## ")[0]


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page have, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading)).lower() for heading in headings]
    return {word.strip().replace(" ", "-") for word in words}


def commands(page: Path) -> set[str]:
    """The targets of each `make …` in a page's code, in line or in a block."""
    text = text_of(page)
    blocks = [line for block in FENCE.findall(text) for line in block.splitlines()]
    spans = [*CODE.findall(FENCE.sub("", text)), *blocks]
    calls = [match[1].split("#")[0].split() for span in spans if (match := re.match(r"make\b(.*)", span))]
    return {word for call in calls for word in call if "=" not in word}


def knobs() -> set[str]:
    return set(KNOB.findall(text_of(ROOT / "config" / "settings.py")))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", text_of(page))):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert target.exists(), f"{link} leads nowhere"
        if parts.fragment:
            assert parts.fragment in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize(
    "page", [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=named
)
def test_every_module_and_folder_that_is_named_exists(page: Path) -> None:
    spans = CODE.findall(FENCE.sub("", text_of(page)))
    named_here = [span for span in spans if re.fullmatch(r"[a-z_]+/[\w/.]*(\.py|\.json|\.txt|/)", span)]
    assert [span for span in named_here if not span.startswith("var/") and not (ROOT / span).exists()] == []


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in LINK.findall(text_of(page))
        if ":" not in link
    }
    for picture in (ROOT / "docs" / "screenshots").iterdir():
        assert picture in shown, f"{picture.name} is shown nowhere"
        assert picture.stat().st_size <= 250_000, f"{picture.name} is too large"


def test_every_setting_is_in_the_table_and_in_the_example() -> None:
    table = section(README, "Settings")
    example = text_of(ROOT / ".env.example")
    assert len(knobs()) > 10
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == knobs()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == knobs()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_exists(page: Path) -> None:
    assert commands(page) <= set(TARGET.findall(text_of(ROOT / "Makefile")))


def test_the_readme_names_every_command_that_make_lists() -> None:
    listed = set(re.findall(r"^([a-z]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert listed <= commands(README)


def test_every_direct_dependency_is_in_the_readme_with_a_reason() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in asked}
    table = section(README, "Direct dependencies")
    assert set(re.findall(r"^\| ([a-z0-9-]+) \| \S", table, re.MULTILINE)) - {"package"} == names


@pytest.mark.parametrize(
    "page", [README, ROOT / "docs" / "architecture.md", ROOT / "docs" / "deploying.md"], ids=named
)
def test_every_address_exists(page: Path) -> None:
    addresses = [span for span in CODE.findall(FENCE.sub("", text_of(page))) if span.startswith("/")]
    addresses = [span for span in addresses if not span.startswith(("/srv/", "/etc/"))]
    for address in addresses:
        try:
            resolve(urlsplit(address).path)
        except Resolver404:
            pytest.fail(f"{named(page)}: there is no page {address}")
    assert addresses


def test_the_glossary_has_every_status_as_the_portal_does() -> None:
    glossary = text_of(ROOT / "docs" / "user-guide.md")
    for status in Status:
        rows = re.findall(
            rf"^\| {re.escape(status.label)} \| (\S) \S.* \| (.+) \| .+ \|$", glossary, re.MULTILINE
        )
        assert len(rows) == 1, status.label
        symbol, meaning = rows[0]
        assert symbol == status.symbol
        assert meaning.startswith(status.meaning)


@pytest.mark.parametrize("name", ["security.md", "privacy.md"])
def test_every_test_that_is_named_exists(name: str) -> None:
    named_here = set(NAMED_TEST.findall(text_of(ROOT / "docs" / name)))
    found: dict[str, set[str]] = {}
    for path in {path for path, _ in named_here}:
        assert (ROOT / path).is_file(), path
        tree = ast.parse(text_of(ROOT / path))
        found[path] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    missing = {f"{path}::{test}" for path, test in named_here if test and test not in found[path]}
    assert named_here
    assert missing == set()


def test_every_requirement_of_asvs_has_one_row() -> None:
    """The numbers are those of levels 1 and 2 of OWASP ASVS 5.0.0."""
    wanted = text_of(ROOT / "tests" / "data" / "asvs-5.0.0-level-2.txt").split()
    assert len(wanted) == 253
    assert sorted(REQUIREMENT.findall(text_of(ROOT / "docs" / "security.md"))) == sorted(wanted)
