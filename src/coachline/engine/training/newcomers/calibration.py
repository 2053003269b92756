"""What the model needs to know of a centre, each quantity as draws: from the facts where they say something, else from a prior that is named as such."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Note
from coachline.engine.training.newcomers import learning, leaving, records
from coachline.engine.training.newcomers.staffing import Load, load_of, staffing_for

Floats = NDArray[np.float64]
Source = Literal["facts", "prior"]

GAP_PRIORS = {"resolved": (0.5, 0.5), "handle": (0.2, 0.25)}
"""Mean and standard deviation, in logits and in logs, of how far newcomers start from their later level."""
LEARNT = 0.5
"""Part of a prior's variance that the facts must take away for a curve to count as theirs."""
HIRES_PRIOR = 0.5
"""Hires that the prior of the rate of hiring is worth (Jeffreys)."""
GROWTH_SD = 0.01
"""Of the monthly growth of calls before anything was seen: some 12 % a year either way."""
FEWEST_WEEKS = 8
WEEKS_ALIKE = 2.0
"""Weeks that follow each other are alike, so that the slope over them is less sure than if they were not."""
CLASS_SEEN = 3
"""Newcomers whose first call was seen, without whom the time in the classroom is a prior."""
WEEKS_PER_MONTH = leaving.MONTH_DAYS / 7

FIXED_PRIORS: dict[str, tuple[float, float, str]] = {
    "class_weeks": (6.0, 0.4, "weeks"),
    "mentor_weeks": (8.0, 0.3, "weeks"),
    "mentor_time": (0.25, 0.3, "share"),
    "practice": (0.5, 0.2, "share"),
    "mentor_elasticity": (0.25, 0.5, "number"),
    "class_worth": (0.5, 0.4, "number"),
    "exam_validity": (0.35, 0.3, "number"),
    "school_leaving": (0.8, 0.15, "number"),
    "repeats": (0.25, 0.4, "share"),
    "patience_s": (120.0, 0.5, "seconds"),
    "handle_s": (240.0, 0.3, "seconds"),
}
"""Median, log standard deviation and unit of what facts do not tell; see the method page for where each comes from."""
RATIO_NOW = 2.0
PASSING_PRIOR = (18.0, 2.0)
"""Parameters of the beta distribution of the share that passes the licence exam at present."""
STAFFING_PRIOR = (0.5, 0.5)


