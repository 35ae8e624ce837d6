"""Template filters for numbers and dates, and the breadcrumbs; available in every template."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from web.days import days as days_in_words
from web.days import how_long
from web.markup import without_indents
from web.numbers import as_number

register = template.Library()


@register.filter
def number(value: Decimal | int | None) -> str:
    """100, not 100.00; an empty string for None."""
    return as_number(Decimal(value)) if value is not None else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """3 October 2026, in Europe/London."""
    if value is None:
        return ""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")


@register.filter
def short_day(value: date | datetime) -> str:
    """3 Oct 2026, in Europe/London: for a narrow column."""
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j M Y")


@register.filter
def moment(value: datetime | None) -> str:
    """3 October 2026 at 14:05, in Europe/London."""
    return date_format(timezone.localtime(value), "j F Y \\a\\t H:i") if value else ""


@register.filter
def percent(value: Decimal | None) -> str:
    """45%; an empty string for None."""
    return f"{value:.0f}%" if value is not None else ""


@register.filter
def days(count: int) -> str:
    """“1 day”, “8 days”."""
    return days_in_words(count)


@register.simple_tag
def since(first: date, today: date) -> str:
    """“since 3 October 2026 (24 days)”."""
    return f"since {day(first)} ({how_long(first, today)})"


@register.simple_tag
def crumbs(*pairs: str) -> SafeString:
    """Breadcrumbs from label and URL name (or path) in turn; the first is always Strategy."""
    return _crumbs(*map(str, pairs))


@lru_cache(maxsize=512)
def _crumbs(*pairs: str) -> SafeString:
    way = [("Strategy", reverse("home"))]
    for label, name in zip(pairs[::2], pairs[1::2], strict=True):
        way.append((label, name if name.startswith("/") else reverse(name)))
    return without_indents(render_to_string("partials/breadcrumbs.html", {"crumbs": way}))


@register.simple_tag(takes_context=True)
def include_once(context: template.Context, name: str, *about: str) -> SafeString:
    """Include a template that depends on `about` alone, rendered once for each of its values.

    It may contain a form: the CSRF token is put in each time.
    """
    key = (name, *map(str, about))
    parts = None if settings.DEBUG else _included.get(key)
    if parts is None:
        with context.push(csrf_token=TOKEN_HERE):
            html = context.template.engine.get_template(name).render(context)  # type: ignore[union-attr]
        parts = _included[key] = without_indents(html).split(TOKEN_HERE)
        while len(_included) > INCLUDED_AT_MOST:
            del _included[next(iter(_included))]
    return SafeString(parts[0] if len(parts) == 1 else str(context["csrf_token"]).join(parts))


TOKEN_HERE = "[the CSRF token]"  # noqa: S105  where a token goes
INCLUDED_AT_MOST = 1_000  # of a few kilobytes each; the oldest goes first
_included: dict[tuple[str, ...], list[str]] = {}
