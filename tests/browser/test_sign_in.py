"""Signing in on a phone with scripts off: an incorrect code, and a demonstration person."""

import re

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.tools import no_sideways_scroll
from tests.serving import Portal


@pytest.mark.browser
def test_an_incorrect_code_and_then_a_new_one(portal: Portal, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill("universities@demo.example")
    page.get_by_role("button", name="E-mail me a sign-in code").click()
    page.get_by_label("Code").fill("WRONG")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert "This code is incorrect." in page.get_by_role("alert").inner_text()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Send a new code").click()
    assert "Use the newest code." in page.locator("main").inner_text()
    code = re.search(r"\b[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\b", portal.mail()[-1])
    assert code
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/updates/")


@pytest.mark.browser
def test_a_demonstration_person_signs_in_with_two_clicks(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/accounts/login/")
    no_sideways_scroll(page)
    page.get_by_role("button", name="Leicester City Council").click()
    assert page.get_by_label("E-mail address").input_value() == "leicester-city-council@demo.example"
    no_sideways_scroll(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/updates/")
