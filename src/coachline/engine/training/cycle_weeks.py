"""What people do on the businesses that were trained, week by week, with what moves everybody taken from those who were not trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import polars as pl
from scipy.special import logit

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import STATISTICS, Basis, Settings
from coachline.engine.result import Note
from coachline.engine.stats.fading import Courses, Places
from coachline.engine.stats.half_lives import Floats
from coachline.engine.training.cycle_calendar import Calendar, calendar
from coachline.engine.training.effect_counts import below

CYCLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "trainings": ("training_id", "agent_id", "business", "method", "started_at"),
    "calls": ("agent_id", "business", "arrived_at", "direction", "outcome", "resolved", "rating"),
    "exams": ("exam_id", "agent_id", "item", "business", "taken_at", "correct", "points", "max_points"),
}
"""Columns on which the cycle depends, for the table of contents."""

CYCLE_OUTCOMES: Mapping[str, tuple[str, str]] = {"resolved": ("resolved_known", "resolved"), "satisfied": ("rated", "satisfied")}
"""Outcome to the sums of its cases and successes."""

STOPPED_DAYS = 14
"""Days at the end of the calls without one recorded outcome that are no accident."""

CELL = ("agent_id", "business")

NO_METHOD = "-"
"""In place of a method that is not recorded."""

_COUNTS = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "week": pl.Int64(), "n": pl.Int64(), "successes": pl.Int64()})


@dataclass(frozen=True)
class Trained:
    """Everything about trained cells.

    Attributes
    ----------
    cells : polars.DataFrame
        One row per person and business trained in, sorted: agent_id, business, last_day (of the last training), trainings, methods, cases_after.
    courses : Courses or None
        The ``used`` cells week by week, then everybody else on these businesses with one row each; the business is the group. None where nothing can be
        followed.
    used : integer array
        Row of `cells` of each of the first cells of `courses`.
    businesses : list of str
        Groups of `courses`; each has a trained cell.
    kinds : list of str
        Methods, in the order of the kinds of `courses`.
    last_day : int
        Day number of the last call.
    notes : tuple of Note
    """

    cells: pl.DataFrame
    courses: Courses | None
    used: Places
    businesses: list[str]
    kinds: list[str]
    last_day: int
    notes: tuple[Note, ...] = field(default=())


def trained_weeks(facts: Facts, period: Period, outcome: str, satisfied_from: int) -> Trained:
    """Reduce calls to weeks of trained cells, and to totals of the others.

    The weeks for which people were chosen stay in, and those not chosen, too: with all of it in the likelihood, the choice does no harm. Left out are only the
    weeks in which the trainings themselves took place.
    """
    trainings, notes = _trainings(facts)
    taught = sorted(set(trainings["business"]))
    weekly, last_day, stopped = _weekly(facts, period, outcome, satisfied_from)
    notes += stopped
    kept = _events(trainings, taught)
    cells = kept.group_by(*CELL, maintain_order=True).agg(
        last_day=pl.col("day").max(), trainings=pl.len(), methods=pl.col("method").unique().sort()
    )
    counts = pl.DataFrame(schema=_COUNTS)
    leaves = facts.collect(weekly.select("business").distinct())["business"].to_pylist() if taught else []
    under = pl.DataFrame(
        [(leaf, business) for leaf in sorted(leaves) for business in taught if below(leaf, business)],
        schema={"leaf": pl.String(), "business": pl.String()},
        orient="row",
    )
    if under.height:
        there = weekly.filter(weekly.business.isin(under["leaf"].unique().to_list()))
        read = pl.DataFrame(facts.collect(there)).rename({"business": "leaf"}).join(under, on="leaf")
        counts = read.group_by(*CELL, "week").agg(pl.col("n", "successes").sum()).cast(_COUNTS).sort(*CELL, "week")
    weeks = _rows(counts, kept)
    after = weeks.frame.filter(after=True).group_by(*CELL).agg(cases_after=pl.col("n").sum())
    cells = cells.join(after, on=CELL, how="left").with_columns(pl.col("cases_after").fill_null(0)).sort(*CELL)
    if not after.height:
        return Trained(cells, None, np.zeros(0, np.int64), [], weeks.kinds, last_day, tuple(notes))
    untrained = counts.join(cells, on=CELL, how="anti")
    if untrained.is_empty():
        notes.append(Note("nobody_untrained"))
    pairs = cells.join(under, on="business").select("agent_id", business="leaf").unique()
    courses, used, businesses = _courses(weeks, cells, untrained, calendar(facts, weekly, pairs))
    return Trained(cells, courses, used, businesses, weeks.kinds, last_day, tuple(notes))


def _events(trainings: pl.DataFrame, taught: list[str]) -> pl.DataFrame:
    """Trainings by cell; a training on a business is one on everything below it that somebody is trained in, too."""
    above = pl.DataFrame(
        [(b, a) for b in taught for a in taught if below(b, a)], schema={"own": pl.String(), "business": pl.String()}, orient="row"
    )
    events = trainings.join(above, on="business").select("agent_id", "method", "day", business="own")
    return events.join(trainings.select(*CELL).unique(), on=CELL).unique().sort(*CELL, "day", "method")


def _trainings(facts: Facts) -> tuple[pl.DataFrame, list[Note]]:
    table = facts.table("trainings")
    day = facts.wall_clock_s("trainings", "started_at") // clock.DAY_S
    found = pl.DataFrame(facts.collect(table.select("agent_id", "business", "method", day=day.cast("int64"))))
    notes = []
    undated = found["day"].null_count()
    unplaced = found.filter(pl.col("day").is_not_null() & pl.col("business").is_null()).height
    if undated:
        notes.append(Note("trainings_without_date", {"trainings": undated}))
    if unplaced:
        notes.append(Note("trainings_without_business", {"trainings": unplaced}))
    return found.drop_nulls(["day", "business"]).with_columns(pl.col("method").fill_null(NO_METHOD)), notes


def _weekly(facts: Facts, period: Period, outcome: str, satisfied_from: int) -> tuple[ir.Table, int, list[Note]]:
    """Cases and successes by person, business and week where the data lie; the day of the last call; a note where the outcome stops before."""
    known, good = CYCLE_OUTCOMES[outcome]
    basis = Basis(Settings(satisfied_from=satisfied_from), frozenset(STATISTICS[good].needs))
    rows = enriched_calls(facts, period)
    rows = rows.filter(rows.answered, rows.agent_id.notnull(), rows.business.notnull())
    where = STATISTICS[known].where
    assert where is not None
    [ends] = facts.collect(rows.aggregate(last=rows.wall_s.max(), said=rows.wall_s.max(where=where(rows, basis)))).to_pylist()
    last = int((ends["last"] or 0) // clock.DAY_S)
    notes = []
    if ends["last"] and (ends["said"] is None or ends["last"] - ends["said"] > STOPPED_DAYS * clock.DAY_S):
        until = "-" if ends["said"] is None else _date(ends["said"] // clock.DAY_S).isoformat()
        notes.append(Note("outcome_stops", {"outcome": outcome, "until": until, "last": _date(last).isoformat()}))
    rows = rows.mutate(week=((rows.wall_s // clock.DAY_S + 3) // 7).cast("int64"))
    sums = {"n": STATISTICS[known].over(rows, basis), "successes": STATISTICS[good].over(rows, basis)}
    weekly = rows.group_by("agent_id", "business", "week").aggregate(**sums)
    return weekly.filter(weekly.n > 0), last, notes


def _date(day: int) -> date:
    return clock.EPOCH + timedelta(days=int(day))


@dataclass(frozen=True)
class _Weeks:
    """Weeks of trained cells: agent_id, business, week, n, successes, after (a training); (rows, K) ages and kinds of its trainings; the kinds' names."""

    frame: pl.DataFrame
    ages: Floats
    kind: Places
    kinds: list[str]


