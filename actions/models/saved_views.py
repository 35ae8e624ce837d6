"""Views that people save: a name for an address of the portal. They belong to their owner, and have no history."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse


class SavedView(models.Model):
    """A page and its query. Never an address of its own: it cannot lead out of the portal."""

    class Page(models.TextChoices):
        ACTIONS = "action_list", "Actions"
        MEASURES = "measure_list", "Outcome measures"
        STRATEGY = "home", "The strategy on a page"
        COVERAGE = "coverage", "Coverage"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    page = models.CharField(max_length=20, choices=Page, help_text="The name of its URL.")
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField("share with everyone", default=False)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint("owner", Lower("name"), name="saved_view_name_once"),
            models.CheckConstraint(
                condition=models.Q(page__in=("action_list", "measure_list", "home", "coverage")),
                name="saved_view_page_known",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page that it is a view of."""
        return reverse(self.page) + (f"?{self.query}" if self.query else "")


class StartPage(models.Model):
    """The view that a person lands on after signing in, instead of the page of their role."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.person}: {self.view}"
