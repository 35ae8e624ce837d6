"""What editing periods and meetings share: unique addresses, and no one's change overwritten unseen."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify

from history.models import Version


class EditRefused(Exception):
    """The edit was not saved. The message tells people why."""


class ChangedMeanwhile(EditRefused):
    """Somebody else saved the same row after the form was opened. `newest` is the key of what they saved."""

    def __init__(self, message: str, newest: int) -> None:
        super().__init__(message)
        self.newest = newest


def free_slug(model: type[models.Model], name: str, reserved: tuple[str, ...] = ()) -> str:
    """A slug made of `name` that no other row of `model` has and no address needs."""
    base = slugify(name)[:90] or str(model._meta.model_name)
    taken = {*reserved, *model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)}
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def newest_version(versions: type[Version], row: models.Model) -> Version:
    """The version of a row that is in force."""
    version: Version = versions.objects.open().get(row_id=row.pk)
    return version


def check_seen(versions: type[Version], row: models.Model, seen: int) -> None:
    """Raise ChangedMeanwhile if the row has a newer version than `seen`, the version its editor opened.

    Call it inside the change, when nobody else can write.
    """
    newest = newest_version(versions, row)
    if newest.pk == seen:
        return
    before = versions.objects.filter(pk=seen, row_id=row.pk).first()
    who = newest.change.by_name if newest.change else "Somebody"
    what = _differences(before, newest) if before else ""
    words = f"{who or 'Somebody'} changed this after you opened the form{what}."
    raise ChangedMeanwhile(
        f"{words} Your changes have not been saved yet. Check them, then save again.", newest.pk
    )


def _differences(before: Version, after: Version) -> str:
    found = [
        f"“{capfirst(_label(field, after))}” is now {_in_words(getattr(after, field.name))}"
        for field in type(after).kept_fields()
        if getattr(before, field.attname) != getattr(after, field.attname)
    ]
    return f": {', '.join(found)}" if found else ""


def _label(field: models.Field, version: Version) -> str:  # type: ignore[type-arg]  # any field at all
    """What the form calls the field."""
    return version.field_words.get(field.name, str(field.verbose_name))


def _in_words(value: Any) -> str:
    if value is None or value == "":
        return "empty"
    return date_format(value, "j F Y") if isinstance(value, date) else f"“{value}”"
