"""A new partner lead, from the invitation e-mail, on a phone with scripts off: two measures in eight clicks."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.conftest import OpenContext
from tests.browser.tools import axe, enter_password, no_sideways_scroll, sign_in
from tests.serving import Portal


class Hand:
    """Counts what a person does: clicks, and texts typed."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.texts = page, 0, 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()
        self.page.wait_for_load_state()

    def type(self, into: Locator, text: str) -> None:
        self.texts += 1
        into.fill(text)


def submitted(page: Page, *words: str) -> bool:
    """Whether the page confirms an update with these words, as the board will see it."""
    shown: str = page.locator(".submitted").inner_text()
    return "Update submitted" in shown and all(word in shown for word in words)


def invite(desktop: BrowserContext, email: str, partner: str) -> None:
    page = sign_in(desktop, "staff@demo.example")
    page.goto("/accounts/invitations/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Partner", exact=True).select_option(label=partner)
    page.get_by_role("button", name="Send invitation").click()
    assert "Invitation sent to" in page.locator("main").inner_text()


@pytest.mark.browser
def test_from_the_invitation_to_all_done(
    portal: Portal, desktop: BrowserContext, phone: BrowserContext
) -> None:
    invite(desktop, "nina@food.example", "Food & Drink Forum")
    link = re.search(r"http\S+/accounts/invitations/accept/\S+", portal.mail()[-1])
    assert link
    page = phone.new_page()
    page.goto(link[0])
    page.get_by_label("Your name").fill("Nina New")
    page.get_by_role("button", name="Accept").click()
    code = re.search(r"\b[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\b", portal.mail()[-1])
    assert code, portal.mail()[-1]
    page.locator("input[name=code]").fill(code[0])
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/updates/")
    assert "2 updates are due by" in page.locator("main").inner_text()

    hand = Hand(page)
    hand.click(page.get_by_role("button", name="Next: action 4"))
    hand.click(page.get_by_role("radio", name="On track"))
    hand.type(page.get_by_label("What has happened so far?"), "The tank met twice. Ten firms came.")
    hand.click(page.get_by_role("button", name="Submit update"))
    assert submitted(page, "Action 4", "On track")
    hand.click(page.get_by_role("button", name="Next: action 15"))
    hand.click(page.get_by_role("radio", name="Not started"))
    hand.type(page.get_by_label("What has happened so far?"), "We wait for the map of premises.")
    hand.click(page.get_by_role("button", name="Submit update"))
    assert "All done, thank you" in page.locator("main").inner_text()
    assert hand.clicks <= 8
    assert hand.texts <= 2


