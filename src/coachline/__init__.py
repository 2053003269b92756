"""Coachline: quality inspection, capability evaluation, training and rosters of a customer-service centre.

Examples
--------
>>> import coachline
>>> c = coachline.open("my-centre")              # doctest: +SKIP
>>> c.run("operations.daily", since="2026-03-01")  # doctest: +SKIP
"""

from coachline.centre import Centre
from coachline.errors import CoachlineError

__all__ = ["Centre", "CoachlineError", "open"]

open = Centre
"""``coachline.open(folder)`` opens a centre."""
