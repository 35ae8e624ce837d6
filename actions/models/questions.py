"""What City Growth staff ask about an update."""

from django.conf import settings
from django.db import models

from actions.models.updates import ProgressUpdate
from history.models import StampField


class UpdateQuestion(models.Model):
    """A question of staff about one update. The next update on the same measure answers it; nothing waits for that."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("question", max_length=2000)
    asked_at = StampField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(
        max_length=254, blank=True, editable=False, help_text="Their name at the time."
    )

    class Meta:
        ordering = ("asked_at", "pk")

    def __str__(self) -> str:
        return self.text
