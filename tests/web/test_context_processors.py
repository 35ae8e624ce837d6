"""The template variable `portal`: settings, and values of the apps, queried only when used."""

from typing import Any

import pytest
from django.db import connection
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from partners.demonstration import make_people

pytestmark = pytest.mark.once


def rendered(source: str) -> tuple[str, int]:
    """The text of the template, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        text = Template(source).render(RequestContext(RequestFactory().get("/"), {}))
    return text, len(queries)


@pytest.mark.usefixtures("framework")
def test_outside_demonstration_mode_there_are_no_people_and_no_password() -> None:
    source = "{{ portal.demonstration }}{{ portal.demonstration_password }}{{ portal.demonstration_people }}"
    assert rendered(source) == ("False[]", 0)


@pytest.mark.usefixtures("framework")
def test_each_value_is_queried_only_when_the_template_uses_it(settings: Any, report: Any) -> None:
    settings.DEMONSTRATION = True
    make_people()
    assert rendered("{{ portal.demonstration }} {{ portal.demonstration_password }}") == (
        "True strategy-2008",
        0,
    )
    people, asked = rendered("{% for person in portal.demonstration_people %}{{ person.email }} {% endfor %}")
    assert people.startswith("staff@demo.example board@demo.example ")
    assert asked == 2
    progress = "{% if portal.demonstration_progress %}{{ portal.demonstration_progress|yesno }}{% endif %}"
    assert rendered(progress) == ("", 2)
    assert rendered(progress) == ("", 1)  # the stamp alone, until something is recorded
    report(1, 1, "on-track", is_demonstration=True)
    assert rendered(progress) == ("yes", 2)
