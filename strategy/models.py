"""Vital fews, themes and clusters. Each shares its fields with its history through an abstract class."""

from typing import Any

from django.db import models
from django.urls import reverse

from history.models import Version, history_of


class ByKeyManager(models.Manager[Any]):
    """Find a row by its natural key of one field, for fixtures."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def get_by_natural_key(self, key: str) -> Any:
        return self.get(**{self.key: key})


class VitalFewFields(models.Model):
    code = models.CharField(max_length=8, help_text="As in the source: VF1, VF2 …")
    name = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(help_text="Position in the source, from 1.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("vital_few_detail", args=[self.code])


class NamedFields(models.Model):
    """A name, a slug for addresses, and the position in the source. Renaming keeps the slug."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200)
    order = models.PositiveSmallIntegerField(help_text="Position in the source, from 1.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ThemeFields(NamedFields):
    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("theme_detail", args=[self.slug])


class ClusterFields(NamedFields):
    is_cross_cluster = models.BooleanField(
        "covers every cluster",
        default=False,
        help_text="A scope that covers every cluster, not a cluster of its own.",
    )

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("cluster_detail", args=[self.slug])


class VitalFew(VitalFewFields):
    objects = ByKeyManager("code")

    class Meta:
        ordering = ("order", "pk")
        verbose_name_plural = "vital fews"
        constraints = (
            models.UniqueConstraint(fields=("code",), name="vital_few_code_once"),
            models.UniqueConstraint(fields=("order",), name="vital_few_order_once"),
        )

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Theme(ThemeFields):
    objects = ByKeyManager("slug")

    class Meta:
        ordering = ("order", "pk")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="theme_name_once"),
            models.UniqueConstraint(fields=("slug",), name="theme_slug_once"),
        )

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Cluster(ClusterFields):
    objects = ByKeyManager("slug")

    class Meta:
        ordering = ("order", "pk")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="cluster_name_once"),
            models.UniqueConstraint(fields=("slug",), name="cluster_slug_once"),
        )

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


@history_of(VitalFew)
class VitalFewVersion(VitalFewFields, Version):
    worded = ("name", "code", "order")

    class Meta(Version.Meta):
        ordering = ("order", "row_id")

    @property
    def known_as(self) -> str:
        return self.code


@history_of(Theme)
class ThemeVersion(ThemeFields, Version):
    worded = ("name", "slug", "order")

    class Meta(Version.Meta):
        ordering = ("order", "row_id")


@history_of(Cluster)
class ClusterVersion(ClusterFields, Version):
    worded = ("name", "slug", "order", "is_cross_cluster")

    class Meta(Version.Meta):
        ordering = ("order", "row_id")
