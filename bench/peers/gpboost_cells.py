"""gpboost with effects of agent and business and those named after the sizes (cell, agent_family); run by an interpreter that has gpboost.

It stands by itself, as that interpreter need not know Coachline.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
PROC_STATUS = Path("/proc/self/status")


def main(folder: Path, agents: int, businesses: int, effects: list[str]) -> None:
    gpboost = importlib.import_module("gpboost")
    agent, business, _, _, tries, successes = np.fromfile(folder / "cells.i32", dtype="<i4").reshape(6, -1).astype(np.int64)
    family = np.fromfile(folder / "family.i32", dtype="<i4").astype(np.int64)

    def groups(agent: Ints, business: Ints) -> Ints:
        levels = {"cell": agent * businesses + business, "agent_family": agent * (family.max() + 1) + family[business]}
        return np.column_stack([agent, business, *(levels[effect] for effect in effects)])

    wall, cpu = time.perf_counter(), time.process_time()
    model = gpboost.GPModel(group_data=groups(agent, business), likelihood="binomial_logit", weights=tries)
    model.fit(y=successes / tries, X=np.ones((len(tries), 1)))
    asked = {
        "group_data_pred": groups(*(index.ravel() for index in np.indices((agents, businesses)))),
        "X_pred": np.ones((agents * businesses, 1)),
        "predict_var": True,
    }
    latent = model.predict(**asked, predict_response=False)
    mean = model.predict(**asked, predict_response=True)["mu"]
    cost = {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_kib": peak_kib(),
        "version": f"gpboost {gpboost.__version__}",
    }
    for name, values in (("mean", mean), ("eta", latent["mu"]), ("sd", np.sqrt(latent["var"]))):
        np.asarray(values, dtype="<f8").tofile(folder / f"{name}.f64")
    (folder / "cost.json").write_text(json.dumps(cost))


def peak_kib() -> int | None:
    """Largest resident size of this process in KiB; the kernel keeps it where there is /proc."""
    if not PROC_STATUS.exists():
        return None
    return next(int(line.split()[1]) for line in PROC_STATUS.read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
