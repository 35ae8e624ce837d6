"""Saving, sharing and deleting views, and where a person starts. A view is its owner's; others see shared ones."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from actions.filters import ListFilter
from actions.models import SavedView, StartPage
from partners.models import User

VIEWS_AT_MOST = 50  # of one person
IN_THE_MENU = 12
PARAMETERS = (*ListFilter.base_filters, "sort", "per_page", "as_at")


class ViewRefused(Exception):
    """The view cannot be saved; the message says why, for people."""


@dataclass(frozen=True)
class MenuItem:
    """A view in the menu of a page."""

    name: str
    url: str


def of_address(address: str) -> SavedView:
    """An unsaved view of an address of the portal, on its first page.

    Raises ViewRefused unless it is one of the pages that have views, with parameters that such a page knows.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise ViewRefused("This is not an address of the portal.") from error
    pages = {reverse(page): page for page in SavedView.Page}
    if parts.scheme or parts.netloc or parts.path not in pages:
        raise ViewRefused("You can save a view of Strategy, Actions, Measures or Coverage.")
    given = QueryDict(parts.query)
    if unknown := [name for name in given if name not in (*PARAMETERS, "page")]:
        raise ViewRefused(f"This address has a filter that the page does not know: “{unknown[0]}”.")
    kept = QueryDict(mutable=True)
    for name in given:
        if name != "page" and (values := [value for value in given.getlist(name) if value]):
            kept.setlist(name, values)
    query = kept.urlencode()
    if len(query) > SavedView._meta.get_field("query").max_length:  # type: ignore[operator]  # it has one
        raise ViewRefused("The address is too long to be saved.")
    return SavedView(page=pages[parts.path], query=query)


def visible_to(person: User) -> "QuerySet[SavedView]":
    """Their own views, and those that are shared."""
    return SavedView.objects.filter(Q(owner=person) | Q(is_shared=True)).select_related("owner")


def menu_of(person: User) -> tuple[MenuItem, ...]:
    """The first of their own views, then of those that others share. One query."""
    found = sorted(visible_to(person)[: VIEWS_AT_MOST * 4], key=lambda view: view.owner_id != person.pk)
    return tuple(MenuItem(view.name, view.get_absolute_url()) for view in found[:IN_THE_MENU])


@transaction.atomic
def save_view(*, view: SavedView, name: str, is_shared: bool, is_start: bool, by: User) -> SavedView:
    """Save a view, new or their own, under this name; only staff can share. Raises ViewRefused."""
    if is_shared and not by.is_staff:
        raise ViewRefused("Only City Growth staff can share a view.")
    if view.pk is None and SavedView.objects.filter(owner=by).count() >= VIEWS_AT_MOST:
        raise ViewRefused(f"You have {VIEWS_AT_MOST} saved views. Delete one first.")
    view.owner, view.name, view.is_shared = by, name, is_shared
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise ViewRefused(f"You already have a view called “{name}”.") from error
    if is_start:
        start_with(view=view, by=by)
    else:
        StartPage.objects.filter(person=by, view=view).delete()
    return view


def start_with(*, view: SavedView | None, by: User) -> None:
    """Land on this view after signing in; without one, on the page of their role."""
    if view is None:
        StartPage.objects.filter(person=by).delete()
    else:
        StartPage.objects.update_or_create(person=by, defaults={"view": view})


def start_view_of(person: User) -> SavedView | None:
    """The view they land on; None where they have none, or may not see it any more."""
    start = StartPage.objects.filter(person=person).values("view")
    return visible_to(person).filter(pk__in=start).first()


def start_page_of(person: User) -> str | None:
    """Its address."""
    view = start_view_of(person)
    return view.get_absolute_url() if view else None
