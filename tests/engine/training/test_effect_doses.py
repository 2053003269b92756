"""Trainings of the same people beside the one that is looked at."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coachline.engine.training.effect_counts import Counts, Panel
from coachline.engine.training.effect_doses import Doses, alone, exposure
from coachline.engine.training.effect_files import EffectFile

WEEKS = range(100, 110)


def doses() -> Doses:
    """a was trained twice, b once on a business below, c on another one."""
    people = ["a", "b", "c"]
    counts = {"week": [104] * 3, "n": [5] * 3, "successes": [3] * 3}
    frame = pl.DataFrame({"agent_id": people, "business": ["国际/查询"] * 3, "outcome": ["resolved"] * 3, **counts})
    frame = frame.select("agent_id", "business", "week", "outcome", "n", "successes")
    attended = pl.DataFrame(
        {"agent_id": ["a", "a", "b", "c"], "business": ["国际/查询", "国际/查询", "国际", "国内"], "week": [98, 102, 104, 102]}
    )
    return Doses(attended, Counts(frame, WEEKS).about("国际/查询"), "国际/查询", 4.0)


def test_what_was_learnt_fades_and_begins_the_week_after() -> None:
    file = EffectFile("T", "国际/查询", people=("a",), first_week=102, last_week=102)
    assert doses().own(file)[0].tolist() == pytest.approx([0, 0, 0] + [0.5 ** (k / 4) for k in range(1, 8)])
    every = doses().all()
    assert every[0, 6] == pytest.approx(0.5 ** (8 / 4) + 0.5 ** (4 / 4))
    assert every[1].tolist() == pytest.approx([0] * 5 + [0.5 ** (k / 4) for k in range(1, 6)])
    assert not every[2].any()
    later = doses().later(file)
    assert not later[0].any()
    assert later[1, 5:].all()


def test_the_weeks_after_end_before_further_trainings_speak_louder() -> None:
    panel = Panel(np.full((10, 10), 4.0), np.full((10, 10), 2.0), 100)
    later = np.zeros((10, 10))
    later[:2, 6:] = 1.0  # two of five treated are trained again before week 106
    treated = np.arange(10) < 5
    weeks = range(103, 109)
    assert alone(later, panel, weeks, (treated, ~treated), 2) == range(103, 107)
    assert alone(np.ones((10, 10)), panel, weeks, (treated, ~treated), 2) == range(103, 105)
    assert alone(np.zeros((10, 10)), panel, weeks, (treated, ~treated), 2) == weeks


def test_exposure_is_that_of_the_cases() -> None:
    panel = Panel(np.array([[3.0, 1.0], [0.0, 0.0]]), np.zeros((2, 2)), 7)
    assert exposure(np.array([[0.0, 1.0], [1.0, 1.0]]), panel, range(7, 9)).tolist() == [0.25, 0.0]
