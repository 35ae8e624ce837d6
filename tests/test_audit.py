"""`python -m tests.audit` tells a vulnerability from a look-up that could not be made."""

import pytest

from tests.audit import outcome

pytestmark = pytest.mark.once

FOUND = "Found 2 known vulnerabilities in 1 package\nName   Version ID\ndjango 5.2.1   CVE-2026-1"
AWAY = "WARNING: slow\nERROR:pip_audit._cli:asgiref: Dependency not found on PyPI and could not be audited"


def test_nothing_found() -> None:
    assert outcome(0, "No known vulnerabilities found", strict=True)[0] == 0


@pytest.mark.parametrize("strict", [True, False])
def test_a_vulnerability_fails_and_is_named(strict: bool) -> None:
    status, text = outcome(1, FOUND, strict=strict)
    assert status == 1
    assert "CVE-2026-1" in text


@pytest.mark.parametrize(("strict", "expected"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("output", [AWAY, ""])
def test_a_look_up_that_failed_is_never_passed(output: str, strict: bool, expected: int) -> None:
    status, text = outcome(1, output, strict=strict)
    assert status == expected
    assert text.startswith("NOT CHECKED")
