"""Template lines have fewer than 120 characters: `python -m tests.lines` fails for each that is longer.

djlint's `max_line_length` applies to its formatter only, not to its linter.
"""

import sys
from pathlib import Path

FEWER_THAN = 120
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def long_lines(folder: Path) -> list[str]:
    """Each line that is too long, as `file:line: length`. A line of an e-mail is a paragraph, and may be long."""
    return [
        f"{file.relative_to(folder)}:{number}: {len(line)} characters"
        for file in sorted(folder.rglob("*.html"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) >= FEWER_THAN
    ]


if __name__ == "__main__":
    found = long_lines(TEMPLATES)
    sys.exit(
        "\n".join([*found, f"Template lines must have fewer than {FEWER_THAN} characters."]) if found else 0
    )
