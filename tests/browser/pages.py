"""The pages that are swept, by who reads them, and the progress they show."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.tools import axe, sign_in
from tests.serving import Portal

PAGES = {
    "staff": [
        "/", "/actions/", "/actions/?cluster=food-drink&vital_few=VF3&strength=strong", "/actions/?vital_few=VF9",
        "/actions/23/",
        "/periods/", "/board/?meeting=now", "/coverage/", "/views/",
        "/views/save/?address=%2Factions%2F%3Fcluster%3Dretail",
        "/measures/", "/measures/?lead=nobody&changed_since=x",
        "/actions/23/measures/2/update/", "/actions/1/leads/learning-skills-council/", "/today/",
        "/today/leads/?all=on", "/today/awaited/", "/periods/new/", "/meetings/new/",
        "/vital-fews/", "/vital-fews/VF1/", "/themes/", "/themes/image-identity/",
        "/clusters/cross-cluster/", "/partners/", "/partners/all-partners/",
        "/people/", "/people/1/", "/people/2/move/", "/people/invite/",
        "/partners/new/", "/partners/universities/edit/", "/partners/universities/merge/", "/accounts/sessions/",
        "/accounts/2fa/needed/",
        "/accounts/invitations/", "/accounts/2fa/", "/accounts/email/",
        "/accounts/logout/", "/accessibility/", "/nowhere/", "/help/", "/help/guide/", "/admin/",
        "/admin/actions/action/", "/actions/7/edit/", "/changes/", "/outbox/",
        "/periods/demonstration-quarter-5/remind/",
    ],
    "leicester-city-growth": [
        "/", "/actions/18/", "/updates/", "/actions/18/measures/1/update/", "/today/", "/updates/calendar/",
        "/actions/18/measures/1/not-me/",
    ],
    "board": ["/", "/board/", "/updates/", "/actions/?overdue=on"],
}  # fmt: skip
WIDE = {  # whose layout differs most in a wide window; on a phone every page is looked at
    "staff": [
        "/", "/actions/", "/actions/?vital_few=VF9", "/actions/23/", "/measures/", "/actions/23/measures/2/update/",
        "/today/", "/vital-fews/", "/vital-fews/VF1/", "/periods/", "/board/?meeting=now", "/accounts/2fa/",
        "/people/", "/coverage/", "/views/",
        "/help/guide/", "/admin/", "/admin/actions/action/", "/actions/7/edit/", "/changes/",
    ],
    "leicester-city-growth": ["/updates/"],
    "board": ["/board/"],
}  # fmt: skip
MAIN_PAGES = ["/", "/actions/", "/measures/", "/actions/18/", "/board/", "/partners/", "/updates/"]
SIGNED_OUT = [
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/accounts/signup/",
    "/accessibility/",
]


def third(pages: dict[str, list[str]], which: int) -> dict[str, list[str]]:
    """Every third page of each role, beginning with the first, second or third: `which` is 0, 1 or 2."""
    return {who: addresses[which::3] for who, addresses in pages.items()}


_with_progress: set[str] = set()


def make_progress(portal: Portal) -> None:
    """Unless this was done already."""
    if portal.database_url not in _with_progress:
        portal.manage("demonstration_progress")
        _with_progress.add(portal.database_url)


def axe_on(
    pages: dict[str, list[str]],
    portal: Portal,
    open_context: OpenContext,
    width: int,
    look: Callable[[Page], None] = lambda page: None,
) -> None:
    """Asserts that axe finds nothing on these pages, by role, nor signed out, in a window of this width.

    `look` looks at each page besides.
    """
    out = open_context(width, 900).new_page()
    for address in SIGNED_OUT:
        out.goto(address)
        axe(out)
    make_progress(portal)
    for who, addresses in pages.items():
        page = sign_in(open_context(width, 900), f"{who}@demo.example")
        for address in addresses:
            page.goto(address)
            axe(page)
            look(page)
