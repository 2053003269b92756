"""Effect files: one for every training on a business, opened by the list of who is named, or else found in the records of who came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.result import Note

WAVE_WEEKS = 4
"""A training under one number whose people start further apart than this is taken apart into waves."""

EFFECT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "trainings": ("training_id", "agent_id", "business", "method", "started_at", "hours"),
    "enrolments": ("training_id", "agent_id", "business", "arm", "random", "decided_at"),
}


@dataclass(frozen=True)
class EffectFile:
    """One training on one business.

    Attributes
    ----------
    training : str
    wave : int
        1, and further ones where people of the same training start weeks apart.
    business : str
        Also stands for the businesses below it.
    method : str or None
    people : tuple of str
        Who was trained.
    first_week, last_week : int or None
        Of the starts; weeks since Monday 1969-12-29. None: nobody has started yet.
    hours : float or None
        Of all people together.
    drawn, waiting : tuple of str
        The arms of the lot; empty where no lot was drawn.
    decided_week : int or None
        In which it was settled who goes.
    """

    training: str
    business: str
    wave: int = 1
    method: str | None = None
    people: tuple[str, ...] = ()
    first_week: int | None = None
    last_week: int | None = None
    hours: float | None = None
    drawn: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    decided_week: int | None = None


@dataclass(frozen=True)
class Records:
    """All effect files, and every training with its week, for trainings overlap.

    Attributes
    ----------
    files : tuple of EffectFile
        By training, business and wave.
    attended : polars.DataFrame
        agent_id, business, week.
    notes : tuple of Note
        What could not be used.
    """

    files: tuple[EffectFile, ...]
    attended: pl.DataFrame
    notes: tuple[Note, ...] = field(default=())


def week_of(day: int) -> int:
    """Number of the week, Monday first, of a day number since 1970-01-01 (a Thursday)."""
    return (day + 3) // 7


def effect_files(facts: Facts) -> Records:
    """Open a file for every training on a business.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    Records
    """
    came = _collected(facts, "trainings", "started_at", EFFECT_COLUMNS["trainings"])
    listed = _collected(facts, "enrolments", "decided_at", EFFECT_COLUMNS["enrolments"])
    usable = came.filter(pl.col("week").is_not_null(), pl.col("business").is_not_null())
    notes = []
    undated = came.filter(pl.col("week").is_null()).height
    unplaced = came.filter(pl.col("week").is_not_null(), pl.col("business").is_null()).height
    if undated:
        notes.append(Note("trainings_without_date", {"trainings": undated}))
    if unplaced:
        notes.append(Note("trainings_without_business", {"trainings": unplaced}))
    lists, lost = _lists(listed, usable)
    if lost:
        notes.append(Note("enrolments_without_business", {"people": lost}))
    files: list[EffectFile] = []
    groups = usable.sort("training_id", "business", "week", "agent_id").partition_by("training_id", "business", as_dict=True)
    for (training, business), rows in groups.items():
        listing = lists.pop((training, business), {})
        waves = [rows] if listing.get("drawn") else _waves(rows)
        files += [_file(str(training), str(business), k + 1, wave, listing) for k, wave in enumerate(waves)]
    files += [EffectFile(training, business, **listing) for (training, business), listing in lists.items()]
    files.sort(key=lambda file: (file.training, file.business, file.wave))
    return Records(tuple(files), usable.select("agent_id", "business", "week"), tuple(notes))


def _collected(facts: Facts, table: str, when: str, columns: Iterable[str]) -> pl.DataFrame:
    rows = facts.table(table)
    day = facts.wall_clock_s(table, when) // clock.DAY_S
    chosen = {name: rows[name] for name in columns if name != when}
    frame = pl.from_arrow(facts.collect(rows.select(**chosen, day=day)))
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(week=(pl.col("day").cast(pl.Int64) + 3) // 7).drop("day")


def _waves(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """`rows` of one training, sorted by week, cut where a person starts too long after the first of the wave."""
    cuts, began = [0], int(rows["week"][0])
    for place, week in enumerate(rows["week"]):
        if week - began > WAVE_WEEKS:
            cuts.append(place)
            began = week
    return [rows[start:end] for start, end in zip(cuts, [*cuts[1:], rows.height], strict=True)]


def _file(training: str, business: str, wave: int, rows: pl.DataFrame, listing: Mapping[str, Any]) -> EffectFile:
    methods = rows["method"].drop_nulls()
    hours = rows["hours"].drop_nulls().drop_nans()
    return EffectFile(
        training,
        business,
        wave,
        method=str(methods.mode().sort()[0]) if len(methods) else None,
        people=tuple(sorted(set(rows["agent_id"]))),
        first_week=int(rows["week"][0]),
        last_week=int(rows["week"][-1]),
        hours=float(hours.sum()) if len(hours) else None,
        **listing,
    )


def _lists(listed: pl.DataFrame, came: pl.DataFrame) -> tuple[dict[tuple[str, str], dict[str, Any]], int]:
    """What the lists say of each training and business (the arms of a lot, and the week of the decision), and how many entries lead to no business."""
    sole = came.group_by("training_id").agg(only=pl.col("business").unique()).filter(pl.col("only").list.len() == 1)
    placed = listed.join(sole.with_columns(only=pl.col("only").list.first()), on="training_id", how="left")
    placed = placed.with_columns(business=pl.coalesce("business", "only")).filter(pl.col("business").is_not_null())
    lists: dict[tuple[str, str], dict[str, Any]] = {}
    for (training, business), rows in (
        placed.sort("training_id", "business", "agent_id").partition_by("training_id", "business", as_dict=True).items()
    ):
        arms = {arm: tuple(rows.filter(pl.col("random").fill_null(False), arm=arm)["agent_id"]) for arm in ("trained", "waiting")}
        by_lot = all(arms.values())
        week = rows["week"].max()
        lists[str(training), str(business)] = {
            "drawn": arms["trained"] if by_lot else (),
            "waiting": arms["waiting"] if by_lot else (),
            "decided_week": week if isinstance(week, int) else None,
        }
    return lists, listed.height - placed.height
