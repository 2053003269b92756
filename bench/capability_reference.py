"""The capability model without its cells, beside lme4 on published data: same variances, same levels."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import sample
from bench.capability_page import Comparison
from bench.capability_processes import PEERS, works
from bench.measure import timed
from coachline.engine.stats.hierarchical.design import Design
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.likelihood import Shares, Times
from coachline.engine.stats.hierarchical.posterior import levels

TITLES = {"verbagg": "VerbAgg", "cbpp": "cbpp", "insteval": "InstEval"}


def compare() -> list[Comparison]:
    """All data sets; none where lme4 is not installed."""
    if not works("Rscript", "-e", "library(lme4); library(jsonlite)"):
        return []
    with tempfile.TemporaryDirectory(dir=sample.DATA) as scratch:
        folder = Path(scratch)
        subprocess.run(["Rscript", str(PEERS / "reference.R"), str(folder)], check=True, capture_output=True)
        estimates = json.loads((folder / "estimates.json").read_text(encoding="utf-8"))
        return [_one(name, folder, estimates[name]) for name in TITLES]


def _one(name: str, folder: Path, theirs: dict[str, Any]) -> Comparison:
    table = np.genfromtxt(folder / f"{name}.csv", delimiter=",", names=True)
    table = table[np.lexsort((table["business"], table["agent"]))]
    agent, business = table["agent"].astype(np.int64), table["business"].astype(np.int64)
    team, family, group = (np.zeros(1 + codes.max(), dtype=np.int64) for codes in (agent, business, business))
    group[business] = table["group"].astype(np.int64)
    design = Design(agent, business, team, [group] if group.any() else [], family)
    measured = Times.of(table["n"], table["s"], table["s"] ** 2) if "within" in theirs else Shares.of(table["n"], table["s"])
    cost, fitted = timed(lambda: fit(design, measured, plain=True))
    spread = fitted.spread
    ours = {
        "agent": spread.agent,
        "business": spread.business,
        "group": float(spread.levels.sum()),
        "within": spread.within,
        "level": fitted.offset + float(fitted.effects.business.mean()),
        "seconds": cost.wall_s,
    }
    difference = _levels(fitted)[agent, business] - table["level"]
    apart = float(np.sqrt((difference**2).mean()) / table["level"].std())
    return Comparison(TITLES[name], [(key, theirs[key], ours[key]) for key in ours if key in theirs], apart)


def _levels(fitted: Fit) -> np.ndarray:
    return np.concatenate([block.mean for block in levels(fitted)])
