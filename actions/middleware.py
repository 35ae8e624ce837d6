"""A session that lapsed while somebody wrote must not cost them their words."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from actions.drafts import keep_unsent


def keep_typed_words(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            request.method == "POST"
            and request.path.endswith("/update/")
            and not request.user.is_authenticated
        ):
            request.kept_draft = keep_unsent(request)  # type: ignore[attr-defined]  # for the page that answers
            if request.kept_draft:  # type: ignore[attr-defined]
                messages.info(
                    request, "You were signed out while you wrote. What you typed is kept: sign in to go on."
                )
        return get_response(request)

    return middleware
