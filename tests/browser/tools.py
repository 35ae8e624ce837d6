"""What browser tests do and look at: `from tests.browser.tools import axe, no_sideways_scroll, sign_in`."""

from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

PASSWORD = "strategy-2008"  # of all demonstration people: settings.DEMONSTRATION_PASSWORD
NARROW = 320  # px: WCAG 2.2, 1.4.10 Reflow
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# What reaches beyond the window, itself or by its text, deepest first: that has to be mended.
TOO_WIDE = """() => [...document.querySelectorAll("body, body *")].reverse().filter(element => {
    const box = element.getBoundingClientRect();
    const text = getComputedStyle(element).overflowX === "visible" ? box.left + element.scrollWidth : 0;
    return Math.max(box.right, text) > innerWidth + 0.5;
}).slice(0, 5).map(element => "    " + element.outerHTML.slice(0, 160))"""


def sign_in(where: BrowserContext | Page, email: str, password: str = PASSWORD) -> Page:
    """Sign in with a password through the sign-in page, and return the page the person lands on."""
    page = where.new_page() if isinstance(where, BrowserContext) else where
    page.goto("/accounts/login/")
    page.locator("#id_email").fill(email)
    enter_password(page, password)
    assert "/accounts/login" not in page.url, f"{email} was not let in:\n{page.locator('main').inner_text()}"
    return page


def enter_password(page: Page, password: str = PASSWORD) -> None:
    """From the first step of signing in, where the address is filled in, to the page the person lands on."""
    page.get_by_role("button", name="Use my password").click()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


@cache
def _axe_source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page) -> None:
    """Asserts that axe finds nothing against WCAG 2.2 AA on the page as it is now.

    Axe hangs where scripts are off: use `desktop` or `scripted_phone`, not `phone`. The portal's own policy
    stays in force and does not matter: axe comes in through the debugging interface.
    """
    scripts_are_on = page.evaluate("() => matchMedia('(scripting: enabled)').matches")
    assert scripts_are_on, "axe needs a page of `desktop` or `scripted_phone`: it hangs where scripts are off"
    page.evaluate(_axe_source())
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", WCAG
    )
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}, {violation['helpUrl']}\n"
        + "\n".join(
            f"    {' '.join(map(str, node['target']))}\n      {node['html'][:200]}" for node in nodes[:5]
        )
        + (f"\n    and {len(nodes) - 5} more" if len(nodes) > 5 else "")
        for violation in result["violations"]
        for nodes in [violation["nodes"]]
    ]
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)


def no_sideways_scroll(page: Page, width: int = NARROW) -> None:
    """Asserts that the page fits a window `width` px wide. The window has its size again afterwards."""
    before = page.viewport_size or {"width": 1280, "height": 900}
    page.set_viewport_size({"width": width, "height": 800})
    try:
        needs = page.evaluate("() => document.documentElement.scrollWidth")
        has = page.evaluate("() => innerWidth")
        assert needs <= has, f"{page.url} needs {needs} px of {has}:\n" + "\n".join(page.evaluate(TOO_WIDE))
    finally:
        page.set_viewport_size(before)
