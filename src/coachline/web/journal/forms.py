"""By what the journal is narrowed; all of it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict


@dataclass(frozen=True)
class Filter:
    """What a reader asked for; empty fields narrow nothing."""

    who: str = ""
    verb: str = ""
    subject: str = ""
    centre: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> Filter:
        """Read the address; a day that is none narrows nothing."""
        texts = {key: asked.get(key, "").replace("\x00", "").strip()[:200] for key in ("who", "verb", "subject", "centre")}
        return cls(**texts, since=_day(asked.get("since", "")), until=_day(asked.get("until", "")))

    def __bool__(self) -> bool:
        return self != Filter()


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # The first and last days of the calendar have no moment in every zone.
    return found if 1900 <= found.year <= 9000 else None
