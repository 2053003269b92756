"""Hides what points at a person in text that is shown before it is pseudonymised: enough stays to tell what a column holds."""

from __future__ import annotations

import re

SHOWN_FIRST, SHOWN_LAST = 3, 2
MOBILE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}")
LONG_NUMBER = re.compile(r"\d{7,}")
"""Telephone, account and identity numbers."""

DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?")
"""``20260301`` and ``20260301080500`` are as long, and whoever mends a map must see that they are dates."""


def masked(cell: str | None, personal: bool = False) -> str | None:
    """A cell as it may be shown.

    Parameters
    ----------
    cell : str, optional
    personal : bool
        Whether it stands in a column of customers' numbers: then nothing but its first characters is shown. Elsewhere long numbers lose their middle.
    """
    if cell is None:
        return None
    if personal:
        return cell[:SHOWN_FIRST] + "*" * max(0, len(cell) - SHOWN_FIRST)
    return LONG_NUMBER.sub(_without_middle, MOBILE.sub(_without_middle, cell))


def _without_middle(found: re.Match[str]) -> str:
    number = found.group()
    if DATE.fullmatch(number):
        return number
    return number[:SHOWN_FIRST] + "*" * (len(number) - SHOWN_FIRST - SHOWN_LAST) + number[-SHOWN_LAST:]
