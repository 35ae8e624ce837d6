"""The ledger of e-mails."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from actions.filter_words import query_without
from actions.requests import PortalRequest
from outbox.models import Kind, Mail, State
from outbox.posting import send_again
from partners.permissions import staff_only

MAILS_A_PAGE = 50


@require_safe
@staff_only
def outbox(request: PortalRequest) -> HttpResponse:
    """Every e-mail, newest first: to whom, for what, when tried, sent or why not. Never its text."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    mails = Mail.objects.for_page()
    if state in State.values:
        mails = mails.filter(state=state)
    if kind in Kind.values:
        mails = mails.filter(kind=kind)
    pages = Paginator(mails, MAILS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    query = query_without(request.GET, ("page",))
    context = {
        "page": page,
        "rows": [(mail, mail.can_be_sent_again(request.plan.moment)) for mail in page],
        "page_numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_url": f"?{query}&page=" if query else "?page=",
        "states": State.choices,
        "kinds": Kind.choices,
        "state": state,
        "kind": kind,
    }
    return render(request, "reporting/outbox.html", context)


@require_POST
@staff_only
def outbox_send_again(request: PortalRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(Mail.objects.for_page(), pk=pk)
    if send_again(mail):
        messages.success(request, f"The e-mail to {mail.to} is on its way again.")
    else:
        messages.warning(
            request, f"The e-mail to {mail.to} cannot be sent again: {mail.get_state_display().lower()}."
        )
    return redirect("outbox")
