"""Adding, renaming and merging partners, and taking a leaver's name out. For City Growth staff."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.leavers import remove_name
from actions.partner_edits import (
    MergeRefused,
    MovedSince,
    add_partner,
    edit_partner,
    merge_of,
    merge_partners,
)
from actions.partner_forms import MergeForm, PartnerForm
from actions.requests import PortalRequest
from partners.forms import WhyForm
from partners.models import Partner, User
from partners.people import PersonRefused, check_leaver, former
from partners.permissions import staff_only

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@staff_only
def partner_new(request: PortalRequest) -> HttpResponse:
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        partner = add_partner(**form.cleaned_data, by=request.user)
        messages.success(request, f"{partner} added. It does not lead any actions yet.")
        return redirect("partner_detail", partner.slug)
    return _form(request, "partner_new", {"form": form})


@require_http_methods(METHODS)
@staff_only
def partner_edit(request: PortalRequest, slug: str) -> HttpResponse:
    partner = _partner(slug)
    form = PartnerForm(request.POST or None, partner=partner)
    if request.method == "POST" and form.is_valid():
        edit_partner(partner=partner, **form.cleaned_data, by=request.user)
        messages.success(request, f"Changes to {form.cleaned_data['name']} saved.")
        return redirect("partner_detail", slug)
    return _form(request, "partner_edit", {"form": form, "partner": partner})


@require_http_methods(METHODS)
@staff_only
def partner_merge(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose the other partner; see exactly what moves; then merge, if that is still what moves."""
    gone = _partner(slug)
    form = MergeForm(request.POST or None, gone=gone)
    context: dict[str, Any] = {"form": form, "partner": gone}
    if request.method == "POST" and form.is_valid():
        kept, seen, reason = (form.cleaned_data[name] for name in ("kept", "seen", "reason"))
        if "merge" in request.POST:
            try:
                merge_partners(gone=gone, kept=kept, seen=seen, reason=reason, by=request.user)
                messages.success(request, f"{gone} merged into {kept}.")
                return redirect("partner_detail", kept.slug)
            except (MergeRefused, MovedSince):
                context["moved_since"] = True
        context["merge"] = merge_of(gone=gone, kept=kept)
        return render(request, "actions/partner_merge.html", context)
    return _form(request, "partner_merge", context)


@require_http_methods(METHODS)
@staff_only
def person_remove_name(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what is replaced and ask why. Only for a closed account."""
    person = get_object_or_404(User.objects.prefetch_related("partners"), pk=pk)
    form = WhyForm(request.POST or None)
    try:
        check_leaver(person, request.user)
        if request.method == "POST" and form.is_valid():
            name = remove_name(person=person, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"Name removed and replaced with “{name}”.")
            return redirect("person_detail", pk)
    except PersonRefused as refused:
        messages.error(request, str(refused))
        return redirect("person_detail", pk)
    context = {"person": person, "form": form, "former": former(person), "drafts": person.drafts.count()}
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/person_remove_name.html", context, status=status)


def _partner(slug: str) -> Partner:
    """A present partner that staff may edit: “All” is the source's word for everybody."""
    return get_object_or_404(Partner.objects.present().exclude(kind=Partner.Kind.EVERYONE), slug=slug)


def _form(request: PortalRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"actions/{name}.html", context, status=status)
