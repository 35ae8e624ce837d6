"""Numbers as people write them."""

from decimal import Decimal


def as_number(value: Decimal | None) -> str:
    """100, not 100.00; an empty string for None."""
    if value is None:
        return ""
    return f"{value:,.2f}".rstrip("0").rstrip(".")
