"""What happened, for the log: one line an event. Ids alone: no name, no address, no words anybody typed."""

import logging

logger = logging.getLogger("portal.events")


def event(name: str, **fields: int | str | bool | None) -> None:
    """Log an event with its fields, as `record.fields`."""
    logger.info(name, extra={"fields": fields})
