"""The habits of the house that a program can see: how long functions and modules are."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOMS = ("config", "reporting", "actions", "partners", "strategy", "history", "outbox", "web", "tests")
FILES = sorted(
    file
    for room in ROOMS
    for file in (settings.BASE_DIR / room).rglob("*.py")
    if "migrations" not in file.parts
)
FUNCTION_AT_MOST, MODULE_AT_MOST = 40, 300


@pytest.mark.parametrize("room", ROOMS)
def test_no_function_is_longer_than_a_screen(room: str) -> None:
    long = []
    for file in (file for file in FILES if file.relative_to(settings.BASE_DIR).parts[0] == room):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_AT_MOST:
                    long.append(f"{file.relative_to(settings.BASE_DIR)}:{node.lineno} {node.name}: {lines}")
    assert long == []


def test_no_module_is_longer_than_its_noun() -> None:
    """Past 300 lines a module becomes a package. A test file is as long as its page needs."""
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    long = {
        str(file.relative_to(settings.BASE_DIR)): length
        for file, length in lengths.items()
        if length > MODULE_AT_MOST and Path("tests") not in file.relative_to(settings.BASE_DIR).parents
    }
    assert long == {}