@pytest.mark.once
@pytest.mark.browser
def test_the_sign_in_code_brings_a_lead_straight_to_the_form_of_the_link(
    portal: Portal, phone: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto("/actions/3/measures/1/update/")
    page.locator("#id_email").fill("universities@demo.example")
    page.get_by_role("button", name="E-mail me a sign-in code").click()
    code = re.search(r"\b[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\b", portal.mail()[-1])
    assert code
    page.locator("input[name=code]").fill(code[0])
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/actions/3/measures/1/update/")


@pytest.mark.once
@pytest.mark.browser
def test_a_session_that_lapsed_while_writing_loses_no_word(phone: BrowserContext) -> None:
    page = sign_in(phone, "universities@demo.example")
    page.goto("/actions/3/measures/1/update/")
    page.get_by_role("radio", name="At risk").click()
    page.get_by_label("What has happened so far?").fill("Two of us have left.")
    kept = [cookie for cookie in phone.cookies() if cookie.get("name") != "sessionid"]
    phone.clear_cookies()
    phone.add_cookies(kept)  # type: ignore[arg-type]
    page.get_by_role("button", name="Submit update").click()
    assert "What you typed is saved" in page.locator("main").inner_text()
    page.locator("#id_email").fill("universities@demo.example")
    enter_password(page)
    page.wait_for_url("**/actions/3/measures/1/update/")
    assert page.get_by_label("What has happened so far?").input_value() == "Two of us have left."
    assert page.get_by_role("radio", name="At risk").is_checked()


@pytest.mark.once
@pytest.mark.browser
def test_a_server_that_restarts_between_opening_and_saving_loses_nothing(
    portal: Portal, phone: BrowserContext
) -> None:
    page = sign_in(phone, "universities@demo.example")
    page.goto("/actions/9/measures/1/update/")
    page.get_by_role("radio", name="On track").click()
    page.get_by_label("What has happened so far?").fill("The network grows.")
    portal.restart()
    page.get_by_role("button", name="Submit update").click()
    assert submitted(page, "Action 9", "On track")


@pytest.mark.once
@pytest.mark.browser
def test_each_status_shows_only_what_it_asks_for_without_scripts(phone: BrowserContext) -> None:
    page = sign_in(phone, "universities@demo.example")
    page.goto("/actions/3/measures/1/update/")
    step, request, met = (
        page.locator(f"#id_{name}") for name in ("recovery_step", "board_request", "completed_on")
    )
    evidence = page.locator("#id_evidence")
    shown = {
        "On track": (False, False, False, False),
        "At risk": (True, False, False, False),
        "Off track": (False, True, False, False),
        "Complete": (False, False, True, True),
    }
    for status, expected in shown.items():
        page.get_by_role("radio", name=status).click()
        assert tuple(field.is_visible() for field in (step, request, met, evidence)) == expected, status
        no_sideways_scroll(page)
    page.get_by_role("radio", name="Off track").click()
    page.get_by_role("button", name="Submit update").click()
    page.get_by_role("link", name="Say what you need from the board.").click()
    assert request.is_visible()
    assert page.evaluate("document.activeElement.id") == "id_board_request"


@pytest.mark.once
@pytest.mark.browser
def test_the_second_of_two_chooses(desktop: BrowserContext, phone: BrowserContext) -> None:
    mine = sign_in(phone, "legi@demo.example")
    theirs = sign_in(desktop, "leicester-city-growth@demo.example")
    for page in (mine, theirs):
        page.goto("/actions/18/measures/1/update/")
        page.get_by_role("radio", name="On track").click()
    theirs.get_by_label("What has happened so far?").fill("Forty firms are trading.")
    theirs.get_by_label("Value reached").fill("40")
    theirs.get_by_role("button", name="Submit update").click()
    mine.get_by_label("What has happened so far?").fill("Thirty-nine, I think.")
    mine.get_by_role("button", name="Submit update").click()
    words = mine.locator("main").inner_text()
    assert "Forty firms are trading." in words
    assert "Thirty-nine, I think." in words
    no_sideways_scroll(mine)
    mine.get_by_role("button", name="Edit mine first").click()
    since = mine.get_by_label("What has happened since the last update?")
    assert since.input_value() == "Thirty-nine, I think."
    mine.get_by_role("button", name="Submit update").click()
    assert submitted(mine, "Action 18", "On track")


@pytest.mark.once
@pytest.mark.browser
def test_axe_finds_nothing_on_any_state_of_reporting(
    portal: Portal, scripted_phone: BrowserContext, desktop: BrowserContext, open_context: OpenContext
) -> None:
    portal.manage("shell", "-v0", "-c", LONG_AGO)
    page = sign_in(scripted_phone, "leicester-city-council@demo.example")
    page.goto("/updates/")
    axe(page)  # due, with “no change” on one and on all
    page.goto("/actions/10/measures/1/update/")
    axe(page)
    page.get_by_role("button", name="Submit update").click()
    assert "There is a problem" in page.locator("main").inner_text()
    axe(page)  # errors
    page.get_by_role("radio", name="Complete").click()
    axe(page)  # the folded part on evidence has opened
    other = sign_in(desktop, "leicester-city-council@demo.example")
    other.goto("/actions/10/measures/1/update/")
    for one, words in ((other, "First"), (page, "Second")):
        one.get_by_role("radio", name="On track").click()
        one.get_by_label("What has happened").fill(words)
    other.get_by_role("button", name="Submit update").click()
    page.get_by_role("button", name="Submit update").click()
    assert "Somebody else submitted an update while you were writing" in page.locator("main").inner_text()
    axe(page)  # conflict
    page.get_by_role("button", name="Keep theirs and discard mine").click()
    axe(page)
    page.goto("/updates/")
    page.get_by_role("button", name=re.compile("No change on (both|all)")).click()
    axe(page)
    page.goto("/actions/10/")
    axe(page)  # history
    done = sign_in(open_context(1280, 900), "construction-cluster@demo.example")
    for number in (4, 24):
        done.goto(f"/actions/{number}/measures/1/update/")
        done.get_by_role("radio", name="On track").click()
        done.get_by_label("What has happened").fill("Goes on.")
        done.get_by_role("button", name="Submit update").click()
        if done.get_by_role("button", name="Submit mine as well").count():
            done.get_by_role("button", name="Submit mine as well").click()
    assert "All done, thank you" in done.locator("main").inner_text()
    axe(done)


LONG_AGO = """
from datetime import timedelta
from django.utils import timezone
from actions.models import KnownAction, KnownMeasure, OutcomeMeasure, ProgressUpdate
from history.clock import know_from
from history.models import VERSIONS
from partners.models import User
from tests.clock import days_ago, recorded_at
then = days_ago(90)
lead = User.objects.get(email="leicester-city-council@demo.example")
with recorded_at(then):
    know_from(then - timedelta(days=1), [*VERSIONS, KnownAction, KnownMeasure])
    for number in (11, 14, 21):
        ProgressUpdate.objects.create(
            measure=OutcomeMeasure.objects.get(action__number=number), status="on-track", comment="As planned.",
            author=lead, author_role="lead", on_behalf_of=lead.partners.get(),
        )
"""
