"""The calls of the whole period, column by column, filled day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ANSWERED, ABANDONED, IVR_ONLY, IGNORED = 0, 1, 2, 3
OUTCOME_CODES = ("answered", "abandoned", "ivr_only", "ignored")
UNKNOWN = -1
"""Stands for null in the whole-number columns of the ledger."""

COLUMNS: dict[str, type[np.generic]] = {
    "second": np.int64,  # since midnight of the first day
    "customer": np.int32,
    "business": np.int16,
    "queue": np.int16,
    "agent": np.int32,
    "chat": np.bool_,
    "outbound": np.bool_,
    "outcome": np.int8,
    "ivr_s": np.int32,
    "wait_s": np.int32,
    "talk_s": np.int32,
    "hold_s": np.int32,
    "wrap_s": np.int32,
    "resolved": np.int8,  # as it was
    "satisfied": np.int8,  # as it was, whether asked or not
    "ticketed": np.int8,
    "transferred": np.int8,
    "invited": np.int8,
    "rating": np.int8,
    "recorded": np.bool_,  # whether the agent noted if it was resolved
    "cause": np.int32,
    "p_resolved": np.float32,
    "p_satisfied": np.float32,
}


@dataclass
class Ledger:
    """One array per column, with as many entries as there are contacts; `filled` of them are written."""

    columns: dict[str, np.ndarray]
    day_starts: list[int]
    filled: int = 0

    @classmethod
    def of(cls, calls: int) -> Ledger:
        """An empty ledger with room for `calls`."""
        return cls({name: np.zeros(calls, kind) for name, kind in COLUMNS.items()}, [])

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def write(self, day: dict[str, np.ndarray]) -> slice:
        """Append the contacts of a day in order of time; gives where they stand."""
        order = np.argsort(day["second"], kind="stable")
        here = slice(self.filled, self.filled + len(order))
        for name in COLUMNS:
            self.columns[name][here] = day[name][order]
        self.day_starts.append(self.filled)
        self.filled = here.stop
        return here

    def since(self, day: int) -> slice:
        """The contacts written from `day` on."""
        return slice(self.day_starts[max(day, 0)], self.filled)
