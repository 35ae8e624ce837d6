"""Remove a leaver's name from the portal; their updates stay."""

from actions import drafts
from actions.models import UpdateDraft
from history.clock import plan_change
from outbox.models import Mail
from outbox.posting import withdraw
from partners.models import User
from partners.people import check_leaver, forget_person, former


def remove_name(*, person: User, reason: str, by: User) -> str:
    """Delete the person's drafts and replace their name and address for good, on e-mails too. Returns the new name.

    Raises PersonRefused unless the account is closed. It is a change of the plan, because pages show names.
    """
    person = User.objects.get(pk=person.pk)
    check_leaver(person, by)
    name = former(person)
    with plan_change(by=by, reason=reason):
        for measure_id in UpdateDraft.objects.filter(author=person).values_list("measure", flat=True):
            drafts.discard(measure_id=measure_id, author=person)
        forget_person(person=person, reason=reason, by=by)
        mails = Mail.objects.filter(to__iexact=person.email)
        withdraw(mails, "The name and e-mail address of this person were removed.")
        mails.update(to=User.objects.get(pk=person.pk).email, text="", html="")
    return name
