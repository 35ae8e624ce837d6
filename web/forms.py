"""How the portal's own forms look: GOV.UK's form patterns, on our forms and filters alone.

Django's admin and allauth keep their own renderer: a global FORM_RENDERER would restyle the admin too.
"""

import re
from typing import Any, ClassVar

from django import forms
from django.forms.renderers import BaseRenderer, TemplatesSetting
from django.http import HttpRequest

# The last part of a widget's template name -> the class that govuk-frontend styles it by.
WIDGET_CLASSES = {
    "checkbox.html": "govuk-checkboxes__input",
    "checkbox_option.html": "govuk-checkboxes__input",
    "clearable_file_input.html": "govuk-file-upload",
    "date.html": "govuk-input",
    "datetime.html": "govuk-input",
    "email.html": "govuk-input",
    "file.html": "govuk-file-upload",
    "number.html": "govuk-input",
    "password.html": "govuk-input",
    "radio_option.html": "govuk-radios__input",
    "search.html": "govuk-input",
    "select.html": "govuk-select",
    "tel.html": "govuk-input",
    "text.html": "govuk-input",
    "textarea.html": "govuk-textarea",
    "time.html": "govuk-input",
    "url.html": "govuk-input",
}
WITH_ERROR_VARIANT = ("govuk-file-upload", "govuk-input", "govuk-select", "govuk-textarea")
DATE_WIDGETS = ("date.html", "datetime.html")


class PortalRenderer(TemplatesSetting):
    """Renders fields by `partials/field.html` and gives every widget its govuk class, and its error variant.

    Django itself wires hint and error to the widget (`aria-describedby`) by the ids that `field.html` uses.
    """

    form_template_name = "partials/form.html"
    field_template_name = "partials/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if "widget" in context:
            context = {**context, "widget": with_classes(context["widget"], template_name.rsplit("/", 1)[-1])}
        return super().render(template_name, context, request)


def with_classes(widget: dict[str, Any], template: str) -> dict[str, Any]:
    """The widget's context, classes added to its own `class`; a widget we do not know is left as it is."""
    name = WIDGET_CLASSES.get(template)
    if name is None:
        return widget
    attrs = dict(widget["attrs"])
    classes = [name]
    if attrs.get("aria-invalid") and name in WITH_ERROR_VARIANT:
        classes.append(f"{name}--error")
    if template in DATE_WIDGETS:
        classes.append("govuk-input--width-10")
    if own := attrs.get("class"):
        classes.append(own)
    if getattr(widget.get("label"), "hint", ""):
        attrs["aria-describedby"] = f"{attrs['id']}_hint"
    if template == "radio_option.html":
        attrs.pop("aria-invalid", None)  # said once, by the fieldset: a radio cannot carry it
    return {**widget, "attrs": {**attrs, "class": " ".join(classes)}}


class PortalFormMixin:
    """Styles a form; for one with a base of its own (allauth's, django-filter's).

    Errors come from the server: the browser's own bubbles vanish, and cannot be linked to or printed.
    `small_choices` makes radios and checkboxes small, as in a filter panel.
    """

    default_renderer: BaseRenderer | type[BaseRenderer] | None = PortalRenderer
    small_choices: ClassVar[bool] = False
    use_required_attribute = False


class PortalForm(PortalFormMixin, forms.Form):
    """The base of every form of the portal, and of a FilterSet by `class Meta: form = PortalForm`."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """The base of every form that writes one row."""


class Described(str):
    """The label of a choice, with the words that explain it: `choices=[("at-risk", Described(…))]`.

    `partials/field.html` prints `hint` under the radio or checkbox, and `symbol` before its label.
    """

    hint: str
    symbol: str

    def __new__(cls, label: str, hint: str = "", symbol: str = "") -> "Described":
        self = super().__new__(cls, label)
        self.hint = hint
        self.symbol = symbol
        return self


class NumberField(forms.DecimalField):
    """A number as people type it, “5,000” included. Invalid input is left in the box and reported as an error."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"})

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": "Enter a number, like 40 or 5,000."}
        super().__init__(required=False, max_digits=14, decimal_places=2, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            re.sub(r"(?<=\d),(?=\d{3}\b)", "", value) if isinstance(value, str) else value
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no step: it is not the browser's to refuse
