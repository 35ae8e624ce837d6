"""Whether a known vulnerability is in what the portal is pinned to: `python -m tests.audit`, a part of `make check`.

pip-audit asks PyPI about each line of requirements.txt. What it finds fails the check. A look-up that could not be made
(no network, a mirror without such data) is reported as NOT CHECKED, never as passed; with AUDIT=strict,
as in the CI files, it fails as well.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (
    "-m pip_audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.txt".split()
)
SECONDS = 60
FOUND = "known vulnerabilit"  # how pip-audit begins the line that counts what it found


def outcome(status: int, output: str, *, strict: bool) -> tuple[int, str]:
    """The exit status, and what to tell, of pip-audit's own exit status and output."""
    if status == 0:
        return 0, "No known vulnerability in requirements.txt."
    if FOUND in output.lower():
        return 1, output.strip()
    told = output.strip().splitlines()
    reason = told[-1] if told else "pip-audit said nothing"
    advice = "" if strict else " Run it where PyPI answers: AUDIT=strict make check"
    return int(strict), f"NOT CHECKED for known vulnerabilities: {reason}.{advice}"


def main() -> int:
    strict = os.environ.get("AUDIT") == "strict"
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        status, text = outcome(done.returncode, done.stdout + done.stderr, strict=strict)
    except subprocess.TimeoutExpired:
        status, text = outcome(1, f"no answer in {SECONDS} s", strict=strict)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
