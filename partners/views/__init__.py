from partners.views.account import email_address, second_factor_needed
from partners.views.invitations import (
    invitation_accept,
    invitation_list,
    invitation_revoke,
    invitation_send_again,
)

__all__ = [
    "email_address",
    "invitation_accept",
    "invitation_list",
    "invitation_revoke",
    "invitation_send_again",
    "second_factor_needed",
]
