"""A parameter that the links and filters of a page keep."""

import pytest

from web.links import keep_parameter, with_parameter

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/plan/", "/plan/?day=4"),
        ("/plan/#top", "/plan/?day=4#top"),
        ("/plan/?a=1&amp;b=2", "/plan/?a=1&amp;b=2&amp;day=4"),
        ("/plan/?", "/plan/?day=4"),
        ("?page=2", "?page=2&amp;day=4"),
        ("/plan/?day=3", "/plan/?day=3"),
        ("/plan/?today=3", "/plan/?today=3&amp;day=4"),
    ],
)
def test_an_address_gets_the_parameter_once(address: str, kept: str) -> None:
    assert with_parameter(address, "day", "4") == kept
    assert with_parameter(kept, "day", "4") == kept


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="#top">',
        '<a href="/elsewhere/">',
        '<a href="//plan/">',
        '<a href="https://plan.example/plan/">',
        '<a class="x" name="y">',
        '<a href="/plan/" data-own-address>',
        '<form method="post" action="/plan/">',
        '<form method="get" action="/elsewhere/">',
        '<form method="get" data-own-address>',
        '<abbr title="/plan/">',
    ],
)
def test_what_leads_elsewhere_is_left_alone(tag: str) -> None:
    assert keep_parameter(tag, "/plan/", "day", "4", "/plan/".__eq__) == tag


def test_links_and_filters_keep_it() -> None:
    page = (
        '<a class="a" href="/plan/">One</a> <a href="?page=2">Two</a> '
        '<a href="/caf%C3%A9/?q=a&amp;b=c">Three</a> <form class="f" method="get" action="/plan/"><button></form>'
    )
    found = keep_parameter(page, "/plan/", "day", "4", {"/plan/", "/café/"}.__contains__)
    assert found == (
        '<a class="a" href="/plan/?day=4">One</a> <a href="?page=2&amp;day=4">Two</a> '
        '<a href="/caf%C3%A9/?q=a&amp;b=c&amp;day=4">Three</a> <form class="f" method="get" action="/plan/">'
        '<input type="hidden" name="day" value="4"><button></form>'
    )


def test_a_link_without_a_path_leads_to_the_page_itself() -> None:
    assert (
        keep_parameter('<a href="?page=2">', "/elsewhere/", "day", "4", "/plan/".__eq__)
        == '<a href="?page=2">'
    )
