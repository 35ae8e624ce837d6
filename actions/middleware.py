"""A session that lapsed while somebody wrote must not cost them their words."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from actions.drafts import keep_unsent


def keep_typed_words(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path.endswith("/update/") and not request.user.is_authenticated:
            keep_unsent(request)
        return get_response(request)

    return middleware
