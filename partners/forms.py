"""Inviting a person, and accepting."""

from typing import Any

from django import forms

from partners.models import Invitation, PartnerFields, User
from web.forms import PortalForm, PortalModelForm


class InvitationForm(PortalModelForm):
    class Meta:
        model = Invitation
        fields = ("email", "name", "partner")
        error_messages = {
            "email": {"required": "Give the e-mail address."},
            "partner": {"required": "Choose a partner."},
        }
        labels = {
            "email": "E-mail address",
            "name": "Name, if you know it",
            "partner": "Partner to report for",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner: Any = self.fields["partner"]
        partner.queryset = partner.queryset.exclude(kind=PartnerFields.Kind.EVERYONE)
        partner.empty_label = "Choose a partner"

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        user = User.objects.filter(email__iexact=email).first()
        if user and not user.is_active:
            raise forms.ValidationError("This person's account is closed. Open it in the admin first.")
        if user and not user.is_lead:
            raise forms.ValidationError(
                f"This person signs in as {user.get_role_display()} already; a person has one role."
            )
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        email, partner = cleaned.get("email"), cleaned.get("partner")
        if email and partner and User.objects.filter(email__iexact=email, partners=partner).exists():
            self.add_error("email", f"This person reports for {partner} already.")
        elif (
            email
            and partner
            and Invitation.objects.waiting().filter(email__iexact=email, partner=partner).exists()
        ):
            self.add_error(
                "email", "This person is invited to this partner already: send that invitation again."
            )
        return cleaned


class AcceptForm(PortalForm):
    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="As others see it beside what you report.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Give your name."},
    )
