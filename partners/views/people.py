"""People: who has an account, and closing, reopening, moving and resetting it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from partners import people, second_factor
from partners.forms import MoveForm, PeopleFilter, WhyForm
from partners.models import Invitation, User
from partners.people import PersonRefused
from partners.permissions import staff_only
from partners.views.invitations import user_of

PER_PAGE, INVITATIONS_AT_MOST, CHANGES_AT_MOST = 50, 50, 100


@require_safe
@staff_only
def person_list(request: HttpRequest) -> HttpResponse:
    form = PeopleFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = _people(asked) if form.is_valid() else User.objects.none()
    pages = Paginator(found, PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    kept = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {
        "form": form,
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_url": f"?{kept}&page=" if kept else "?page=",
        "invitations": _waiting(asked)[:INVITATIONS_AT_MOST] if form.is_valid() else [],
        "filtered": bool(kept),
    }
    return render(request, "partners/person_list.html", context)


def _people(asked: dict[str, Any]) -> QuerySet[User]:
    """The people of this filter, in order of name, with what the list says of them."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=second_factor.FACTORS)
    waiting = Invitation.objects.waiting().annotate(lower=Lower("email"))
    found = User.objects.annotate(
        has_second_factor=Exists(factors), is_invited=Exists(waiting.filter(lower=Lower(OuterRef("email"))))
    )
    if words := asked["q"]:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if asked["role"]:
        found = found.filter(role=asked["role"])
    if asked["partner"]:
        found = found.filter(partners=asked["partner"])
    if asked["account"]:
        found = found.filter(is_active=asked["account"] == "open")
    return found.order_by("name", "pk").prefetch_related("partners")


def _waiting(asked: dict[str, Any]) -> QuerySet[Invitation]:
    """Invitations not accepted yet, of this filter. They are for partner leads."""
    found = Invitation.objects.waiting().select_related("partner")
    if words := asked["q"]:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if asked["partner"]:
        found = found.filter(partner=asked["partner"])
    is_shown = asked["role"] in ("", User.Role.LEAD) and not asked["account"]
    return found if is_shown else found.none()


@require_safe
@staff_only
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(pk)
    context = {
        "person": person,
        "is_oneself": person == request.user,
        "has_second_factor": second_factor.factors_of(person).exists(),
        "changes": person.changes.all()[:CHANGES_AT_MOST],
        "former": people.former(person),
    }
    return render(request, "partners/person_detail.html", context)


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.prefetch_related("partners"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def person_close(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, _person(pk), "close", people.close_account, "The account of {} is closed.")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def person_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, _person(pk), "reopen", people.reopen_account, "The account of {} is open again.")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def person_reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    done = "The second factor of {} was reset."
    return _changed(request, _person(pk), "reset_second_factor", people.reset_second_factor, done)


def _changed(
    request: HttpRequest, person: User, what: str, deed: Callable[..., Any], done: str
) -> HttpResponse:
    """Show what changes and ask why; then do it."""
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deed(person=person, reason=form.cleaned_data["reason"], by=user_of(request))
            messages.success(request, done.format(person))
            return redirect("person_detail", person.pk)
        except PersonRefused as refused:
            form.add_error(None, str(refused))
    context = {"person": person, "form": form}
    return render(
        request, f"partners/person_{what}.html", context, status=422 if request.method == "POST" else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def person_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose role and partners; see what changes; then do it."""
    person, by = _person(pk), user_of(request)
    form = MoveForm(request.POST or None, person=person, by=by)
    context: dict[str, Any] = {"person": person, "form": form, "now": people.standing_of(person)}
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if "move" not in request.POST:
            context["then"] = people.standing(asked["role"], asked["partners"])
            return render(request, "partners/person_move.html", context)
        try:
            people.move_person(
                person=person, role=asked["role"], partners=asked["partners"], reason=asked["reason"], by=by
            )
            messages.success(request, f"{person} is now {people.standing_of(_person(pk))}.")
            return redirect("person_detail", pk)
        except PersonRefused as refused:
            form.add_error(None, str(refused))
    return render(
        request, "partners/person_move.html", context, status=422 if request.method == "POST" else 200
    )
