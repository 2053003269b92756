"""Removes a customer for good, at their wish; nothing that could identify them is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coachline.centre import Centre as CentreFolder
from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import folder
from coachline.web.facts.actions.starting import discard_waiting
from coachline.web.journal.actions import record


@dataclass(frozen=True)
class Erased:
    """What became of a customer.

    Attributes
    ----------
    rows : mapping of table to int
        Rows deleted or blanked; ``rejects`` counts rows taken out of files of rejected rows.
    waiting : int
        Files that waited to be loaded. They held numbers as exported, so they were deleted without being searched.
    loading : int
        Files that were being checked or loaded. If one of them held the customer, loading it has brought them back.
    """

    rows: Mapping[str, int]
    waiting: int
    loading: int


def erase_customer(number: str, *, by: Any, reason: str) -> Erased:
    """Erase whoever has this number, given as exports hold it. The journal keeps who, when, why and how many rows, never the number.

    Raises
    ------
    NoPermission
    CoachlineError
        ``erase_without_number``, ``erase_without_reason``, ``erase_number_in_reason``, ``lake_busy``.
    """
    require(by, "facts.erase")
    number, reason = number.strip(), reason.strip()
    if not number:
        raise CoachlineError("erase_without_number")
    if not reason:
        raise CoachlineError("erase_without_reason")
    if number in reason:
        raise CoachlineError("erase_number_in_reason")
    with CentreFolder(folder()) as opened:
        rows = opened.erase_customer(number)
    counted: dict[str, Any] = dict(rows)
    record("facts.erase", by=by, named="-", reason=reason, **counted)
    waiting, loading = discard_waiting(by=by)
    return Erased({name: count for name, count in rows.items() if name != "uploads"}, waiting, loading)
