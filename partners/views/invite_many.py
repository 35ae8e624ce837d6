"""Inviting many people at once: paste, preview, send."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from partners.forms import InviteManyForm
from partners.invite_many import Line, invite_many, parse_lines
from partners.permissions import staff_only
from partners.views.invitations import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def person_invite(request: HttpRequest) -> HttpResponse:
    """Nothing is sent before the preview, and nothing while a line has a fault unless staff leave those lines out."""
    form = InviteManyForm(request.POST or None)
    lines: list[Line] = []
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        lines = parse_lines(asked["lines"], partner_for_all=asked["partner"])
        if _may_send(request, lines):
            return _sent(request, lines)
    faulty = [line for line in lines if line.fault]
    for line in faulty:
        form.add_error("lines", f"Line {line.number}: {line.fault}")
    context = {
        "form": form,
        "lines": lines,
        "faulty": faulty,
        "good": [one for one in lines if not one.fault],
    }
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "partners/person_invite.html", context, status=status)


def _may_send(request: HttpRequest, lines: list[Line]) -> bool:
    good = [line for line in lines if not line.fault]
    return bool(good) and (
        "send_good" in request.POST or ("send" in request.POST and len(good) == len(lines))
    )


def _sent(request: HttpRequest, lines: list[Line]) -> HttpResponse:
    sent = invite_many(lines=lines, by=user_of(request))
    are = "invitations are" if len(sent) != 1 else "invitation is"
    messages.success(request, f"{len(sent)} {are} on the way.")
    return redirect("invitation_list")
