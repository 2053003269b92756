"""Metrics: each a quotient of sums (or a count), declared once with its unit, direction, formula and version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from coachline.engine.operations.statistics import STATISTICS

Unit = Literal["share", "seconds", "count"]
Better = Literal["up", "down", "none"]


@dataclass(frozen=True)
class Metric:
    """A running figure.

    Attributes
    ----------
    code : str
    numerator, denominator : tuple of str
        Statistics; several are added up. A count has no denominator.
    unit, better : str
    version : int
        Raised when the formula changes.
    also_needs : tuple of str
        Columns beyond those of the statistics, without which the name would promise too much.
    """

    code: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    unit: Unit = "share"
    better: Better = "up"
    version: int = 1
    also_needs: tuple[str, ...] = ()

    @property
    def statistics(self) -> tuple[str, ...]:
        return self.numerator + self.denominator

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns that must be recorded."""
        columns = [column for code in self.statistics for column in STATISTICS[code].needs]
        return tuple(dict.fromkeys([*columns, *self.also_needs]))

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns on which its value depends."""
        adds = [column for code in self.statistics for column in STATISTICS[code].adds]
        return tuple(dict.fromkeys([*self.needs, *adds]))

    def formula(self, recorded: frozenset[str] | None = None) -> str:
        """Stable code of the formula, e.g. ``answered/(answered+abandoned)@1``.

        With `recorded`, parts that the data do not record at all and that are therefore left out follow with a minus,
        e.g. ``handle_s/handled@1 -wrap_s``.
        """
        sides = ["+".join(side) if len(side) == 1 else f"({'+'.join(side)})" for side in (self.numerator, self.denominator) if side]
        absent = [] if recorded is None else [c for c in self.reads if c not in self.needs and c not in recorded]
        return f"{'/'.join(sides)}@{self.version}" + "".join(f" -{column}" for column in absent)

    def amounts(self, sums: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Numerator and denominator (1 for a count) of every row of `sums`, as floats."""
        top = sum((sums[code].to_numpy().astype(float) for code in self.numerator), np.zeros(sums.height))
        bottom = sum((sums[code].to_numpy().astype(float) for code in self.denominator), np.zeros(sums.height))
        return top, bottom if self.denominator else np.ones(sums.height)


_OFFERED = ("answered", "abandoned")
_SHORT = ("answered_within", "abandoned_within")
_WAIT_KNOWN = ("answered_wait_known", "abandoned_wait_known")
_SECONDS: Unit = "seconds"

METRICS: dict[str, Metric] = {
    m.code: m
    for m in (
        Metric("offered", _OFFERED, unit="count", better="none"),
        Metric("answered", ("answered",), unit="count", better="none"),
        Metric("abandoned", ("abandoned",), unit="count", better="down"),
        Metric("connect_rate", ("answered",), _OFFERED),
        Metric("abandon_rate", ("abandoned",), _OFFERED, better="down"),
        Metric("service_level_offered", _SHORT, _WAIT_KNOWN),
        Metric("service_level_answered", ("answered_within",), ("answered_wait_known",)),
        Metric("service_level_strict", ("answered_within",), _WAIT_KNOWN),
        Metric("service_level_patient", ("answered_within",), ("answered_wait_known", "abandoned_after")),
        Metric("asa", ("wait_s",), ("answered_wait_known",), _SECONDS, "down"),
        # R15: a long call may be a good call, so handle time has no better direction.
        Metric("aht", ("handle_s",), ("handled",), _SECONDS, "none"),
        Metric("aht_with_hold", ("handle_hold_s",), ("handled_hold",), _SECONDS, "none", also_needs=("hold_s",)),
        Metric("occupancy", ("handled_rostered_s",), ("rostered_s",), better="none"),
        Metric("invited_rate", ("invited",), ("invited_known",)),
        Metric("rated_rate", ("invited_rated",), ("invited",)),
        Metric("satisfaction", ("satisfied",), ("rated",)),
        Metric("resolution_recorded", ("resolved",), ("resolved_known",)),
        Metric("resolution_no_repeat", ("not_repeated",), ("followed",)),
        Metric("repeat_rate", ("repeats",), ("looked_back",), better="down"),
        Metric("transfer_rate", ("transferred",), ("transferred_known",), better="down"),
        Metric("ticket_rate", ("ticketed",), ("ticketed_known",), better="none"),
        Metric("outbound_calls", ("outbound",), unit="count", better="none"),
        Metric("outbound_reach", ("outbound_answered",), ("outbound",)),
    )
}


def available(recorded: frozenset[str]) -> list[Metric]:
    """The metrics that can be computed when just these columns are recorded."""
    return [metric for metric in METRICS.values() if set(metric.needs) <= recorded]


def lacking(recorded: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The other metrics, each with the columns that it lacks."""
    return {m.code: tuple(c for c in m.needs if c not in recorded) for m in METRICS.values() if not set(m.needs) <= recorded}
