"""`manage.py parse_framework`: the committed fixture, where it writes, and that any fault stops it from writing."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from strategy.framework_fixture import as_json, read_records
from strategy.framework_table import parse
from tests.conftest import FRAMEWORK, run_bare

pytestmark = pytest.mark.once

SOURCE = settings.BASE_DIR / "fixtures" / "framework.txt"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.txt"
    path.write_bytes(
        SOURCE.read_bytes().replace(b"\t5\tLeicester", b"\t2\tLeicester").replace(b"Creative\tC", b"C")
    )
    return path


def run(*arguments: str | Path) -> tuple[str, str]:
    """The output of the command, and its errors."""
    out, err = StringIO(), StringIO()
    call_command("parse_framework", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_committed_fixture_is_what_the_parser_makes_of_the_committed_text() -> None:
    assert as_json(parse(SOURCE.read_bytes())).encode() == FRAMEWORK.read_bytes()


def test_the_fixture_has_natural_keys_and_no_primary_keys() -> None:
    text = FRAMEWORK.read_text(encoding="utf-8")
    assert '"pk"' not in text
    assert '"id"' not in text


def test_it_writes_to_the_given_file_and_lists_every_mend(tmp_path: Path) -> None:
    output, wrong = run(SOURCE, "--output", tmp_path / "made.json")
    assert (tmp_path / "made.json").read_bytes() == FRAMEWORK.read_bytes()
    assert wrong == ""
    mends = parse(SOURCE.read_bytes()).mends
    assert output.splitlines()[:-1] == [f"{SOURCE}: {mend}" for mend in mends]
    assert (
        "32 actions, 5 vital fews, 4 themes, 6 clusters, 16 leads; 48 corrections." in output.splitlines()[-1]
    )


@pytest.mark.parametrize("old", [None, "the old file"])
def test_with_any_fault_it_lists_all_of_them_and_writes_nothing(
    broken: Path, tmp_path: Path, old: str | None
) -> None:
    output = tmp_path / "out" / "made.json"
    output.parent.mkdir()
    if old:
        output.write_text(old)
    before = list(output.parent.iterdir())
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match=r"^2 faults in .*; nothing was written") as refused:
        call_command("parse_framework", str(broken), "--output", str(output), stdout=out, stderr=err)
    assert refused.value.returncode == 1
    assert "line 18, column 4: action 2 is already on line 15" in err.getvalue()
    assert "line 19, column 10: 10 cells are too few; 11 were expected" in err.getvalue()
    assert out.getvalue() == ""
    assert list(output.parent.iterdir()) == before
    assert old is None or output.read_text() == old


@pytest.mark.parametrize("source", ["absent.txt", "."])
def test_a_source_that_cannot_be_read_is_reported(tmp_path: Path, source: str) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / source, "--output", tmp_path / "made.json")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run(SOURCE, "--output", tmp_path / "absent" / "made.json")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    output = tmp_path / "made.json"
    output.touch(0o640)
    run(SOURCE, "--output", output)
    assert output.stat().st_mode & 0o777 == 0o640
    assert output.read_bytes() == FRAMEWORK.read_bytes()


def test_without_arguments_and_with_an_empty_environment_it_remakes_the_portals_fixture(
    bare_portal: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "portal"
    shutil.copytree(bare_portal, copy)
    (copy / "fixtures" / "framework.json").unlink()
    done = run_bare(copy, "manage.py", "parse_framework")
    assert (done.returncode, done.stderr) == (0, "")
    assert (copy / "fixtures" / "framework.json").read_bytes() == FRAMEWORK.read_bytes()


def test_with_an_empty_environment_a_fault_is_exit_status_1(bare_portal: Path, broken: Path) -> None:
    output = broken.with_suffix(".json")
    done = run_bare(bare_portal, "manage.py", "parse_framework", str(broken), "--output", str(output))
    assert done.returncode == 1
    assert "line 18, column 4" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


# --- The fixture, read again ---------------------------------------------


@pytest.mark.parametrize("characters", [1, 7, 1 << 20])
def test_a_fixture_is_read_record_by_record_as_json_reads_it(
    monkeypatch: pytest.MonkeyPatch, characters: int
) -> None:
    monkeypatch.setattr("strategy.framework_fixture.CHARACTERS_AT_ONCE", characters)
    text = FRAMEWORK.read_text(encoding="utf-8")
    for written in (text, json.dumps(json.loads(text), indent=1), " [ ] \n"):
        assert list(read_records(StringIO(written))) == json.loads(written)


@pytest.mark.parametrize(
    "text",
    ["", "[", "{}", "[1]", "[{}", "[{},]", "[{} {}]", "[,{}]", "[{}] []", '[{"a": }]', '[{"a": 1]', "[{}}"],
)
def test_what_is_not_a_json_list_of_objects_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"list of records was expected|in the record that begins with [{]"):
        list(read_records(StringIO(text)))
