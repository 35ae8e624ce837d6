"""CSV and XLSX of the whole plan: time to the first byte, total, memory; beside openpyxl writing the same cells.

And the board's paper as a PDF: the slowest of five.
"""

import io
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from tests.benchmarks import serving
from tests.benchmarks.client import Answer, Browser
from tests.benchmarks.databases import Database
from tests.benchmarks.serving import ROOT
from tests.benchmarks.table import Row, with_unit

XLSX_RATIO_FROM = (
    1_000  # actions; below, a file is mostly its notes and styles, of which the yardstick has none
)
BUDGET = 60  # seconds; a file that takes longer is fetched once


def file_rows(database: Database) -> Iterator[Row]:
    csv, memory = fetched(database, "/actions/export.csv")
    yield Row("csv: first byte", database.actions, _median(csv, "first") * 1000, "ms", most=100)
    size = f"{len(csv[0].body) / 1024:,.0f} KB; answers {csv[0].status}"
    yield Row("csv: total", database.actions, _median(csv, "seconds") * 1000, "ms", size)
    yield Row("csv: memory over idle", database.actions, memory, "MB")
    yield from xlsx_rows(database)
    yield paper_row(database)


def paper_row(database: Database) -> Row:
    """The first paper of a fresh worker is the slowest: it reads the typefaces."""
    paper, memory = fetched(database, "/board/paper.pdf")
    if paper[0].status != 200:
        return Row("paper.pdf", database.actions, None, note=f"answers {paper[0].status}")
    slowest = max(answer.seconds for answer in paper) * 1000
    size = (
        f"{len(paper[0].body) / 1024:,.0f} KB; median {with_unit(_median(paper, 'seconds') * 1000, 'ms')}; "
    )
    note = size + f"memory over idle {with_unit(memory, 'MB')}"
    return Row(
        "paper.pdf: slowest",
        database.actions,
        slowest,
        "ms",
        note,
        2_000 if database.actions <= 32 else 20_000,
    )


def xlsx_rows(database: Database) -> Iterator[Row]:
    book, memory = fetched(database, "/actions/export.xlsx")
    first = with_unit(_median(book, "first") * 1000, "ms")
    if book[0].status != 200:
        yield Row("xlsx", database.actions, None, note=f"answers {book[0].status}")
        return
    bare = bare_openpyxl(cells_of(book[0].body), len(book))
    seconds = _median(book, "seconds")
    note = f"{with_unit(seconds * 1000, 'ms')} beside {with_unit(bare['seconds'] * 1000, 'ms')}; first byte {first}"
    most = 1.3 if database.actions >= XLSX_RATIO_FROM else None
    yield Row(
        "xlsx: × bare openpyxl write-only", database.actions, seconds / bare["seconds"], "×", note, most
    )
    note = f"bare openpyxl {with_unit(bare['memory'], 'MB')}"
    yield Row("xlsx: memory over idle", database.actions, memory, "MB", note, most=60)


def fetched(database: Database, address: str) -> tuple[list[Answer], float]:
    """A file from a fresh worker, up to five times; and what the first of them added to its memory, in MB."""
    with serving.portal(database.url) as server:
        browser = Browser(server, database.page("staff"))
        browser.get(f"/actions/?{database.filters}")
        idle = server.memory()
        server.forget_peak()
        answers = [browser.get(address)]
        grown = server.memory("VmHWM") - idle
        seconds = answers[0].seconds
        while len(answers) < 5 and seconds * (len(answers) + 1) < BUDGET:
            answers.append(browser.get(address))
    return answers, max(grown, 0)


def cells_of(book: bytes) -> list[list[list[Any]]]:
    """The values of every cell of every sheet."""
    opened = openpyxl.load_workbook(io.BytesIO(book), read_only=True)
    sheets = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in opened.worksheets]
    opened.close()
    return sheets


def bare_openpyxl(sheets: list[list[list[Any]]], times: int) -> dict[str, float]:
    """Seconds (median) and MB that openpyxl alone needs for these cells, in a process of its own."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        file.write(pickle.dumps(sheets))
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.files", file.name, str(times)],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _written(sheets: list[list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _own_memory(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def _write_bare(file: str, times: int) -> dict[str, float]:
    sheets = pickle.loads(Path(file).read_bytes())
    idle = _own_memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        _written(sheets)
        seconds.append(time.perf_counter() - began)
    return {"seconds": statistics.median(seconds), "memory": max(_own_memory("VmHWM") - idle, 0)}


def _median(answers: list[Answer], what: str) -> float:
    return statistics.median(getattr(answer, what) for answer in answers)


if __name__ == "__main__":
    print(json.dumps(_write_bare(sys.argv[1], int(sys.argv[2]))))
