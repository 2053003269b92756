"""How much of their working time two people share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coachline.engine import clock
from coachline.engine.capability.profile.window import Window
from coachline.engine.facts import Facts
from coachline.engine.stats.hierarchical.design import Floats

SLOT_S = 1800
DAYS = 28
"""Before and after the last day: shifts that are known ahead count, too."""


def overlap(facts: Facts, window: Window, people: Sequence[str], others: Sequence[str]) -> Floats | None:
    """Share of the working time of each of `people` during which each of `others` works.

    Returns
    -------
    (people, others) float array, or None
        0 for who has no shift; None where no shifts are recorded near the last day at all.
    """
    if not facts.has("shifts"):
        return None
    shifts = facts.table("shifts")
    first_s, last_s = (window.day - DAYS) * clock.DAY_S, (window.day + DAYS + 1) * clock.DAY_S
    work = shifts.filter(shifts.activity == "work", shifts.agent_id.notnull()).select(
        "agent_id", begins=facts.epoch_us(shifts.starts_at) // 1_000_000, ends=facts.epoch_us(shifts.ends_at) // 1_000_000
    )
    found = facts.collect(work.filter(work.ends > first_s, work.begins < last_s, work.ends > work.begins))
    if not found.num_rows:
        return None
    place = {name: n for n, name in enumerate(sorted({*people, *others}))}
    who = np.array([place.get(name, -1) for name in found["agent_id"].to_pylist()])
    edges = [(found[column].to_numpy() - first_s) // SLOT_S for column in ("begins", "ends")]
    slots = (last_s - first_s) // SLOT_S
    change = np.zeros((len(place), slots + 1), np.int32)
    for edge, sign in zip(edges, (1, -1), strict=True):
        np.add.at(change, (who[who >= 0], np.clip(edge[who >= 0], 0, slots)), sign)
    at_work = (np.cumsum(change, axis=1)[:, :slots] > 0).astype(np.float32)
    mine, theirs = (at_work[[place[name] for name in names]] for names in (people, others))
    shared: Floats = (mine @ theirs.T).astype(np.float64)
    return np.asarray(shared / np.maximum(mine.sum(axis=1, dtype=np.float64), 1.0)[:, None])
