from partners.views.account import email_address, second_factor_needed
from partners.views.invitations import (
    invitation_accept,
    invitation_list,
    invitation_revoke,
    invitation_send_again,
)
from partners.views.invite_many import person_invite
from partners.views.people import (
    person_close,
    person_detail,
    person_list,
    person_move,
    person_reopen,
    person_reset_second_factor,
)

__all__ = [
    "email_address",
    "invitation_accept",
    "invitation_list",
    "invitation_revoke",
    "invitation_send_again",
    "person_close",
    "person_detail",
    "person_invite",
    "person_list",
    "person_move",
    "person_reopen",
    "person_reset_second_factor",
    "second_factor_needed",
]
