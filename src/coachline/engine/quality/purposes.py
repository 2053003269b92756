"""Purposes of inspections as a user names them."""

from __future__ import annotations

from coachline.engine.tables.inspections import PURPOSE
from coachline.errors import CoachlineError


def purposes_of(given: str) -> tuple[str, ...]:
    """``score,calibration`` with the punctuation of either language.

    Raises
    ------
    CoachlineError
        ``unknown_purpose``.
    """
    named = tuple(dict.fromkeys(part.strip() for part in given.replace("，", ",").split(",") if part.strip()))
    unknown = [name for name in named if name not in PURPOSE.codes]
    if unknown or not named:
        raise CoachlineError("unknown_purpose", given=", ".join(unknown) or given, known=", ".join(PURPOSE.codes))
    return named
