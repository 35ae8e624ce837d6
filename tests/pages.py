"""What tests of pages share: a page as a tree of elements, and a world with something behind every address."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import (
    Action,
    ActionVersion,
    EvidenceFile,
    KnownAction,
    Lead,
    LeadAnswer,
    MeasureProposal,
    OutcomeMeasure,
    ProgressUpdate,
    Relationship,
    SavedView,
)
from history import memo
from history.clock import plan_change
from outbox.models import Kind, Mail, State
from partners.invitations import link_of
from partners.models import Invitation, Partner, User
from reporting.models import BoardMeeting, NotMe, PublishedPaper, ReportingPeriod
from reporting.not_me import say_not_me
from strategy.framework_table import Framework, parse
from tests.clock import recorded_at

SOURCE = Path(__file__).resolve().parent.parent / "fixtures" / "framework.txt"
# What a browser shows on lines of its own, or apart from what is beside it.
BLOCKS = {
    "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "form",
    "h1", "h2", "h3", "label", "legend", "li", "nav", "ol", "option", "p", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
# The end tags that HTML allows to be omitted, each with what ends the element instead: start tags, and end tags of
# what it is in.
CELL = {"p", "td", "th"}  # with the paragraph that a cell ends with
ENDED_BY_START = {"td": CELL, "th": CELL, "tr": {*CELL, "tr"}, "option": {"option"}, "optgroup": {"option"}}
ENDED_BY_START |= {"li": {"li"}}
ENDED_BY_END = {"tr": CELL} | {key: {*CELL, "tr"} for key in ("thead", "tbody", "tfoot", "table")}
ENDED_BY_END |= {"select": {"option"}, "optgroup": {"option"}, "ul": {"li"}, "ol": {"li"}}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def source() -> Framework:
    """The framework as the parser reads it from the committed text: what every page is measured against."""
    return parse(SOURCE.read_bytes())


@dataclass
class Element:
    """An element of a page. `text` is what it says, on one line."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    @property
    def text(self) -> str:
        return " ".join(self._raw().split())

    def _raw(self) -> str:
        inside = "".join(child if isinstance(child, str) else child._raw() for child in self.children)
        return f" {inside} " if self.tag in BLOCKS else inside

    def walk(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", css: str = "", **attrs: str) -> list["Element"]:
        """Every element below with this tag, class and attributes (`aria_sort` is `aria-sort`; "" is any value)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            element
            for element in self.walk()
            if (not tag or element.tag == tag)
            and (not css or css in element.classes)
            and all(n in element.attrs and (not v or element.attrs[n] == v) for n, v in wanted.items())
        ]

    def one(self, tag: str = "", css: str = "", **attrs: str) -> "Element":
        found = self.all(tag, css, **attrs)
        assert len(found) == 1, (
            f"{len(found)} of <{tag} class={css} {attrs}> in <{self.tag}>: {self.text[:400]}"
        )
        return found[0]

    def by_id(self, key: str) -> "Element":
        return self.one(id=key)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        while self.open[-1].tag in ENDED_BY_START.get(tag, ()):
            self.open.pop()
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1].tag in ENDED_BY_END.get(tag, ()):
            self.open.pop()
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(html: str) -> Element:
    """The page as a tree. Fails where a tag is not closed, or is closed out of turn."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.root


def page(client: Any, address: str, status: int = 200) -> Element:
    """What a GET of `address` answers, which must be of this status."""
    response = client.get(address)
    assert response.status_code == status, f"{address}: {response.status_code}"
    return tree(response.content.decode())


def numbers(found: Element) -> list[int]:
    """The numbers of the actions in the page's table, in its order; none where it has no table."""
    rows = [row for body in found.all("tbody") for row in body.all("tr")]
    return [int(row.one("th", scope="row").text) for row in rows]


def form_data(form: Element) -> dict[str, Any]:
    """What a browser would send of this form, untouched."""
    data: dict[str, Any] = {}
    for element in form.walk():
        name = element.get("name")
        if not name or "disabled" in element.attrs:
            continue
        if element.tag == "select":
            chosen = [option.get("value") for option in element.all("option") if "selected" in option.attrs]
            data[name] = chosen if "multiple" in element.attrs else (chosen or [""])[0]
        elif element.tag == "textarea":
            data[name] = element._raw().removeprefix("\n")
        elif element.tag == "input" and element.get("type") in ("checkbox", "radio"):
            if "checked" in element.attrs:
                data[name] = element.get("value", "on")
        elif element.tag == "input" and element.get("type") not in ("submit", "file", "button"):
            data[name] = element.get("value")
    return data


def more_actions(count: int, first: int = 101) -> None:
    """Adds copies of the framework's actions, numbered from `first` on, with their leads, marks and measures."""
    copied = list(islice(cycle(Action.objects.filter(number__lte=32)), count))
    of: dict[int, list[Action]] = defaultdict(list)
    with plan_change(by=None, reason="A larger plan"):
        made = Action.objects.bulk_create(
            Action(
                number=first + place,
                title=one.title,
                theme_id=one.theme_id,
                cluster_id=one.cluster_id,
                outcome_text=one.outcome_text,
            )
            for place, one in enumerate(copied)
        )
        for one, copy in zip(copied, made, strict=True):
            of[one.pk].append(copy)
        models: tuple[tuple[Any, tuple[str, ...]], ...] = (
            (Lead, ("partner_id", "order", "acceptance")),
            (Relationship, ("vital_few_id", "strength")),
            (OutcomeMeasure, ("order", "text", "year", "target", "unit", "target_date")),
        )
        for model, fields in models:
            model.objects.bulk_create(
                model(action=copy, **{name: getattr(row, name) for name in fields})
                for row in model.objects.filter(action__in=list(of))
                for copy in of[row.action_id]
            )


def as_forged(row: Any, **changed: Any) -> Any:
    """A copy of `row` without a key, with other values in some fields."""
    row.pk, row.id = None, None
    for name, value in changed.items():
        setattr(row, name, value)
    return row


def queries_of(client: Any, address: str) -> int:
    """How many queries a GET of `address` takes that finds nothing worked out before."""
    memo.forget()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        if response.streaming:
            assert b"".join(response.streaming_content)
    return len(queries)


def only_actions(*kept: int) -> None:
    """Ends every other action of the plan, as its deletion would."""
    with recorded_at(timezone.now()):
        for model in (ActionVersion, KnownAction):
            model.objects.open().exclude(number__in=kept).update(known_until=timezone.now())


@dataclass(frozen=True)
class World:
    """One of each thing that an address can name."""

    answer: LeadAnswer
    proposal: MeasureProposal
    drafted: EvidenceFile
    filed: EvidenceFile
    invitation: Invitation
    paper: PublishedPaper
    update: ProgressUpdate
    not_me: NotMe
    mail: Mail

    @property
    def author(self) -> int:
        return self.update.author_id

    view: SavedView
    shared_view: SavedView

    @property
    def token(self) -> str:
        return link_of(self.invitation).rstrip("/").rsplit("/", 1)[-1]


def world_of(lead: User, staff: User, report: Any, period: ReportingPeriod) -> World:
    """Where a lead of action 1 has answered for 20, proposed, reported on 1 with a file, and drafted with another."""
    measure = OutcomeMeasure.objects.get(action__number=20)
    partner = Partner.objects.get(slug="learning-skills-council")
    files = [
        EvidenceFile.objects.create(
            measure=measure,
            uploaded_by=lead,
            file=ContentFile(b"words", name="notes.txt"),
            name="notes.txt",
            content_type="text/plain",
            size=5,
        )
        for _ in range(2)
    ]
    update = report(1, 1, "on-track", by=lead, evidence_file=files[1])
    coming = timezone.localdate() + timedelta(days=30)
    BoardMeeting.objects.create(name="Next meeting", slug="next-meeting", held_on=coming)
    return World(
        view=SavedView.objects.create(owner=lead, name="Mine", page="action_list", query="cluster=retail"),
        shared_view=SavedView.objects.create(owner=staff, name="Ours", page="measure_list", is_shared=True),
        update=update,
        answer=LeadAnswer.objects.create(
            lead=Lead.objects.get(action__number=20), answer="accept", asked_by=lead
        ),
        proposal=MeasureProposal.objects.create(measure=measure, unit="apprenticeships", asked_by=lead),
        drafted=files[0],
        filed=files[1],
        invitation=Invitation.objects.create(email="new@skills.example", partner=partner, invited_by=staff),
        paper=PublishedPaper.objects.create(
            period=period, version=1, moment=timezone.now(), figures={}, pdf=b"%PDF", workbook=b"PK"
        ),
        not_me=say_not_me(measure_id=measure.pk, hand_to="Ann", note="", by=lead),
        mail=Mail.objects.create(
            key="world", kind=Kind.REMINDER, to=lead.email, subject="Words", text="Words", state=State.FAILED
        ),
    )


def inline(found: Element) -> Iterator[str]:
    """Anything that the content security policy would block."""
    for element in found.walk():
        yield from (
            f"<{element.tag} {name}>" for name in element.attrs if name.startswith("on") or name == "style"
        )
        # a block of data does not run
        data = element.get("src") or element.get("type") == "application/json"
        if element.tag == "style" or (element.tag == "script" and not data):
            yield f"<{element.tag}>{element.text[:60]}"
        for name in ("href", "src", "action", "formaction"):
            if element.get(name).lstrip().casefold().startswith(("javascript:", "data:text")):
                yield f"<{element.tag} {name}={element[name][:60]}>"
        for name in ("src", "srcset") + (("href",) if element.tag == "link" else ()):
            if element.get(name).startswith(("http:", "https:", "//")):
                yield f"<{element.tag} {name}={element[name][:60]}>"
