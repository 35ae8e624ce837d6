"""Searching folds the case of every letter, and takes `%`, `_` and a backslash for themselves, on both databases."""

import pytest
from django.db import connection

from actions.models import Action

TITLE = "Café ÉCLAIR Straße ЖУК: 100% of under_score, back\\slash, [a-z] and (dots)…"


@pytest.fixture
def title(framework: None) -> str:
    Action.objects.filter(number=1).update(title=TITLE)
    return TITLE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CAFÉ", True),
        ("café", True),
        ("éclair", True),
        ("Éclair", True),
        ("жук", True),
        ("cafe", False),
        ("100%", True),
        ("1%0", False),
        ("100%%", False),
        ("%", True),
        ("under_score", True),
        ("under_", True),
        ("underxscore", False),
        ("u_der", False),
        ("caf_", False),
        ("back\\slash", True),
        ("BACK\\SLASH", True),
        ("\\", True),
        ("\\\\", False),
        ("back\\\\slash", False),
        ("\\%", False),
        ("[a-z]", True),
        ("[b]", False),
        ("(dots)", True),
        ("c.f", False),
        ("dots)…", True),
    ],
)
def test_what_is_searched_for_is_found_letter_by_letter(title: str, text: str, found: bool) -> None:
    assert Action.objects.filter(number=1, title__icontains=text).exists() == found


@pytest.mark.parametrize(
    ("lookup", "text", "found"),
    [
        ("istartswith", "CAFÉ é", True),
        ("istartswith", "éclair", False),
        ("iendswith", "(DOTS)…", True),
        ("iendswith", "dots", False),
        ("iexact", TITLE.replace("É", "é"), True),
        ("iexact", "café", False),
        ("iexact", "%", False),
    ],
)
def test_the_beginning_the_end_and_the_whole_fold_alike(
    title: str, lookup: str, text: str, found: bool
) -> None:
    assert Action.objects.filter(number=1, **{f"title__{lookup}": text}).exists() == found


def test_a_text_of_several_lines_is_searched_to_its_end(framework: None) -> None:
    Action.objects.filter(number=1).update(title="first\nsecond\nthird")
    assert Action.objects.filter(number=1, title__icontains="THIRD").exists()


def test_nothing_is_like_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NULL LIKE '%%', 'a' LIKE NULL")
        assert cursor.fetchone() == (None, None)
