"""Each method of estimating capability in a process of its own: same cells in, prediction and cost out, stopped when it takes too long."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import expit, ndtri

from bench import sample
from bench.capability_metrics import Floats, Prediction, p_below, standards
from bench.capability_rivals import TAIL
from coachline.engine.simulate.crossed_world import CrossedWorld

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
PYTHON_VARIABLE = "COACHLINE_PEERS_PYTHON"
"""Names the interpreter that has gpboost; no lock of Coachline's holds it."""

KIB_PER_GB = 1024 * 1024


@dataclass(frozen=True)
class Method:
    """One way of estimating.

    Attributes
    ----------
    name : str
        Key of its wording and of its recorded figures.
    program : str
        ``numpy``, or the peer whose script stands in ``bench/peers``.
    effects : tuple of str
        Of a peer, beside those of agent and business.
    """

    name: str
    program: str = "numpy"
    effects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What came of one method: a prediction with its cost, or the reason why there is none (``missing``, ``stopped``, ``failed``)."""

    prediction: Prediction | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_gb: float | None = None
    version: str = ""
    reason: str = ""


def write(world: CrossedWorld, folder: Path) -> None:
    """The sufficient statistics of the seen cells (agent, business, team, family, n, s), and what is known of every agent and business."""
    agent, business = np.nonzero(world.tries)
    seen = agent, business
    columns = (agent, business, world.team[agent], world.family[business], world.tries[seen], world.successes[seen])
    np.array(columns, dtype="<i4").tofile(folder / "cells.i32")
    world.team.astype("<i4").tofile(folder / "team.i32")
    world.family.astype("<i4").tofile(folder / "family.i32")
    standards(world).astype("<f8").tofile(folder / "standard.f64")


def run(method: Method, world: CrossedWorld, limit_s: float) -> Run:
    """`method` on `world`."""
    command = _command(method)
    if command is None:
        return Run(reason="missing")
    with tempfile.TemporaryDirectory(dir=sample.DATA) as scratch:
        folder = Path(scratch)
        write(world, folder)
        agents, businesses = world.tries.shape
        arguments = [*command, str(folder), str(agents), str(businesses), *method.effects]
        try:
            done = subprocess.run(arguments, cwd=ROOT, timeout=limit_s, capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return Run(reason="stopped", wall_s=limit_s)
        if done.returncode:
            print(f"{method.name}: {done.stderr.strip()[-500:]}", file=sys.stderr)
            return Run(reason="failed")
        cost = json.loads((folder / "cost.json").read_text(encoding="utf-8"))
        peak_gb = None if cost["peak_kib"] is None else cost["peak_kib"] / KIB_PER_GB
        return Run(_prediction(folder, world), cost["wall_s"], cost["cpu_s"], peak_gb, cost["version"])


def _command(method: Method) -> list[str] | None:
    """How `method` is started, up to its arguments; None where it is not installed."""
    if method.program == "numpy":
        return [sys.executable, "-m", "bench.capability_rivals", method.name]
    if method.program == "gpboost":
        interpreter = os.environ.get(PYTHON_VARIABLE, sys.executable)
        return [interpreter, str(PEERS / "gpboost_cells.py")] if works(interpreter, "-c", "import gpboost") else None
    script = PEERS / f"{method.program}.R"
    return ["Rscript", str(script)] if works("Rscript", "-e", f"library({method.program}); library(jsonlite)") else None


@cache
def works(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _prediction(folder: Path, world: CrossedWorld) -> Prediction:
    def array(name: str) -> Floats | None:
        path = folder / f"{name}.f64"
        return np.fromfile(path, dtype="<f8").reshape(world.tries.shape) if path.exists() else None

    mean, level, deviation = array("mean"), array("eta"), array("sd")
    assert mean is not None
    if level is None or deviation is None:
        return Prediction(mean, array("low"), array("high"), array("p_below"))
    half = float(ndtri(1 - TAIL)) * deviation
    return Prediction(mean, expit(level - half), expit(level + half), p_below(level, deviation, standards(world)))
