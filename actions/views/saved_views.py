"""Saved views: the list, saving the view of a page, renaming, sharing, deleting, and the start page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.models import SavedView
from actions.requests import PortalRequest
from actions.saved_views import (
    ViewRefused,
    of_address,
    save_view,
    start_view_of,
    start_with,
    visible_to,
)
from partners.models import User
from web.forms import PortalForm


class ViewForm(PortalForm):
    """The name of a view, and what is to be done with it. Only staff are offered to share it."""

    small_choices = True

    name = forms.CharField(max_length=80, error_messages={"required": "Enter a name for this view."})
    is_shared = forms.BooleanField(
        label="Share with everyone", required=False, help_text="Everybody who signs in sees it in their menu."
    )
    is_start = forms.BooleanField(label="Start here after signing in", required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.is_staff:
            del self.fields["is_shared"]


@require_safe
def view_list(request: PortalRequest) -> HttpResponse:
    found = list(visible_to(request.user))
    context = {
        "own": [view for view in found if view.owner_id == request.user.pk],
        "shared": [view for view in found if view.owner_id != request.user.pk],
        "start": start_view_of(request.user),
    }
    return render(request, "actions/view_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def view_save(request: PortalRequest) -> HttpResponse:
    """Save the address in `address` under a name."""
    address = (request.POST if request.method == "POST" else request.GET).get("address", "")
    try:
        view = of_address(address)
    except ViewRefused as refused:
        raise Http404(str(refused)) from refused
    return _form(request, view, {"address": address})


@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: PortalRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    start = start_view_of(request.user)
    initial = {"name": view.name, "is_shared": view.is_shared, "is_start": start == view}
    return _form(request, view, {"initial": initial})


@require_http_methods(["GET", "HEAD", "POST"])
def view_delete(request: PortalRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    if request.method != "POST":
        return render(request, "actions/view_delete.html", {"view": view})
    view.delete()
    messages.success(request, f"View “{view.name}” deleted.")
    return redirect("view_list")


@require_POST
def view_start(request: PortalRequest, pk: int) -> HttpResponse:
    """Land on this view after signing in; with `off`, on the page of one's role again."""
    view = get_object_or_404(visible_to(request.user), pk=pk)
    chosen = None if request.POST.get("off") else view
    start_with(view=chosen, by=request.user)
    words = (
        f"You will start with “{view.name}” after signing in."
        if chosen
        else "You will start on the usual page for your role."
    )
    messages.success(request, words)
    return redirect("view_list")


def _own(request: PortalRequest, pk: int) -> SavedView:
    """Their own view: 404 for another's private one, 403 for one that another shares."""
    view = get_object_or_404(visible_to(request.user), pk=pk)
    if view.owner_id != request.user.pk:
        raise PermissionDenied
    return view


def _form(request: PortalRequest, view: SavedView, about: dict[str, Any]) -> HttpResponse:
    form = ViewForm(request.POST or None, by=request.user, initial=about.get("initial"))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            save_view(
                view=view,
                name=asked["name"],
                is_shared=asked.get("is_shared", False),
                is_start=asked["is_start"],
                by=request.user,
            )
        except ViewRefused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, f"View “{view.name}” saved.")
            return redirect(view.get_absolute_url() if "address" in about else "view_list")
    context = {"form": form, "view": view, **about}
    return render(request, "actions/view_form.html", context, status=422 if form.is_bound else 200)
