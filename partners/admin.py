"""Django's admin for people, partners and second factors.

People are not deleted: their names stay beside the updates they submitted.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from history.admin import VersionedAdmin
from partners import people
from partners.models import Partner, User, settle_email
from partners.sessions import end_sessions


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = User
        fields = ("email", "name", "role", "partners", "is_active")
        widgets = {"partners": forms.CheckboxSelectMultiple}
        help_texts = {
            "is_active": "To close or reopen an account, open the person's page under People. People are not deleted.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "partners" in self.fields:
            partners: Any = self.fields["partners"]
            partners.queryset = Partner.objects.present()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") != User.Role.LEAD and cleaned.get("partners"):
            self.add_error(
                "partners",
                "Only a partner lead can have partners. Untick the partners or change the role.",
            )
        if cleaned.get("role") == User.Role.LEAD and not cleaned.get("partners"):
            self.add_error("partners", "Choose at least one partner for a partner lead.")
        return cleaned

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PartnerFilter(admin.RelatedFieldListFilter):
    """Offers the organisations and clusters, and not “All” partners beside “All” people."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        alone = ~Q(kind=Partner.Kind.EVERYONE)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=alone)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Adds people, and corrects names and addresses. Role, partner and account change under People, with a reason."""

    form = UserForm
    actions = None
    list_display = ("name", "email", "role", "is_active", "last_sign_in")
    list_filter = ("role", "is_active", ("partners", PartnerFilter))
    search_fields = ("name", "email")

    @admin.display(description="last sign-in", ordering="last_login")
    def last_sign_in(self, person: User) -> datetime | None:
        return person.last_login

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()  # they sign in with an e-mailed code, and may set a password
        super().save_model(request, obj, form, change)
        settle_email(obj)
        if change and obj.email != form.initial["email"]:
            by: Any = request.user
            people.tell_of_new_address(person=obj, earlier=form.initial["email"], by=by)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("role", "partners", "is_active") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not (obj and obj.name_removed) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Partner)
class PartnerAdmin(VersionedAdmin):
    list_display = ("name", "kind", "slug")
    list_filter = ("kind",)
    search_fields = ("name",)


class SecondFactorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Lets staff remove the second factor of a person who lost it. Its secret is never shown."""

    actions = None
    list_display = ("user", "type", "created_at", "last_used_at")
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        end_sessions(obj.user)
