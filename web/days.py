"""How pages and papers word lengths of time."""

from datetime import date

DAYS_AT_MOST = 59  # after that, in months
MONTHS_AT_MOST = 23  # after that, in years


def days(count: int) -> str:
    """“1 day”, “8 days”."""
    return f"{count} day" if count == 1 else f"{count} days"


def is_in_days(first: date, today: date) -> bool:
    """Whether the time from `first` to `today` is short enough to be given in days."""
    return (today - first).days <= DAYS_AT_MOST


def how_long(first: date, today: date) -> str:
    """“24 days”, “6 months”, “2 years”: whole calendar months or years that have passed."""
    if is_in_days(first, today):
        return days((today - first).days)
    months = (today.year - first.year) * 12 + today.month - first.month - (today.day < first.day)
    months = max(2, months)
    return f"{months} months" if months <= MONTHS_AT_MOST else f"{months // 12} years"
