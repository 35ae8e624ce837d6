"""The request that views receive, for the type checker."""

import web.requests
from actions.plan import Plan
from partners.models import User

PortalRequest = web.requests.PortalRequest[Plan, User]
