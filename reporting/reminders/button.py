"""Where “Remind” leads from a page: to the reminders of the actions that the page shows."""

from typing import Any

from django.urls import reverse

from actions.filter_words import query_without

NOT_FILTERS = ("page", "per_page", "sort", "as_at")


def remind_url(request: Any) -> str:
    """The address, with the filter of the page; empty if there is nobody to remind or the reader may not.

    For staff, at present, while a period is open and an update is awaited.
    """
    plan = request.plan
    if not getattr(request.user, "is_staff", False) or not plan.is_present:
        return ""
    period = plan.calendar.period
    if period is None or not plan.is_awaiting:
        return ""
    query = query_without(request.GET, NOT_FILTERS)
    address = reverse("period_remind", args=[period.slug])
    return f"{address}?{query}" if query else address
