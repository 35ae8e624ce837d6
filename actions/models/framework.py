"""The plan's own rows: actions, their leads, relationships and outcome measures, and where each was imported from.

As in `strategy.models`, the fields are in abstract classes that their versions share.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.addresses import action_url
from partners.models import Partner
from strategy.models import Cluster, Theme, VitalFew


class ActionManager(models.Manager["Action"]):
    def get_by_natural_key(self, number: int) -> "Action":
        return self.get(number=number)


class ActionFields(models.Model):
    number = models.PositiveIntegerField("action number", validators=[MinValueValidator(1)])
    title = models.TextField("action")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    outcome_text = models.TextField(help_text="The outcome measure, word for word as in the framework.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Action {self.number}"

    def get_absolute_url(self) -> str:
        return action_url(self.number)


class Action(ActionFields):
    objects = ActionManager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("number",), name="action_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="action_number_from_1"),
        )

    def natural_key(self) -> tuple[int]:
        return (self.number,)


class LeadManager(models.Manager["Lead"]):
    def get_by_natural_key(self, number: int, partner: str) -> "Lead":
        return self.get(action__number=number, partner__slug=partner)


class LeadFields(models.Model):
    class Acceptance(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=1, help_text="Place among joint leads, from 1.")
    acceptance = models.CharField(max_length=10, choices=Acceptance, default=Acceptance.SUGGESTED)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.partner} for action {self.action.number}"

    @property
    def is_suggested(self) -> bool:
        return self.acceptance == self.Acceptance.SUGGESTED


class Lead(LeadFields):
    """A lead partner of an action. One who declined stays, as declined, so that the answer stays readable."""

    objects = LeadManager()

    class Meta:
        ordering = ("action", "order", "pk")
        constraints = (
            models.UniqueConstraint(fields=("action", "partner"), name="lead_once_an_action"),
            models.UniqueConstraint(fields=("action", "order"), name="lead_order_once_an_action"),
            models.CheckConstraint(
                condition=Q(acceptance__in=LeadFields.Acceptance.values), name="lead_acceptance_known"
            ),
        )

    def natural_key(self) -> tuple[int, str]:
        return (self.action.number, self.partner.slug)

    natural_key.dependencies = ["actions.action", "partners.partner"]  # type: ignore[attr-defined]  # Django's way


class RelationshipManager(models.Manager["Relationship"]):
    def get_by_natural_key(self, number: int, code: str) -> "Relationship":
        return self.get(action__number=number, vital_few__code=code)


class RelationshipFields(models.Model):
    class Strength(models.TextChoices):
        STRONG = "X", "strong"
        SUPPORTING = "O", "supporting"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+")
    vital_few = models.ForeignKey(VitalFew, on_delete=models.PROTECT, related_name="+")
    strength = models.CharField(max_length=1, choices=Strength)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Action {self.action.number}, {self.vital_few.code}: {self.strength}"


class Relationship(RelationshipFields):
    """No row is no relationship: the blank cell of the grid."""

    objects = RelationshipManager()

    class Meta:
        ordering = ("action", "vital_few", "pk")
        constraints = (
            models.UniqueConstraint(fields=("action", "vital_few"), name="relationship_once"),
            models.CheckConstraint(condition=Q(strength__in=("X", "O")), name="relationship_x_or_o"),
        )

    def natural_key(self) -> tuple[int, str]:
        return (self.action.number, self.vital_few.code)

    natural_key.dependencies = ["actions.action", "strategy.vitalfew"]  # type: ignore[attr-defined]  # Django's way


class OutcomeMeasureManager(models.Manager["OutcomeMeasure"]):
    def get_by_natural_key(self, number: int, order: int) -> "OutcomeMeasure":
        return self.get(action__number=number, order=order)


class OutcomeMeasureFields(models.Model):
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(
        default=1, help_text="Place among the action's measures, from 1."
    )
    text = models.TextField("outcome measure")
    year = models.PositiveSmallIntegerField(help_text="The year given in the framework.")
    baseline = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, help_text="Only where the measure is numeric."
    )
    unit = models.CharField(max_length=60, blank=True)
    target_date = models.DateField(
        null=True,
        blank=True,
        help_text="The original date. Once set it stays for good; a later one is a revised date.",
    )
    revised_date = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Action {self.action.number}, measure {self.order}"

    @property
    def is_numeric(self) -> bool:
        return self.target is not None


class OutcomeMeasure(OutcomeMeasureFields):
    objects = OutcomeMeasureManager()

    class Meta:
        ordering = ("action", "order", "pk")
        constraints = (
            models.UniqueConstraint(fields=("action", "order"), name="measure_order_once_an_action"),
            models.CheckConstraint(
                condition=Q(target__isnull=False) | Q(baseline__isnull=True),
                name="measure_baseline_only_with_target",
                violation_error_message="A baseline needs a numeric target.",
            ),
            models.CheckConstraint(
                condition=Q(revised_date__isnull=True)
                | (Q(target_date__isnull=False) & ~Q(revised_date=F("target_date"))),
                name="measure_revised_date_beside_original",
                violation_error_message="A revised date needs an original target date and must differ from it.",
            ),
        )

    def natural_key(self) -> tuple[int, int]:
        return (self.action.number, self.order)

    natural_key.dependencies = ["actions.action"]  # type: ignore[attr-defined]  # Django's way

    @property
    def update_url(self) -> str:
        return reverse("measure_update", args=[self.action.number, self.order])

    def clean(self) -> None:
        """The database refuses it too; here a form can say it at its field."""
        if self.pk and self.target is None and self.updates.filter(value__isnull=False).exists():
            raise ValidationError(
                {
                    "target": "Values have been reported against this target: you can change it, but not remove it.",
                }
            )
        kept = OutcomeMeasure.objects.filter(pk=self.pk).values_list("target_date", flat=True).first()
        if kept and self.target_date != kept:
            raise ValidationError(
                {"target_date": f"The original date, {kept:%-d %B %Y}, stays. Set a revised date."}
            )


class SourceCellManager(models.Manager["SourceCell"]):
    def get_by_natural_key(self, line: int, column: int) -> "SourceCell":
        return self.get(line=line, column=column)


class SourceCell(models.Model):
    """A cell of the source document, verbatim, and what the parser corrected."""

    line = models.PositiveIntegerField()
    column = models.PositiveSmallIntegerField(help_text="The cell's place in its line, from 1.")
    heading = models.CharField(max_length=60)
    action = models.ForeignKey(
        Action,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank for cells in the list of vital fews.",
    )
    raw = models.TextField("raw text", blank=True)
    mend = models.TextField("how it was read", blank=True)

    objects = SourceCellManager()

    class Meta:
        ordering = ("line", "column")
        constraints = (models.UniqueConstraint(fields=("line", "column"), name="source_cell_once"),)

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"

    def natural_key(self) -> tuple[int, int]:
        return (self.line, self.column)
