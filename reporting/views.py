"""The board page: one page, exceptions first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.figures import standing_of
from actions.requests import PortalRequest
from reporting.exceptions import exceptions_of


@require_safe
def board(request: PortalRequest) -> HttpResponse:
    plan = request.plan
    rows = plan.rows(plan.actions())
    exceptions = exceptions_of(plan, rows)
    context = {
        "standing": standing_of(rows),
        "exceptions": [(one, one.days(plan.today)) for one in exceptions],
        "worse": [row for row in rows if row.direction == "worse"],
        "better": [row for row in rows if row.direction == "better"],
        "new": [row for row in rows if row.direction == "new"],
        "calendar": plan.calendar,
        "vital_fews": [
            (vf, standing_of(row for row in rows if vf.code in row.marks)) for vf in plan.vital_fews
        ],
        "now": timezone.now(),
        "earlier_asked": any(request.GET.get(name) for name in ("meeting", "as_at", "since")),
    }
    return render(request, "reporting/board.html", context)
