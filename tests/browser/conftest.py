"""A real browser and a portal served to it. Every test in this folder has the mark `browser`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.databases import copied
from tests.servers import chromium
from tests.serving import Portal

HERE = Path(__file__).parent
ARGUMENTS = (
    "--no-sandbox",  # containers run it as root, where its sandbox can't be
    "--disable-dev-shm-usage",  # ... and give it a small /dev/shm
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WAIT = 15_000  # ms for a page or an element: half of Playwright's own patience

OpenContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()  # first: it also sees to it that Playwright starts
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def portal(
    request: pytest.FixtureRequest, prepared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """A portal with the framework and the demonstration people, and no progress; one for a file of tests."""
    folder = tmp_path_factory.mktemp("portal")
    name = (
        f"served_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{request.module.__name__.rpartition('.')[2]}"
    )
    with copied(prepared_database, folder, name[:63]) as database_url:
        served = Portal(folder, database_url)
        served.start()
        try:
            yield served
        finally:
            served.stop()


@pytest.fixture
def open_context(browser: Browser, portal: Portal) -> Iterator[OpenContext]:
    """Makes a window without cookies: `open_context(width, height, scripts=True)`. Addresses may be paths."""
    opened: list[BrowserContext] = []

    def open_one(width: int, height: int, scripts: bool = True) -> BrowserContext:
        context = browser.new_context(
            base_url=portal.url,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(WAIT)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def desktop(open_context: OpenContext) -> BrowserContext:
    return open_context(1280, 900)


@pytest.fixture
def phone(open_context: OpenContext) -> BrowserContext:
    """A phone with scripts off. Not for axe, which needs them: `scripted_phone`."""
    return open_context(390, 844, scripts=False)


@pytest.fixture
def scripted_phone(open_context: OpenContext) -> BrowserContext:
    return open_context(390, 844)
