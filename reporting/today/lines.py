"""The shape of what needs attention: lines of one kind, each with the button that does it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from actions.plan import Plan
from actions.rows import ActionState

AT_MOST = 10


@dataclass(frozen=True)
class Button:
    """What does it: a link that looks like a button, or a form that posts."""

    words: str
    url: str
    posts: bool = False


@dataclass(frozen=True)
class Line:
    """One thing that needs attention. `url` leads to what it is about."""

    words: str
    url: str = ""
    detail: str = ""
    button: Button | None = None


@dataclass(frozen=True)
class Section:
    """Lines of one kind. `count` is of all of them; `more_url` lists them all, by default on a page of their own."""

    slug: str
    heading: str
    count: int
    lines: list[Line]
    intro: str = ""
    more_url: str = ""
    button: Button | None = None

    @property
    def all_url(self) -> str:
        return self.more_url or reverse("today_section", args=[self.slug])

    @property
    def has_more(self) -> bool:
        return self.count > len(self.lines)


Provider = Callable[[Plan, slice], Section]


def edit_line(row: ActionState, detail: str) -> Line:
    """An action, with the button that edits it."""
    edit = Button("Edit the action", reverse("action_edit", args=[row.number]))
    return Line(f"Action {row.number}: {row.title}", row.url, detail, edit)