@dataclass
class Calibration:
    """Quantities as draws, (draws,) each.

    Attributes
    ----------
    draws : mapping of str to numpy.ndarray
    units, sources : mapping of str to str
    leaving : (4, draws) float array
        By band of tenure.
    load : Load or None
        Calls by class of half-hours; None where no call was offered.
    notes : list of Note
    """

    draws: dict[str, Floats] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    leaving: Floats = field(default_factory=lambda: np.zeros((4, 0)))
    load: Load | None = None
    notes: list[Note] = field(default_factory=list)

    def __getitem__(self, name: str) -> Floats:
        return self.draws[name]

    def enter(self, name: str, values: Floats, unit: str, source: Source) -> None:
        self.draws[name], self.units[name], self.sources[name] = values, unit, source

    def table(self) -> pl.DataFrame:
        """Columns quantity, value (median), low, high, unit, source."""
        rows = [
            (name, *(float(q) for q in np.quantile(values, (0.5, 0.05, 0.95))), self.units[name], self.sources[name])
            for name, values in self.draws.items()
        ]
        kinds = {"quantity": pl.String(), "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "unit": pl.String()}
        return pl.DataFrame(rows, schema={**kinds, "source": pl.String()}, orient="row")


def calibrate(
    facts: Facts, period: Period, people: records.People, rng: np.random.Generator, draws: int, within_s: float, growth: float | None
) -> Calibration:
    """Draw every quantity from its posterior.

    Parameters
    ----------
    facts : Facts
    period : Period
        Days of the calls.
    people : records.People
    rng : numpy.random.Generator
    draws : int
    within_s : float
        Seconds of the service level.
    growth : float, optional
        Growth of the calls in a year, where it is not taken from the facts.

    Returns
    -------
    Calibration
    """
    found = Calibration()
    # Each part has a stream of its own, so that more facts on one leave the draws of the others as they are.
    streams = rng.spawn(6)
    _staff(found, people, streams[0], draws)
    seen = records.work(facts, period, within_s)
    cells = _with_tenure(seen.cells, people)
    for (name, (median, spread, unit)), stream in zip(FIXED_PRIORS.items(), streams[1].spawn(len(FIXED_PRIORS)), strict=True):
        found.enter(name, median * np.exp(spread * stream.standard_normal(draws)), unit, "prior")
    for name in ("mentor_time", "practice", "repeats"):
        found.draws[name] = np.minimum(found[name], 1.0)
    found.enter("passing", streams[1].beta(*PASSING_PRIOR, draws), "share", "prior")
    _classroom(found, cells, people, streams[2], draws)
    _curves(found, seen, cells, streams[3], draws)
    _calls(found, seen, streams[4], draws, within_s)
    _growth(found, seen.days, streams[5], draws, growth)
    for name, hours in (("hours_worked", records.work_hours(facts, people)), ("hours_trained", records.training_hours(facts, people))):
        if hours is not None:
            found.enter(name, np.full(draws, hours), "hours", "facts")
    return found


def _staff(found: Calibration, people: records.People, rng: np.random.Generator, draws: int) -> None:
    """Rates of hiring and leaving."""
    hired = int(((people.hired >= people.opened) & (people.hired < people.closed)).sum())
    dated = bool(np.isfinite(people.hired).any())
    rate = rng.gamma(HIRES_PRIOR + hired, 1.0 / max(people.months, 1e-9), draws) if dated else np.zeros(draws)
    found.enter("hires", rate, "per_month", "facts" if dated else "prior")
    seen = leaving.seen_in(people.hired, people.left, people.opened, people.closed)
    found.leaving = leaving.rates(seen, rng, draws)
    for band, name in enumerate(leaving.BANDS):
        found.enter(f"leaving_{name}", found.leaving[band], "per_month", "facts" if seen.leavers[band] else "prior")
    found.enter("stay_months", leaving.expected_stay(found.leaving), "months", "facts" if seen.leavers.sum() else "prior")
    if dated and not hired:
        found.notes.append(Note("nobody_hired", {"months": people.months}))
    if dated and not seen.leavers.sum():
        found.notes.append(Note("nobody_left", {"months": people.months}))


def _with_tenure(cells: pl.DataFrame, people: records.People) -> pl.DataFrame:
    """`cells` with the day of hiring, null where it is not known."""
    hired = [None if np.isnan(day) else float(day) for day in people.hired]
    known = pl.DataFrame({"agent_id": people.agent_id, "hired": pl.Series(hired, dtype=pl.Float64())}).unique("agent_id", keep="first")
    return cells.join(known, on="agent_id", how="left", maintain_order="left")


def _classroom(found: Calibration, cells: pl.DataFrame, people: records.People, rng: np.random.Generator, draws: int) -> None:
    """Time from hiring to the first call, of those hired where both days can be seen."""
    begun = cells.group_by("agent_id").agg(pl.col("first_day").min(), pl.col("hired").first())
    begun = begun.filter(pl.col("hired") >= people.opened, pl.col("first_day") >= pl.col("hired"))
    if begun.height < CLASS_SEEN:
        return
    weeks = ((begun["first_day"] - begun["hired"]) / 7.0).to_numpy()
    error = weeks.std(ddof=1) / np.sqrt(len(weeks))
    found.enter("class_weeks", np.maximum(weeks.mean() + error * rng.standard_normal(draws), 0.0), "weeks", "facts")


def _curves(found: Calibration, seen: records.Work, cells: pl.DataFrame, rng: np.random.Generator, draws: int) -> None:
    """Learning curves of resolution and of handle time."""
    months = (pl.col("day") - pl.col("hired")) / leaving.MONTH_DAYS - float(np.median(found["class_weeks"])) / WEEKS_PER_MONTH
    cells = cells.with_columns(months=months.fill_null(np.nan))
    shares, times = cells.filter(pl.col("n") > 0), cells.filter(pl.col("handled") > 0)
    n, solved, expected = (shares[name].cast(pl.Float64).to_numpy() for name in ("n", "resolved", "expected"))
    total = float(n.sum())
    resolved = learning.fit_shares(_codes(shares), shares["months"].to_numpy(), n, solved, expected / n, GAP_PRIORS["resolved"])
    handled, logs = (times[name].cast(pl.Float64).to_numpy() for name in ("handled", "log_handle"))
    # Pace is what newcomers lack: the log of handle time with the other sign.
    levels = learning.Observed(_codes(times), times["months"].to_numpy(), -logs / handled, handled / seen.handle_variance)
    handle = learning.fit(levels, GAP_PRIORS["handle"])
    for outcome, curve in (("resolved", resolved), ("handle", handle)):
        level, gap, time = curve.draw(rng, draws)
        if outcome == "resolved" and total:
            seasoned = logit(np.clip(solved.sum() / total, 1e-4, 1 - 1e-4)) + level
            found.enter("resolved_seasoned", expit(seasoned), "share", "facts")
        source: Source = "facts" if float(np.var(gap)) < LEARNT * GAP_PRIORS[outcome][1] ** 2 else "prior"
        found.enter(f"{outcome}_gap", gap, "logit" if outcome == "resolved" else "log", source)
        found.enter(f"{outcome}_months", time, "months", source)
        if source == "prior":
            found.notes.append(Note("resolved_curve_from_prior" if outcome == "resolved" else "handle_curve_from_prior"))
    found.enter("resolved_spread", np.full(draws, resolved.spread), "logit", "facts" if total else "prior")
    if not total:
        found.notes.append(Note("resolution_not_recorded"))


def _codes(cells: pl.DataFrame) -> NDArray[np.int64]:
    """Place of each row's person, from 0."""
    return cells["agent_id"].rank("dense").cast(pl.Int64).to_numpy() - 1


def _calls(found: Calibration, seen: records.Work, rng: np.random.Generator, draws: int, within_s: float) -> None:
    """Handle time, patience, load by class of half-hours, and the staffing that gives today's service level."""
    sums = {name: float(seen.days[name].sum()) for name in seen.days.columns if name != "day"}
    if sums.get("handled"):
        found.enter("handle_s", np.full(draws, sums["handle_s"] / sums["handled"]), "seconds", "facts")
    else:
        found.notes.append(Note("handle_time_not_recorded"))
    if sums.get("wait_abandoned") and sums["waited_s"] > 0:
        # Who was answered had patience for longer: a censored exponential.
        found.enter("patience_s", sums["waited_s"] / rng.gamma(sums["wait_abandoned"], 1.0, draws), "seconds", "facts")
    found.load = load_of(seen.load, seen.days, found["handle_s"])
    beta = rng.normal(*STAFFING_PRIOR, draws)
    if found.load is None:
        found.notes.append(Note("nobody_called"))
        return
    if not sums["wait_known"]:
        found.notes.append(Note("wait_not_recorded"))
        found.enter("staffing", beta, "number", "prior")
        return
    level = sums["within"] / (sums["wait_known"] or 1.0)
    found.enter("service_level_now", np.full(draws, level), "share", "facts")
    found.enter(
        "staffing",
        staffing_for(level, found.load, found["patience_s"] / found["handle_s"], within_s / found["handle_s"]),
        "number",
        "facts",
    )


def _growth(found: Calibration, days: pl.DataFrame, rng: np.random.Generator, draws: int, given: float | None) -> None:
    """Growth of calls in a month."""
    if given is not None:
        found.enter("growth", np.full(draws, np.log1p(given) / 12.0), "per_month", "prior")
        return
    last = days["day"].max() if days.height else None
    slope, error = 0.0, np.inf
    if isinstance(last, int):
        first = int(days["day"].min())  # type: ignore[arg-type]
        number = (last - first + 1) // 7
        week = (last - days["day"].to_numpy()) // 7
        offered = np.bincount(week[week < number], days["offered"].to_numpy()[week < number], number)[::-1]
        if number >= FEWEST_WEEKS and (offered > 0).all():
            time = np.arange(number) * 7 / leaving.MONTH_DAYS
            time = time - time.mean()
            logs = np.log(offered)
            slope = float(time @ logs / (time @ time))
            rest = logs - logs.mean() - slope * time
            error = WEEKS_ALIKE * float(np.sqrt(rest @ rest / (number - 2) / (time @ time)))
    weight = 1.0 / (1.0 + (error / GROWTH_SD) ** 2)
    sd = GROWTH_SD * np.sqrt(1.0 - weight)
    found.enter("growth", weight * slope + sd * rng.standard_normal(draws), "per_month", "facts" if weight >= LEARNT else "prior")


def day_of(period: Period, days: tuple[date, date]) -> date:
    """The last day that is looked at."""
    return min(period.last or days[1], days[1])
