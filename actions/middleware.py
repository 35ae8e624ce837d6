"""Save what somebody typed when their session expired before they submitted it."""

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
        response = get_response(request)
        if getattr(request, "kept_draft", None) and response.status_code == 302:  # to the sign-in page
            messages.info(
                request,
                "You were signed out while you were writing. What you typed is saved: sign in to continue.",
            )
        return response

    return middleware
