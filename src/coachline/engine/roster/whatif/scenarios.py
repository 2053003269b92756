"""Scenarios as a planner writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coachline.errors import CoachlineError

AS_NOW, PROPOSED = "as_now", "proposed"
"""The roster of today, and the one that `roster.plan` would make of the same people under the same rules: what all else is held against."""

DEFAULT_SCENARIOS: Mapping[str, str] = {"more_calls": "calls +10%", "two_trained": "train 2"}

ACCEPTED = "calls +10%; train 2; train 3 业务; cap 150; people -2; proposed"

_NUMBER = r"([+-]?\d+(?:\.\d+)?)\s*(%?)"
_WORDS = {
    "calls": ("calls", "来电", "话务量"),
    "train": ("train", "培训"),
    "cap": ("cap", "上限", "工时上限"),
    "people": ("people", "人数", "人员"),
    "proposed": ("proposed", "建议班表"),
}


@dataclass(frozen=True)
class Scenario:
    """What is different.

    Attributes
    ----------
    name : str
    calls : float
        Times the calls that are forecast.
    train : int
        People trained more.
    train_in : str, optional
        At which post; without it, where most calls go unsolved.
    cap_h : float, optional
        Another cap of hours a month.
    fewer : int
        People who are no longer there.
    proposed : bool
        Whether a roster is made anew although neither hours nor people change.
    """

    name: str
    calls: float = 1.0
    train: int = 0
    train_in: str | None = None
    cap_h: float | None = None
    fewer: int = 0
    proposed: bool = False

    @property
    def rostered_anew(self) -> bool:
        """Whether people get another roster: another cap, or fewer of them, can not be worked by the roster of today."""
        return self.proposed or self.cap_h is not None or self.fewer > 0


def scenarios_of(given: Mapping[str, str]) -> tuple[Scenario, ...]:
    """Read what was asked for.

    Raises
    ------
    CoachlineError
        ``bad_scenario``, with the part that cannot be read.
    """
    return tuple(_scenario(name, text) for name, text in given.items())


def _scenario(name: str, text: str) -> Scenario:
    found = Scenario(name)
    for part in re.split("[,，]", text):
        if part.strip():
            found = _with(found, part.strip(), text)
    return found


def _with(scenario: Scenario, part: str, text: str) -> Scenario:
    refused = CoachlineError("bad_scenario", scenario=text, clause=part, accepted=ACCEPTED)
    match = re.fullmatch(rf"([a-z]+|[\u4e00-\u9fff]+)\s*[:：]?\s*(?:{_NUMBER})?\s*(.*)", part, re.IGNORECASE)
    if match is None:
        raise refused
    word, number, percent, rest = match.groups()
    kind = next((code for code, words in _WORDS.items() if word.lower() in words), None)
    if kind is None or (rest and kind != "train") or (number is None) != (kind == "proposed"):
        raise refused
    if kind == "proposed":
        return replace(scenario, proposed=True)
    value, signed = float(number), number[0] in "+-"
    if kind == "calls":
        factor = (1.0 if signed else 0.0) + value / 100.0 if percent else 1.0 + value if signed else value
        if not 0.0 < factor <= 10.0:
            raise refused
        return replace(scenario, calls=factor)
    if percent:
        raise refused
    if kind == "cap":
        if not 1.0 <= value <= 744.0:
            raise refused
        return replace(scenario, cap_h=value)
    if value != int(value):
        raise refused
    if kind == "train":
        if value < 1:
            raise refused
        return replace(scenario, train=int(value), train_in=rest or None)
    if value >= 0:
        raise refused
    return replace(scenario, fewer=-int(value))
