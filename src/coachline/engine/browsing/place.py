"""A place in an ordered list: the key of a row, from which the list goes on in one of its two directions.

Going on from a key finds the next rows without passing over those before them, and rows that are added or removed meanwhile neither shift nor
repeat what is shown.

References
----------
Markus Winand, "SQL Performance Explained", chapter 7, "Paging through results": the seek method.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from coachline.errors import CoachlineError

_WIDEST = 2**62


@dataclass(frozen=True)
class Place:
    """Where a page begins.

    Attributes
    ----------
    key : tuple of int or str
        Of the row beside which it begins; that row itself is not on it.
    backwards : bool
        Whether it holds the rows before that one.
    """

    key: tuple[int | str, ...]
    backwards: bool = False

    def as_text(self) -> str:
        """For an address: letters, digits, ``-`` and ``_``."""
        content = json.dumps([int(self.backwards), *self.key], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that `as_text` wrote.

        Raises
        ------
        CoachlineError
            ``place_unreadable``, since anybody can change an address.
        """
        try:
            backwards, *key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError, RecursionError):
            raise CoachlineError("place_unreadable") from None
        if backwards not in (0, 1) or not all(isinstance(part, int | str) for part in key):
            raise CoachlineError("place_unreadable")
        return cls(tuple(key), bool(backwards))

    def require(self, *kinds: type) -> None:
        """Refuse a place of another list.

        Raises
        ------
        CoachlineError
            ``place_unreadable``.
        """
        fits = len(kinds) == len(self.key) and all(type(part) is kind for part, kind in zip(self.key, kinds, strict=True))
        if not fits or any(isinstance(part, int) and abs(part) > _WIDEST for part in self.key):
            raise CoachlineError("place_unreadable")


@dataclass(frozen=True)
class Sorted:
    """One part of the key of a list: what it is sorted by, and whether the largest comes first."""

    by: ir.Value
    descending: bool = False


def beyond(order: Sequence[Sorted], place: Place) -> ir.BooleanValue:
    """The condition that a row lies after `place` in the order of the list, or before it if the place looks backwards."""
    met: list[ir.BooleanValue] = []
    equal: list[ir.BooleanValue] = []
    for part, value in zip(order, place.key, strict=True):
        further = part.by < value if part.descending != place.backwards else part.by > value
        met.append(ibis.and_(*equal, further))
        equal.append(part.by == value)
    return ibis.or_(*met)


def in_order(order: Sequence[Sorted], backwards: bool) -> list[ir.Value]:
    """What to sort by to walk through the list, or back through it."""
    return [part.by.desc() if part.descending != backwards else part.by.asc() for part in order]
