"""The log: a JSON line for each request and event, on standard error. Ids alone, and nothing that people typed."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
FRAMES_AT_MOST = 30


class WithoutNoise(logging.Filter):
    """Drop what the request line already says, and tracebacks of client errors and of a 503.

    Django logs every 403 and 404, the 403 with a traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = None
            return True
        if record.name != "django.request":
            return True
        status = getattr(record, "status_code", 500)
        if status == 503:  # the page says why, and the database's own log more
            record.exc_info = None
        return bool(status >= 500)


class JsonLines(logging.Formatter):
    """One line for each record: when, how bad, which request, and the fields of an event or the message."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower()}
        if current := request_id.get():
            line["id"] = current
        fields = getattr(record, "fields", None)
        if fields is None:
            line |= {"logger": record.name, "message": record.getMessage()}
        else:
            line |= {"event": record.getMessage(), **fields}
        if record.exc_info and record.exc_info[1]:
            line["error"] = _in_words(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _in_words(error: BaseException) -> list[str]:
    """The error's first line and where it happened. Databases quote the rejected row in the lines after it."""
    first = str(error).splitlines()[:1]
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_AT_MOST:]
    return [
        ": ".join([type(error).__name__, *first]),
        *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)),
    ]


def log_settings(with_requests: bool) -> dict[str, Any]:
    """The setting LOGGING: a JSON line for each warning and, if asked for, for each request and event."""
    console = {"class": "logging.StreamHandler", "formatter": "json", "filters": ["without_noise"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_noise": {"()": "config.logs.WithoutNoise"}},
        "formatters": {"json": {"()": "config.logs.JsonLines"}},
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},  # no e-mail to admins
            "portal": {"level": "INFO" if with_requests else "WARNING"},
        },
    }
