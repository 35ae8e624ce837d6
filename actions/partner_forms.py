"""Forms to add, rename and merge partners."""

from typing import Any

from django import forms

from actions.partner_edits import MergeRefused, merge_of, name_fault
from partners.forms import WhyForm
from partners.models import Partner, PartnerFields


class PartnerForm(WhyForm):
    """A partner's name and kind."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        error_messages={"required": "Enter the partner’s name."},
    )
    kind = forms.ChoiceField(
        label="Type of partner",
        choices=[
            (PartnerFields.Kind.ORGANISATION, "An organisation"),
            (PartnerFields.Kind.CLUSTER, "A cluster, no organisation yet"),
        ],
        initial=PartnerFields.Kind.ORGANISATION,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the type of partner."},
    )
    field_order = ("name", "kind", "reason")

    def __init__(self, *args: Any, partner: Partner | None = None, **kwargs: Any) -> None:
        self.partner = partner
        if partner:
            kwargs.setdefault("initial", {"name": partner.name, "kind": partner.kind})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if fault := name_fault(name, self.partner):
            raise forms.ValidationError(fault)
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        same = self.partner and (cleaned.get("name"), cleaned.get("kind")) == (
            self.partner.name,
            self.partner.kind,
        )
        if same:
            self.add_error("name", "You have not changed anything. Change the name or the type of partner.")
        return cleaned


class MergeForm(WhyForm):
    """The partner to keep, and why the two are one."""

    kept = forms.ModelChoiceField(
        label="Merge it into",
        queryset=Partner.objects.none(),
        empty_label="Choose a partner",
        to_field_name="slug",
        help_text="This partner and its name are kept.",
        error_messages={"required": "Choose a partner."},
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    field_order = ("kept", "reason")

    def __init__(self, *args: Any, gone: Partner, **kwargs: Any) -> None:
        self.gone = gone
        super().__init__(*args, **kwargs)
        kept: Any = self.fields["kept"]
        others = Partner.objects.present().exclude(kind=PartnerFields.Kind.EVERYONE)
        kept.queryset = others.exclude(pk=gone.pk)

    def clean_kept(self) -> Partner:
        kept: Partner = self.cleaned_data["kept"]
        try:
            merge_of(gone=self.gone, kept=kept)
        except MergeRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return kept
