"""Measures of every agent, raw or with the mix of businesses taken out, as arrays over agents or over agents in months."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from coachline.engine.capability.business_mix import difficulty
from coachline.engine.capability.reliability import Measured, measured, shared_noise


class _Cells(NamedTuple):
    """Columns of one measure (C,): numbers of agent and business, month, and the sums of `ServiceCells.measures`."""

    agent: np.ndarray
    business: np.ndarray
    month: np.ndarray
    n: np.ndarray
    total: np.ndarray
    total_sq: np.ndarray
    n_odd: np.ndarray
    total_odd: np.ndarray


class Monthly(NamedTuple):
    """A measure of agents in months: numbers of the agents (R,), months (R,), and what was measured (R,)."""

    agent: np.ndarray
    month: np.ndarray
    measured: Measured


class AgentMeasures:
    """Measures by agent.

    Raw values are plain means over an agent's cases. Adjusted ones are the mean over all cases plus what the agent reached beyond the expected of
    the same businesses: observed - expected, see `business_mix`.

    Parameters
    ----------
    measures : mapping of str to polars.DataFrame
        As in `ServiceCells.measures`.
    shared : mapping of (str, str) to polars.DataFrame
        As in `ServiceCells.shared`.
    """

    def __init__(self, measures: Mapping[str, pl.DataFrame], shared: Mapping[tuple[str, str], pl.DataFrame]) -> None:
        frames = [*measures.values(), *shared.values()]
        self.agents = _names(frames, "agent_id")
        self.businesses = _names(frames, "business")
        self._cells = {measure: self._numbered(frame) for measure, frame in measures.items()}
        self._shared = dict(shared)
        self._beyond = cache(self._difficulty)

    def knows(self, *measures: str) -> bool:
        return all(measure in self._cells for measure in measures)

    @property
    def has_mix(self) -> bool:
        """Whether more than one business is known."""
        return self.businesses.drop_nulls().len() > 1

    def of(self, measure: str, adjusted: bool) -> Measured:
        """(agents,) values; NaN and n = 0 where the measure is not known."""
        if not self.knows(measure):
            return measured(*np.zeros((3, len(self.agents))))
        cells = self._cells[measure]
        return measured(*(self._sum(cells.agent, column) for column in self._sums(measure, adjusted)))

    def successes(self, measure: str) -> np.ndarray:
        """(agents,) sum of the raw values."""
        return self._sum(self._cells[measure].agent, self._cells[measure].total) if self.knows(measure) else np.zeros(len(self.agents))

    def noise(self, one: str, other: str, adjusted: bool) -> np.ndarray:
        """(agents,) covariance by chance of two measures, from the calls that they have in common."""
        if (one, other) not in self._shared:
            return np.zeros(len(self.agents))
        frame = self._shared[one, other]
        agent, business = _places(frame, "agent_id", self.agents), _places(frame, "business", self.businesses)
        n, first, second, both = (frame[name].to_numpy() for name in ("n", "total_one", "total_other", "total_both"))
        if adjusted:
            a, b = self._beyond(one)[business], self._beyond(other)[business]
            first, second, both = first - n * a, second - n * b, both - a * second - b * first + n * a * b
        sums = [self._sum(agent, column) for column in (n, first, second, both)]
        return shared_noise(self.of(one, False).n, self.of(other, False).n, *sums)

    def halves(self, measure: str, adjusted: bool) -> tuple[np.ndarray, np.ndarray]:
        """(agents,) values on odd and on even days; NaN without a case."""
        cells = self._cells[measure]
        beyond = self._beyond(measure)[cells.business] if adjusted else np.zeros(len(cells.n))
        n_even, total_even = cells.n - cells.n_odd, cells.total - cells.total_odd
        odd, even = (
            measured(self._sum(cells.agent, n), *[self._sum(cells.agent, total - n * beyond)] * 2).value
            for n, total in ((cells.n_odd, cells.total_odd), (n_even, total_even))
        )
        return odd, even

    def monthly(self, measure: str, adjusted: bool) -> Monthly:
        """By agent and month; cases of which the month is not known are left out."""
        cells = self._cells[measure]
        key = cells.month * len(self.agents) + cells.agent
        keys, place = np.unique(key[cells.month >= 0], return_inverse=True)
        sums = [np.bincount(place, column[cells.month >= 0], len(keys)) for column in self._sums(measure, adjusted)]
        return Monthly(keys % len(self.agents), keys // len(self.agents), measured(*sums))

    def _sums(self, measure: str, adjusted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cells = self._cells[measure]
        if not adjusted:
            return cells.n, cells.total, cells.total_sq
        beyond = self._beyond(measure)[cells.business]
        return cells.n, cells.total - cells.n * beyond, cells.total_sq - 2 * beyond * cells.total + cells.n * beyond**2

    def _difficulty(self, measure: str) -> np.ndarray:
        """(businesses,) expected value of a case beyond that of the mean case."""
        cells = self._cells[measure]
        expected = np.zeros(len(self.businesses))
        found = difficulty(cells.agent, cells.business, cells.n, cells.total, cells.total_sq)
        expected[: len(found)] = found
        return np.asarray(expected - cells.total.sum() / cells.n.sum())

    def _sum(self, agent: np.ndarray, column: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(agent, column, len(self.agents)))

    def _numbered(self, frame: pl.DataFrame) -> _Cells:
        sums = (frame[name].to_numpy() for name in _Cells._fields[3:])
        month = frame["month"].cast(pl.Int64).fill_null(-1).to_numpy()
        return _Cells(_places(frame, "agent_id", self.agents), _places(frame, "business", self.businesses), month, *sums)


def _names(frames: list[pl.DataFrame], column: str) -> pl.Series:
    if not frames:
        return pl.Series(column, [], pl.String)
    return pl.concat([frame[column] for frame in frames]).unique().sort(nulls_last=True)


def _places(frame: pl.DataFrame, column: str, names: pl.Series) -> np.ndarray:
    known = pl.DataFrame({column: names, "place": np.arange(len(names))})
    joined = frame.select(column).join(known, on=column, how="left", nulls_equal=True, maintain_order="left")
    return joined["place"].to_numpy().astype(np.intp)
