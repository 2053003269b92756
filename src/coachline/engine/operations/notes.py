"""What the reader must know about the calls behind a figure: what was left out, and what is not recorded."""

from __future__ import annotations

import polars as pl

from coachline.engine.operations.statistics import Basis
from coachline.engine.result import Note


def notes_on_calls(frame: pl.DataFrame, basis: Basis) -> list[Note]:
    """Notes from the sums of a period; only those that apply."""

    def total(code: str) -> int:
        return int(frame[code].sum()) if code in frame.columns else 0

    notes = []
    if total("ivr_only") or total("ignored"):
        notes.append(Note("not_offered", {"ivr_only": total("ivr_only"), "ignored": total("ignored")}))
    if "direction" not in basis.recorded:
        notes.append(Note("direction_not_recorded"))
    if not total("abandoned"):
        notes.append(Note("no_abandoned_calls"))
    if "wait_s" in basis.recorded:
        answered = total("answered") - total("answered_wait_known")
        abandoned = total("abandoned") - total("abandoned_wait_known")
        if answered or abandoned:
            notes.append(Note("wait_unknown", {"answered": answered, "abandoned": abandoned}))
    if "talk_s" in basis.recorded:
        notes += [Note("part_not_recorded", {"column": c}) for c in ("hold_s", "wrap_s") if c not in basis.recorded]
        for known in ("handled", "handled_hold"):
            missing = total("answered") - total(known)
            if known in frame.columns and missing:
                notes.append(Note(f"{known}_unknown", {"calls": missing, "share": missing / total("answered")}))
    if "followed" in frame.columns and total("answered"):
        facts = {"days": basis.settings.repeat_days, "share": total("followed") / total("answered"), "calls": total("followed")}
        notes.append(Note("follow_up_basis", facts))
    if "rostered_s" in frame.columns:
        notes.append(Note("occupancy_over_rostered_hours"))
    return notes