def _rows(counts: pl.DataFrame, events: pl.DataFrame) -> _Weeks:
    """Days since each training; NaN for those still to come.

    A week's number gives its Thursday as 7 x number, its Monday three days before.
    """
    kinds = events["method"].unique().sort().to_list()
    coded = events.with_columns(kind=pl.col("method").replace_strict({name: k for k, name in enumerate(kinds)}, return_dtype=pl.Int64))
    monday, sunday = 7 * pl.col("week") - 3, 7 * pl.col("week") + 3
    ages = 7 * pl.col("week") + 0.5 - pl.col("day")
    rows = (
        counts.join(coded.select(*CELL, "day", "kind"), on=CELL, maintain_order="left_right")
        .group_by(*CELL, "week", maintain_order=True)
        .agg(
            pl.col("n", "successes").first(),
            pl.col("kind"),
            ages=pl.when(monday > pl.col("day")).then(ages),
            within=((monday <= pl.col("day")) & (sunday >= pl.col("day"))).any(),
            after=(monday > pl.col("day")).any(),
        )
        .filter(~pl.col("within"))
    )
    most = max((len(each) for each in rows["ages"].to_list()), default=1)
    table, kind = np.full((rows.height, most), np.nan), np.zeros((rows.height, most), np.int64)
    for place, (found, whose) in enumerate(rows.select("ages", "kind").rows()):
        table[place, : len(found)] = [np.nan if age is None else age for age in found]
        kind[place, : len(whose)] = whose
    return _Weeks(rows.drop("ages", "kind", "within"), table, kind, kinds)


