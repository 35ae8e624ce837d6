"""Partners, the people who sign in, and their invitations."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from history.models import StampField, Version, history_of

INVITATION_DAYS = 14


class PartnerQuerySet(models.QuerySet["Partner"]):
    def present(self) -> Self:
        """Without those that were merged into another one."""
        return self.filter(merged_into=None)


class PartnerManager(models.Manager["Partner"]):
    def get_queryset(self) -> PartnerQuerySet:
        return PartnerQuerySet(self.model, using=self._db)

    def present(self) -> PartnerQuerySet:
        return self.get_queryset().present()

    def get_by_natural_key(self, slug: str) -> "Partner":
        return self.get(slug=slug)


class PartnerFields(models.Model):
    class Kind(models.TextChoices):
        ORGANISATION = "organisation", "organisation"
        CLUSTER = "cluster", "cluster, no organisation yet"
        EVERYONE = "everyone", "all partners together"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200)
    order = models.PositiveSmallIntegerField(help_text="Position in the source, from 1.")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ORGANISATION)
    merged_into = models.ForeignKey(
        "partners.Partner",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The partner that this one turned out to be. Its row stays for the past.",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partner_detail", args=[self.slug])

    @property
    def is_everyone(self) -> bool:
        return self.kind == self.Kind.EVERYONE

    @property
    def is_organisation(self) -> bool:
        return self.kind == self.Kind.ORGANISATION


class Partner(PartnerFields):
    objects = PartnerManager()

    class Meta:
        ordering = (Lower("name"), "pk")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="partner_name_once"),
            models.UniqueConstraint(fields=("slug",), name="partner_slug_once"),
            models.UniqueConstraint(
                fields=("kind",), condition=models.Q(kind="everyone"), name="partner_everyone_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=PartnerFields.Kind.values), name="partner_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="partner_not_merged_into_itself"
            ),
        )

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


@history_of(Partner)
class PartnerVersion(PartnerFields, Version):
    worded = ("name", "slug", "kind")
    added_as = "kind"

    class Meta(Version.Meta):
        ordering = ("name", "row_id")


def settle_email(user: "User") -> None:
    """Record the person's one address as verified with allauth, which a second factor requires; delete an old one."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who can sign in. Without a password, they sign in with an e-mailed code only.

        Raises ValueError without an e-mail address.
        """
        if not email:
            raise ValueError("A person needs an e-mail address to sign in.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        settle_email(user)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a member of City Growth staff, for `manage.py createsuperuser`."""
        return self.create_user(email, password, **{"role": User.Role.STAFF, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    class Role(models.TextChoices):
        LEAD = "lead", "Partner lead"
        STAFF = "staff", "City Growth staff"
        BOARD = "board", "Board member"

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=200, help_text="Shown beside the updates that the person submits.")
    role = models.CharField(max_length=10, choices=Role, default=Role.LEAD)
    partners = models.ManyToManyField(
        Partner, blank=True, related_name="people", help_text="The partners a lead submits updates for."
    )
    is_active = models.BooleanField("account open", default=True)
    name_removed = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=("lead", "staff", "board")), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(name_removed=False) | models.Q(is_active=False),
                name="user_name_removed_when_closed",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def get_absolute_url(self) -> str:
        return reverse("person_detail", args=[self.pk])

    def get_full_name(self) -> str:
        return str(self)

    @property
    def is_lead(self) -> bool:
        return self.role == self.Role.LEAD

    @property
    def is_staff(self) -> bool:
        """Whether the person may enter Django's admin."""
        return self.role == self.Role.STAFF

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """For Django's admin. Other pages use `partners.permissions`."""
        return self.is_active and self.is_staff

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class PersonChange(models.Model):
    """What staff did with a person's account, and why. The database rejects any change or deletion."""

    class Kind(models.TextChoices):
        CLOSED = "closed", "Account closed"
        REOPENED = "reopened", "Account reopened"
        MOVED = "moved", "Role or partner changed"
        SECOND_FACTOR = "second-factor", "Second factor reset"
        NAME_REMOVED = "name-removed", "Name and e-mail address removed"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=15, choices=Kind)
    before = models.CharField(max_length=2000, blank=True, help_text="Role and partners, in words.")
    after = models.CharField(max_length=2000, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=254, blank=True, editable=False)  # at the time
    recorded_at = StampField()

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("closed", "reopened", "moved", "second-factor", "name-removed")),
                name="person_change_kind_known",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="person_change_reason_given"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Neither accepted nor withdrawn. An expired one counts: it can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)


def new_invitation_key() -> str:
    return secrets.token_urlsafe(24)


def invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=INVITATION_DAYS)


class Invitation(models.Model):
    """Lets a person submit updates for a partner: once, until it expires or is withdrawn. Sending again renews it."""

    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=200, blank=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="invitations")
    key = models.CharField(max_length=64, unique=True, default=new_invitation_key, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    mail: Any = None  # its last e-mail, where `partners.invitations.with_mails` looked
    expires_at = models.DateTimeField(default=invitation_expiry)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                "partner",
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None), name="invitation_ends_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} for {self.partner}"

    @property
    def state(self) -> str:
        """One word: accepted, withdrawn, expired or open."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "withdrawn"
        return "open" if self.expires_at > timezone.now() else "expired"

    @property
    def is_open(self) -> bool:
        return self.state == "open"
