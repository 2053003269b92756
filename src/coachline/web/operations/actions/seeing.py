"""Marking alerts as seen."""

from __future__ import annotations

from typing import Any

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.operations.models import Receipt
from coachline.web.operations.permissions import VIEW
from coachline.web.operations.queries.alerts import unseen_by, visible_to


def mark_seen(alert_id: int, *, by: Any) -> None:
    """`by` has seen one alert.

    Raises
    ------
    NoPermission
    CoachlineError
        ``not_there``: there is none, or it is none of theirs.
    """
    require(by, VIEW)
    if not visible_to(by).filter(pk=alert_id).exists():
        raise CoachlineError("not_there", what=str(alert_id))
    Receipt.objects.bulk_create([Receipt(alert_id=alert_id, user=by)], ignore_conflicts=True)


def mark_all_seen(*, by: Any) -> int:
    """`by` has seen every alert that concerns them; returns how many were new to them.

    Raises
    ------
    NoPermission
    """
    require(by, VIEW)
    fresh = [Receipt(alert_id=pk, user=by) for pk in unseen_by(by).values_list("pk", flat=True)]
    Receipt.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)
