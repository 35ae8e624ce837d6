"""How django-allauth behaves here."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse

from partners.models import User
from web import mail

logger = logging.getLogger(__name__)
LANDING = {User.Role.LEAD: "my_updates", User.Role.STAFF: "action_list", User.Role.BOARD: "board"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by City Growth staff, or by accepting their invitation."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Log a mail server's failure instead of raising: an error would tell strangers which addresses are known."""
        request = self.request
        given = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, given)
        html = [str(each.content) for each in message.alternatives if each.mimetype == "text/html"]
        try:
            mail.send(to=email, subject=message.subject, text=message.body, html="".join(html))
        except OSError:
            logger.exception("Mail %s was not sent", template_prefix)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Each role lands where its main job is; an address asked for before sign-in goes first."""
        user: Any = request.user
        return reverse(LANDING[User.Role(user.role)])
