"""Whether requirements*.txt fit pyproject.toml, told without a network: `python -m tests.pins`."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def pins(text: str) -> dict[str, str]:
    """Name to version, of each line `name==version` of a requirements file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def misfits() -> list[str]:
    """A sentence for each direct dependency not pinned as asked, and each pin that the lists disagree on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    dev = pins((ROOT / "requirements-dev.txt").read_text(encoding="utf-8"))
    asked = [(line, run, "requirements.txt") for line in project["project"]["dependencies"]]
    asked += [(line, dev, "requirements-dev.txt") for line in project["dependency-groups"]["dev"]]
    found = []
    for line, pinned, file in asked:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            found.append(f"{file} does not pin {requirement.name}.")
        elif not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{file} pins {requirement.name} {version}; asked for is {requirement.specifier}.")
    for name, version in run.items():
        if dev.get(name) != version:
            found.append(f"{name} is {version} in requirements.txt, {dev.get(name)} in requirements-dev.txt.")
    return found


if __name__ == "__main__":
    if problems := misfits():
        sys.exit("\n".join([*problems, "Run make lock to pin them again."]))
    print("Every dependency is pinned as pyproject.toml asks.")
