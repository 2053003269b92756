"""Known dirt in the exported calls: which rows are spoilt, how, and what an import should make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import numpy as np
import polars as pl

from coachline.engine.simulate.centre import SimulatedCentre

REJECTED, DOUBLED, NO_AGENT, NO_TALK, MISCODED = 0.001, 0.0005, 0.0005, 0.0005, 0.003
"""Shares of the calls that get a spoilt copy that must be rejected, an exact copy, no agent, no talk time, a spoilt business label."""

UNREADABLE = "2026/13/32 25:61:00"
REJECTS: tuple[tuple[str, str, str], ...] = (
    ("unreadable_time", "arrived_at", UNREADABLE),
    ("negative_talk", "talk_s", "-37"),
    ("abandoned_with_talk", "outcome", "放弃"),
    ("missing_id", "call_id", ""),
    ("unknown_outcome", "outcome", "语音信箱"),
)
"""Kind, column of the contract and the text written there, of rows that no import may accept."""

LABELS: tuple[tuple[str, str], ...] = (("label_space", "healed"), ("label_typo", "doubtful"), ("label_suffix", "doubtful"))
TYPOS = (
    ("查询", "查寻"),
    ("咨询", "资询"),
    ("投诉", "投述"),
    ("催办", "崔办"),
    ("办理", "办里"),
    ("变更", "变跟"),
    ("预约", "予约"),
    ("赔偿", "陪偿"),
)

SCHEMA = {
    "file": pl.String,
    "line": pl.Int64,
    "call_id": pl.String,
    "kind": pl.String,
    "column": pl.String,
    "written": pl.String,
    "true": pl.String,
    "consequence": pl.String,
    "rows": pl.Int64,
}
"""Of ``truth/dirt``; `line` counts from 1 below the header; consequence is what an import makes of the row: rejected, doubtful
(it loads), healed (it loads as if it were right) or merged (it is already there). A corrected row is the earlier version, rejected for the sake of the
later one."""


@dataclass(frozen=True)
class Spoilt:
    """One spoilt row.

    Attributes
    ----------
    row : int
        Number of the call that is spoilt or copied.
    kind, column, written, consequence : str
    place : float
        Where it stands: 0 in the call's own place, -0.5 before it, 0.5 after it.
    """

    row: int
    kind: str
    column: str
    written: str | None
    consequence: str
    place: float


@dataclass(frozen=True)
class Dirt:
    """All spoilt rows, and the day on which no wrap-up was written (None in very short periods)."""

    rows: list[Spoilt]
    day_without_wrap: int | None


def draw(centre: SimulatedCentre) -> Dirt:
    """Decide what is spoilt; the same for the same centre.

    Parameters
    ----------
    centre : SimulatedCentre

    Returns
    -------
    Dirt
    """
    rng = np.random.default_rng([centre.seed, 4711])
    calls = pl.DataFrame(centre.tables["calls"].select(["outcome", "direction", "business"]))
    good = calls.select(
        ((pl.col("outcome") == "answered") & (pl.col("direction") == "inbound") & pl.col("business").is_not_null()).arg_true()
    )
    usable = iter(rng.permutation(good.to_series().to_numpy()).tolist())
    total = calls.height

    def some(share: float) -> list[int]:
        return list(islice(usable, max(1, round(total * share))))

    rows = [Spoilt(row, *REJECTS[n % len(REJECTS)], "rejected", 0.5) for n, row in enumerate(some(REJECTED))]
    rows += [Spoilt(row, "corrected", "resolved", None, "rejected", -0.5) for row in some(0.0)]
    rows += [Spoilt(row, "copied", "call_id", None, "merged", 0.5) for row in some(DOUBLED)]
    rows += [Spoilt(row, "answered_without_agent", "agent_id", "", "doubtful", 0.0) for row in some(NO_AGENT)]
    rows += [Spoilt(row, "answered_without_talk", "talk_s", "0:00:00", "doubtful", 0.0) for row in some(NO_TALK)]
    for n, row in enumerate(some(MISCODED)):
        kind, consequence = LABELS[n % len(LABELS)]
        rows.append(Spoilt(row, kind, "business", miscoded(calls["business"][row].rsplit("/", 1)[-1], kind), consequence, 0.0))
    rows.sort(key=lambda spoilt: (spoilt.row, spoilt.place))
    return Dirt(rows, centre.size.days * 2 // 5 if centre.size.days >= 5 else None)


def miscoded(label: str, kind: str) -> str:
    """A label as a tired hand writes it."""
    if kind == "label_space":
        return label + "  "
    if kind == "label_suffix":
        return label + "（旧）"
    for right, wrong in TYPOS:
        if label.endswith(right):
            return label.removesuffix(right) + wrong
    return label + label[-1]


def date_without_wrap(centre: SimulatedCentre, dirt: Dirt) -> str | None:
    """The date on which wrap-up is missing, as in the truth."""
    return None if dirt.day_without_wrap is None else (centre.size.start + timedelta(days=dirt.day_without_wrap)).isoformat()
