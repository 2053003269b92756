"""The tags of an agent's profile in the reader's words, group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coachline.report.figures import Figures

SHARES = {"night_share", "largest_share", "stale_share", "pass_share", "satisfaction", "exam_share", "mystery"}
TENTHS = {"score", "training_hours", "class", "coaching", "mentor", "drill", "recording"}
LISTED = ("basics", "appraisal", "training", "exam", "licence")
"""Groups of figures; skills, strengths and what to practise stand in the picture, and tags above everything."""


@dataclass
class Profile:
    """What is known of an agent beside their calls.

    Attributes
    ----------
    tags : list of str
        The centre's own tags.
    groups : list of (str, list of (str, str))
        Name of a group, and its tags with their values.
    stale : list of str
        Businesses that were not handled for long.
    """

    tags: list[str] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tags or self.groups or self.stale)


def profile_of(rows: Sequence[Mapping[str, Any]], show: Figures) -> Profile:
    """An agent's rows of `capability.profile`."""
    words = show.words
    found = Profile(
        tags=[_name(row["tag"], show) for row in rows if row["group"] == "tag"],
        stale=[row["business"] for row in rows if row["group"] == "skill" and row["tag"] == "days_since_call" and row["value"] == "stale"],
    )
    for group in LISTED:
        entries = [
            (_name(row["tag"], show), _value(row, show))
            for row in rows
            if row["group"] == group and (row["business"] is None or row["tag"] == "largest_share")
        ]
        if entries:
            found.groups.append((words(f"group.{group}"), entries))
    return found


def _name(tag: str, show: Figures) -> str:
    """Tags are codes of ours, or names that the centre gives."""
    return show.words(f"tag.{tag}") if show.words.knows(f"tag.{tag}") else tag


def _value(row: Mapping[str, Any], show: Figures) -> str:
    if row["number"] is None:
        value = str(row["value"])
        return show.words(f"tag_value.{value}") if show.words.knows(f"tag_value.{value}") else value
    tag, number = row["tag"], row["number"]
    written = show.share(number, row["n"]) if tag in SHARES else show.number(number) if tag in TENTHS else show.count(number)
    return f"{row['business']} {written}" if row["business"] else written
