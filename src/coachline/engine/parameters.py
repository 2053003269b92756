"""The settings of analyses: what each may be, and how it is read from a shell, a form or a settings file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from coachline.errors import CoachlineError

ParameterKind = Literal["integer", "number", "text", "date", "choice", "flag", "weights", "rules"]


@dataclass(frozen=True)
class Parameter:
    """One setting of an analysis, with what it may be.

    Attributes
    ----------
    name : str
    kind : str
        ``weights`` are numbers from 0 on by code, at least one of them above 0, written ``a=1,b=2`` or as a table; they are taken as they
        are, not scaled to a sum of 1. ``rules`` are texts by name, written ``a=x > 1; b=y < 2`` or as a table; what a rule may say is checked by
        the analysis that has them.
    default
        Value where none is given.
    low, high : float, optional
        Limits of a number, both allowed.
    choices : tuple of str
        What a choice may be; the codes that weights may have, any where none are named here.
    """

    name: str
    kind: ParameterKind
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def read(self, given: Any) -> Any:
        """`given` (text from a shell or form, or already a value) as this parameter's kind.

        Raises
        ------
        CoachlineError
            ``bad_parameter``, ``unknown_weight``, ``bad_weight`` or ``no_weight``, with what would be accepted.
        """
        if given is None or given == "":
            return None
        try:
            value = self._weights(given) if self.kind == "weights" else _READERS[self.kind](given)
        except (TypeError, ValueError):
            raise CoachlineError("bad_parameter", name=self.name, given=given, accepted=self.accepted) from None
        outside = isinstance(value, int | float) and (
            (self.low is not None and value < self.low) or (self.high is not None and value > self.high)
        )
        if outside or (self.kind == "choice" and value not in self.choices):
            raise CoachlineError("bad_parameter", name=self.name, given=given, accepted=self.accepted)
        return value

    @property
    def accepted(self) -> str:
        """What would be accepted, in a form that needs no language."""
        if self.kind == "choice":
            return " | ".join(self.choices)
        if self.kind == "date":
            return "2026-03-01"
        if self.kind == "flag":
            return "true | false"
        if self.kind == "weights":
            codes = self.choices or tuple(self.default or ("a", "b"))
            return ",".join(f"{code}=1" for code in codes[:2]) + (",…" if len(codes) > 2 else "")
        if self.kind == "rules":
            return "; ".join(f"{name}={rule}" for name, rule in list((self.default or {}).items())[:2])
        if self.low is None and self.high is None:
            return self.kind
        return f"{self.kind} {'' if self.low is None else self.low} … {'' if self.high is None else self.high}"

    @property
    def default_text(self) -> str:
        """The default as it would be written in a shell; empty where there is none."""
        if self.default is None:
            return ""
        if self.kind == "weights":
            return ",".join(f"{code}={weight:g}" for code, weight in self.default.items())
        return "; ".join(f"{name}={rule}" for name, rule in self.default.items()) if self.kind == "rules" else str(self.default)

    def _weights(self, given: Any) -> dict[str, float]:
        read: dict[str, float] = {}
        for code, weight in given.items() if isinstance(given, Mapping) else _pairs(given):
            if self.choices and code not in self.choices:
                raise CoachlineError("unknown_weight", name=self.name, entry=code, known=", ".join(self.choices))
            read[code] = _weight(weight)
            if not 0 <= read[code] < math.inf:
                raise CoachlineError("bad_weight", name=self.name, entry=code, given=weight)
        if not any(read.values()):
            raise CoachlineError("no_weight", name=self.name, accepted=self.accepted)
        return read


def _pairs(given: Any) -> list[tuple[str, str]]:
    """``a=1,b=2``, with the punctuation of either language."""
    if not isinstance(given, str):
        raise TypeError
    pairs = [re.split("[=＝]", part) for part in re.split("[,，;；]", given.strip()) if part.strip()]
    named = {code.strip(): weight.strip() for code, weight in pairs}
    if len(named) < len(pairs):
        raise ValueError
    return list(named.items())


_RULE = re.compile(r"""(?:"[^"]*"|'[^']*'|“[^”]*”|[^;；\n])+""")
"""What stands between separators; one within quotes separates nothing."""

_NOT_IN_NAMES = frozenset("<>!()\"'“”＜＞≤≥≠（）")
"""Who forgets the name gives the beginning of the rule for it."""


def _read_rules(given: Any) -> dict[str, str]:
    if isinstance(given, Mapping):
        named = list(given.items())
    elif isinstance(given, str):
        named = [(name, rule) for part in _RULE.findall(given) if part.strip() for name, rule in [_halves(part)]]
    else:
        raise TypeError
    if not all(isinstance(text, str) for entry in named for text in entry):
        raise TypeError
    read = {name.strip(): rule.strip() for name, rule in named}
    if len(read) < len(named) or not all(read) or not all(read.values()) or any(_NOT_IN_NAMES.intersection(name) for name in read):
        raise ValueError
    return read


def _halves(part: str) -> list[str]:
    """What stands before and behind the first equals sign."""
    return [*re.split("[=＝]", part, maxsplit=1), ""][:2]


def _weight(given: Any) -> float:
    """`given` as a number, or NaN."""
    if isinstance(given, bool):
        return math.nan
    try:
        return float(given)
    except (TypeError, ValueError):
        return math.nan


def _read_flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    words = {"true": True, "1": True, "yes": True, "是": True, "false": False, "0": False, "no": False, "否": False}
    if str(given).lower() not in words:
        raise ValueError
    return words[str(given).lower()]


def _read_date(given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    return given if isinstance(given, date) else date.fromisoformat(str(given).replace("/", "-"))


def _read_number(given: Any) -> float:
    number = float(given)
    if not math.isfinite(number):
        raise ValueError
    return number


_READERS: dict[str, Callable[[Any], Any]] = {
    "integer": lambda given: int(str(given)),
    "number": _read_number,
    "text": str,
    "choice": str,
    "date": _read_date,
    "flag": _read_flag,
    "rules": _read_rules,
}