def _courses(weeks: _Weeks, cells: pl.DataFrame, untrained: pl.DataFrame, moved: Calendar) -> tuple[Courses, Places, list[str]]:
    """Rows for the model; cells never seen after a training tell nothing of forgetting, and only how people are spread."""
    numbered = cells.with_row_index("row").filter(pl.col("cases_after") > 0)
    businesses = numbered["business"].unique().sort().to_list()
    rows = weeks.frame.with_row_index("place")
    followed = rows.join(numbered.select(*CELL).with_row_index("cell"), on=CELL).sort("place")
    columns = [*CELL, "week", "n", "successes"]
    unfollowed = rows.join(numbered, on=CELL, how="anti").select(columns)
    others = pl.concat([untrained.select(columns), unfollowed]).filter(pl.col("business").is_in(businesses))
    totals = pl.concat([others, followed.select(columns)]).group_by("business").agg(pl.col("n", "successes").sum())
    share = {b: (s + 0.5) / (n + 1.0) for b, n, s in totals.select("business", "n", "successes").rows()}
    followed, others = (
        frame.with_columns(calendar=moved.of(frame["agent_id"].to_list(), frame["week"].to_list())) for frame in (followed, others)
    )
    mean = (pl.col("calendar") * pl.col("n")).sum() / pl.col("n").sum()
    summed = others.group_by(*CELL, maintain_order=True).agg(pl.col("n", "successes").sum(), calendar=mean)
    summed = summed.with_row_index("cell", offset=numbered.height)
    both = pl.concat([frame.select(pl.col("cell").cast(pl.Int64), "n", "successes", "calendar") for frame in (followed, summed)])
    of_cell, place = [*numbered["business"], *summed["business"]], followed["place"].to_numpy()
    blank = (summed.height, weeks.ages.shape[1])
    courses = Courses(
        cell=both["cell"].to_numpy(),
        tries=both["n"].to_numpy().astype(float),
        successes=both["successes"].to_numpy().astype(float),
        calendar=both["calendar"].to_numpy(),
        ages=np.concatenate([weeks.ages[place], np.full(blank, np.nan)]),
        kind=np.concatenate([weeks.kind[place], np.zeros(blank, np.int64)]),
        worth=np.ones(len(weeks.kinds)),
        group=np.array([businesses.index(b) for b in of_cell], np.int64),
        usual=logit(np.array([share[b] for b in of_cell])),
    )
    return courses, numbered["row"].to_numpy().astype(np.int64), businesses
