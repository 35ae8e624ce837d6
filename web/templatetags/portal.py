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
    return f"{count} day" if count == 1 else f"{count} days"


@register.filter
def since(start: date, today: date) -> str:
    """“since May 2026 (6 months)”; within two months by day: “since 3 November 2026 (22 days)”."""
    months = (today.year - start.year) * 12 + today.month - start.month - (today.day < start.day)
    if months < 2:
        return f"since {start:%-d %B %Y} ({days((today - start).days)})"
    return f"since {start:%B %Y} ({months} months)"


@register.simple_tag
def crumbs(*pairs: str) -> SafeString:
    """Breadcrumbs from label and URL name (or path) in turn; the first is always Strategy."""
    return _crumbs(*map(str, pairs))


@lru_cache(maxsize=512)
def _crumbs(*pairs: str) -> SafeString:
    way = [("Strategy", reverse("home"))]
    for label, name in zip(pairs[::2], pairs[1::2], strict=True):
        way.append((label, name if name.startswith("/") else reverse(name)))
    return SafeString(render_to_string("partials/breadcrumbs.html", {"crumbs": way}))


@register.simple_tag(takes_context=True)
def include_once(context: template.Context, name: str, *about: str) -> SafeString:
    """Include a template that depends on `about` alone, rendered once for each of its values."""
    key = (name, *about)
    if settings.DEBUG or key not in _included:
        _included[key] = context.template.engine.get_template(name).render(context)  # type: ignore[union-attr]
    return _included[key]


_included: dict[tuple[str, ...], SafeString] = {}
