"""Rostered hours per person and month against the cap on working hours."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.rostered import shift_days
from coachline.engine.result import Check, Findings, Note

COUNTED = ("work", "training", "meeting")


def hours(facts: Facts, *, cap_h: float = 167.0) -> Findings:
    """Hours of work, training, meetings and leave per person and local month.

    Shifts are cut at midnight, so a night over the end of a month counts in both. Work, training and meetings count against the cap; leave and
    breaks do not.

    Parameters
    ----------
    facts : Facts
    cap_h : float
        Hours of a month; 167 is the statutory monthly average in China (20.83 days of 8 hours).

    Returns
    -------
    Findings
        Table ``hours``: agent_id, month (``2026-03``), work_h, training_h, meeting_h, leave_h, counted_h, cap_h, over_h (hours above the cap, else 0).
    """
    days = shift_days(facts)
    totals = days.group_by(["agent_id", "month", "activity"]).aggregate(
        seconds=days.seconds.sum(), first=days.day.min(), last=days.day.max()
    )
    frame = pl.from_arrow(facts.collect(totals))
    assert isinstance(frame, pl.DataFrame)
    by_person = frame.group_by("agent_id", "month").agg(
        (pl.col("seconds").filter(pl.col("activity") == activity).sum() / 3600).alias(f"{activity}_h") for activity in (*COUNTED, "leave")
    )
    by_person = by_person.sort("agent_id", "month")
    counted = sum((by_person[f"{activity}_h"].to_numpy() for activity in COUNTED), np.zeros(by_person.height))
    over = np.maximum(counted - cap_h, 0.0)
    table = pa.table(
        {
            **{name: by_person[name].to_arrow().cast(pa.string()) for name in ("agent_id", "month")},
            **{f"{activity}_h": by_person[f"{activity}_h"].to_arrow() for activity in (*COUNTED, "leave")},
            "counted_h": counted,
            "cap_h": np.full(by_person.height, float(cap_h)),
            "over_h": over,
        }
    )
    overlap = _overlap_h(facts)
    return Findings(
        tables={"hours": table},
        values={"people": by_person["agent_id"].n_unique(), "months": by_person["month"].n_unique(), "over": int((over > 0).sum())},
        checks=(Check("shifts_do_not_overlap", overlap == 0, overlap),),
        notes=(Note("months_may_be_partial"),),
    )


def _overlap_h(facts: Facts) -> float:
    """Hours that count twice because a counted shift of a person begins before the one before it ends."""
    shifts = facts.table("shifts")
    spans = shifts.select("agent_id", "activity", starts=facts.epoch_us(shifts.starts_at), ends=facts.epoch_us(shifts.ends_at))
    spans = spans.filter(spans.activity.isin(COUNTED))
    spans = spans.mutate(following=lambda t: t.starts.lead().over(group_by="agent_id", order_by=[t.starts, t.ends]))
    overlap = (spans.ends - spans.following).sum(where=spans.following < spans.ends)
    return float(facts.collect(spans.aggregate(us=overlap))["us"][0].as_py() or 0) / 3.6e9
