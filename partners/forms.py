"""Forms about people: inviting them, accepting an invitation, and changing an account."""

from typing import Any

from django import forms

from partners.invite_many import LINES_AT_MOST, Known
from partners.models import Invitation, Partner, PartnerFields, User
from partners.people import PersonRefused, check_move
from web.forms import PortalForm, PortalModelForm


class InvitationForm(PortalModelForm):
    class Meta:
        model = Invitation
        fields = ("email", "name", "partner")
        error_messages = {
            "email": {"required": "Enter an e-mail address."},
            "partner": {"required": "Choose a partner."},
        }
        help_texts = {"partner": "They can submit updates for this partner’s actions."}
        labels = {
            "email": "E-mail address",
            "name": "Name (optional)",
            "partner": "Partner",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner: Any = self.fields["partner"]
        partner.queryset = partner.queryset.present().exclude(kind=PartnerFields.Kind.EVERYONE)
        partner.empty_label = "Choose a partner"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        email = cleaned.get("email")
        if email and (why := Known([email]).why_not(email, cleaned.get("partner"))):
            self.add_error("email", why)
        return cleaned


class InviteManyForm(PortalForm):
    """The lines, and one partner for those that name none."""

    lines = forms.CharField(
        label="People to invite, one per line",
        max_length=50_000,
        help_text=(
            "For example: Asha Mistry <asha@example.org>, LEGI. The name is optional. "
            "Leave out the partner to use the one chosen below."
        ),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        error_messages={"required": "Paste at least one line."},
    )
    partner = forms.ModelChoiceField(
        label="Partner for lines without one (optional)",
        queryset=Partner.objects.none(),
        required=False,
        empty_label="Choose a partner",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partner"]
        field.queryset = Partner.objects.present().exclude(kind=PartnerFields.Kind.EVERYONE)

    def clean_lines(self) -> str:
        lines = str(self.cleaned_data["lines"])
        if sum(bool(line.strip()) for line in lines.splitlines()) > LINES_AT_MOST:
            raise forms.ValidationError(f"Paste no more than {LINES_AT_MOST} lines at a time.")
        return lines


class PeopleFilter(PortalForm):
    """Which people the list shows."""

    q = forms.CharField(label="Name or e-mail address", required=False, max_length=200)
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "Any role"), *User.Role.choices])
    partner = forms.ModelChoiceField(
        label="Partner",
        queryset=Partner.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label="Any partner",
    )
    account = forms.ChoiceField(
        label="Account",
        required=False,
        choices=[("", "Open and closed"), ("open", "Open"), ("closed", "Closed")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partner"]
        field.queryset = Partner.objects.present()


class WhyForm(PortalForm):
    """Why an account is changed."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Shown with your name in the history.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )


class MoveForm(WhyForm):
    """A person's role and partners from now on."""

    small_choices = True

    role = forms.ChoiceField(label="Role", choices=User.Role.choices, widget=forms.RadioSelect)
    partners = forms.ModelMultipleChoiceField(
        label="Partners",
        queryset=Partner.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The partners a lead submits updates for.",
    )
    field_order = ("role", "partners", "reason")

    def __init__(self, *args: Any, person: User, by: User, **kwargs: Any) -> None:
        self.person, self.by = person, by
        initial = {"role": person.role, "partners": person.partners.all()}
        super().__init__(*args, **{"initial": initial, **kwargs})
        field: Any = self.fields["partners"]
        field.queryset = Partner.objects.present().exclude(kind=PartnerFields.Kind.EVERYONE)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "role" in cleaned and "partners" in cleaned:
            try:
                check_move(self.person, cleaned["role"], cleaned["partners"], self.by)
            except PersonRefused as refused:
                self.add_error("role" if cleaned["role"] != User.Role.LEAD else "partners", str(refused))
        return cleaned


class AcceptForm(PortalForm):
    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="Shown beside the updates you submit.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )
