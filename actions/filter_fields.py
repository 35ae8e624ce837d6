"""Fields of a filter in an address: each rejects what it cannot read, in words, instead of ignoring it."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

ON = {"on", "true", "yes", "1"}
OFF = {"", "off", "false", "no", "0"}


class OnField(forms.BooleanField):
    """A tick box in an address: `on`, or absent. Anything else is an error, not a tick."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs, "widget": OnInput})

    def to_python(self, value: Any) -> bool:
        text = str(value or "").casefold()
        if text in ON:
            return True
        if text in OFF:
            return False
        raise ValidationError(f"“{value}” is neither “on” nor “off”.")


class OnInput(forms.CheckboxInput):
    """Passes on the text of the address so that the field can check it; ticked only for “on”."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: str(value).casefold() in ON)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")

    def format_value(self, value: Any) -> None:
        return None


class SeveralInput(forms.CheckboxSelectMultiple):
    """Ignores `status=` with no value, as every other field does."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [value for value in super().value_from_datadict(data, files, name) or [] if value]


class DayInput(forms.DateInput):
    """The browser's own date picker, which sends and expects 2026-09-01."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class OnFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    field_class = OnField


class SeveralFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]  # django-filter has no types
    """A choice that an address may repeat: `cluster=retail&cluster=creative` is either of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=SeveralInput, **kwargs)


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]  # django-filter has no types
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=DayInput,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"invalid": "Enter a date, for example 2026-09-01."},
            **kwargs,
        )
