"""The WSGI application: `gunicorn config.wsgi`."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters


class Utf8Request(WSGIRequest):
    """Ignore the charset of the Content-Type: forms are UTF-8, and `charset=hex` would fail before any middleware."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
application.request_class = Utf8Request

from config.checks import refuse_to_start_incomplete  # noqa: E402  needs the settings loaded above

refuse_to_start_incomplete()
