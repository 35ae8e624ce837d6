"""This app's part of the template variable `portal`."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from partners.demonstration import people
from partners.single_sign_on import login_url
from web.context_processors import with_portal


def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal.demonstration_people`: empty outside demonstration mode, queried only when used.

    And `portal.single_sign_on`, the provider's address and name, if there is one.
    """
    return with_portal(
        request,
        demonstration_people=SimpleLazyObject(people) if settings.DEMONSTRATION else [],
        single_sign_on={"url": login_url(), "name": settings.OIDC_NAME} if settings.OIDC_ISSUER else None,
    )
