"""Invitations: sending, withdrawing and accepting them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from partners import invitations
from partners.forms import AcceptForm, InvitationForm
from partners.models import Invitation, User
from partners.permissions import staff_only
from partners.sign_in import send_code


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def invitation_list(request: HttpRequest) -> HttpResponse:
    partner = request.GET.get("partner", "")
    initial = {"partner": InvitationForm().fields["partner"].queryset.filter(slug=partner).first()}  # type: ignore[attr-defined]
    form = InvitationForm(
        request.POST or None, initial=initial, instance=Invitation(invited_by=user_of(request))
    )
    if request.method == "POST" and form.is_valid():
        invitation = form.save()
        invitations.send(invitation)
        messages.success(request, f"Invitation sent to {invitation}.")
        return redirect("invitation_list")
    context = {"form": form, "invitations": invitations.with_mails()}
    return render(request, "partners/invitation_list.html", context, status=422 if form.is_bound else 200)


def user_of(request: HttpRequest) -> User:
    """The member of staff of a view that is for staff only."""
    assert isinstance(request.user, User)  # noqa: S101  staff_only admits nobody else
    return request.user


@require_POST
@staff_only
def invitation_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    try:
        invitations.send_again(invitation)
        messages.success(request, f"Invitation sent again to {invitation}. The earlier link no longer works.")
    except invitations.InvitationUnavailable:
        already = f"The invitation to {invitation} has already been {invitation.state}"
        messages.error(request, f"{already}, so it was not sent again.")
    return redirect("invitation_list")


@require_POST
@staff_only
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    try:
        invitations.revoke(invitation)
        messages.success(request, f"Invitation to {invitation} withdrawn.")
    except invitations.InvitationUnavailable:
        messages.error(
            request,
            f"The invitation to {invitation} has already been {invitation.state}. Nothing was changed.",
        )
    return redirect("invitation_list")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, because mail scanners open links. The button creates the account.

    The link signs nobody in: the person gets a code by e-mail, as at every sign-in.
    """
    invitation = invitations.by_token(token)
    if invitation is None or not invitation.is_open:
        return render(request, "partners/invitation_unavailable.html", status=410)
    known = User.objects.filter(email__iexact=invitation.email).first()
    form = AcceptForm(request.POST or None, initial={"name": known.name if known else invitation.name})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "invitation": invitation}
        return render(
            request, "partners/invitation_accept.html", context, status=422 if form.is_bound else 200
        )
    try:
        user = invitations.accept(invitation, name=form.cleaned_data["name"])
    except invitations.InvitationUnavailable:
        return render(request, "partners/invitation_unavailable.html", status=410)
    return send_code(request, user.email)
