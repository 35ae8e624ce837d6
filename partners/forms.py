"""Forms to invite a person and to accept an invitation."""

from typing import Any

from django import forms

from partners.models import Invitation, PartnerFields, User
from web.forms import PortalForm, PortalModelForm


class InvitationForm(PortalModelForm):
    class Meta:
        model = Invitation
        fields = ("email", "name", "partner")
        error_messages = {
            "email": {"required": "Enter an e-mail address."},
            "partner": {"required": "Choose a partner."},
        }
        help_texts = {"partner": "They can submit updates for this partner's actions."}
        labels = {
            "email": "E-mail address",
            "name": "Name (optional)",
            "partner": "Partner",
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
            raise forms.ValidationError("This person's account is closed. Reopen it in Admin first.")
        if user and not user.is_lead:
            raise forms.ValidationError(
                f"This person already has an account as {user.get_role_display()}. A person has one role."
            )
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        email, partner = cleaned.get("email"), cleaned.get("partner")
        if email and partner and User.objects.filter(email__iexact=email, partners=partner).exists():
            self.add_error("email", f"This person already reports for {partner}.")
        elif (
            email
            and partner
            and Invitation.objects.waiting().filter(email__iexact=email, partner=partner).exists()
        ):
            self.add_error(
                "email", "This person already has an invitation for this partner. Send that one again."
            )
        return cleaned


class AcceptForm(PortalForm):
    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="Shown beside the updates you submit.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )
