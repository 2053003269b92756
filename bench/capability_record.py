"""Figures of the methods that take minutes, kept in a file beside the peers, for the very same world only."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench import capability_metrics as metrics
from bench.capability_page import Row
from coachline.engine.simulate.crossed_world import CrossedWorld

FILE = Path(__file__).parent / "peers" / "slow_figures.json"


class Record:
    """What is kept for one world, known by a digest of its counts."""

    def __init__(self, world_key: str) -> None:
        self.world_key = world_key

    @classmethod
    def of(cls, world: CrossedWorld) -> Record:
        drawn = hashlib.sha256()
        for values in (world.tries, world.successes, world.fresh_tries, world.fresh_successes):
            drawn.update(np.ascontiguousarray(values, dtype="<i8").tobytes())
        return cls(drawn.hexdigest()[:16])

    def row(self, method: str) -> Row:
        """The row kept for `method`, or one that says how to get it."""
        kept = self._all().get(self.world_key, {}).get(method)
        if kept is None:
            return Row(method, reason="slow")
        decisions = [metrics.Decision(**each) for each in kept.pop("decisions")]
        known = kept.pop("scores")
        return Row(**kept, scores=None if known is None else metrics.Scores(**known), decisions=decisions)

    def keep(self, row: Row) -> None:
        """Keep `row` with today's date and the machine's load, in place of an earlier one of the same method."""
        when = {"measured": f"{date.today():%Y-%m-%d}", "load": os.getloadavg()[2]}  # noqa: DTZ011
        everything = self._all()
        everything.setdefault(self.world_key, {})[row.method] = asdict(row) | when
        FILE.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def _all() -> dict[str, dict[str, dict[str, Any]]]:
        found: dict[str, dict[str, dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        return found
