"""The analysis `roster.whatif`: scenarios played call by call against the roster of today, or the one that is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.engine.roster.plan.asking import Asked, asked
from coachline.engine.roster.plan.plan import rostered
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Floats, Request
from coachline.engine.roster.plan.settings import ROSTER_COLUMNS, TARGET, limits_of, settings_of
from coachline.engine.roster.simulation.calls import Traffic
from coachline.engine.roster.simulation.trying import OFFERED, RESOLVED, Estimate, Habits, Tries, difference, estimate, tried
from coachline.engine.roster.staffing.waits import Waits, waits_of
from coachline.engine.roster.whatif.people import Trained, paces, to_train, without
from coachline.engine.roster.whatif.rosters import Circumstances, Stretches, crew_of, present, stretches
from coachline.engine.roster.whatif.scenarios import AS_NOW, DEFAULT_SCENARIOS, PROPOSED, Scenario, scenarios_of
from coachline.engine.training.effect import EFFECT_READS
from coachline.engine.training.method_effects import method_effects
from coachline.errors import CoachlineError

MEASURES = ("service_level_offered", "answered", "wait_s", "resolved", "resolved_of_all", "occupancy")
"""Figures of the simulation that are shown, as `FIGURES`; hours and cost come with them."""
CONFIDENCE = 0.9

WHATIF_COLUMNS = {
    table: tuple(dict.fromkeys((*ROSTER_COLUMNS.get(table, ()), *EFFECT_READS.get(table, ()))))
    for table in (*ROSTER_COLUMNS, *EFFECT_READS)
}
"""What it reads: all that a roster is made of, and all that training's effect is measured by."""

WHATIF: dict[str, pl.DataType] = {
    "scenario": pl.String(), "measure": pl.String(), "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "against": pl.String(),
    "more": pl.Float64(), "more_low": pl.Float64(), "more_high": pl.Float64(),
}  # fmt: skip
"""One row per scenario and measure; ``against`` names the scenario that it is compared with."""


@dataclass(frozen=True)
class Played:
    """A scenario and what came of it."""

    scenario: Scenario
    against: str | None
    tries: Tries
    hours: float


def whatif(
    facts: Facts,
    *,
    scenarios: Mapping[str, str] = DEFAULT_SCENARIOS,
    tries: int = 20,
    trained_by: str = "class",
    hour_cost: float = 40.0,
    priorities: Mapping[str, float] | None = None,
    repeat_share: float = 0.0,
    seed: int = 1,
    answer_within: float = TARGET.within_s,
    seconds: float = 20.0,
    **asked_for: Any,
) -> Findings:
    """Play scenarios.

    Parameters
    ----------
    facts : Facts
    scenarios : mapping of str to str
        As `scenarios_of` reads them.
    tries : int
        How often every scenario is played.
    trained_by : str
        Method of the training, whose effect counts.
    hour_cost : float
        Of paid work.
    priorities : mapping of str to float, optional
        Posts whose calls are answered first; those that are not named have 0.
    repeat_share : float
        Share of callers without a solution who call again, after an hour on average.
    seed : int
    answer_within : float
        Seconds within which an answer counts.
    seconds : float
        Time for each roster that is made anew.
    **asked_for
        Settings (`RosterSettings`) and numbers of the rules (`Limits`), as `roster.plan`.

    Returns
    -------
    Findings
        ``whatif`` (schema `WHATIF`), ``businesses`` (the same by business), ``hours`` (by hour of the day).

    Raises
    ------
    CoachlineError
        ``bad_scenario``, ``unknown_post``, ``nobody_on_roster``, and what `asked` refuses.
    """
    wanted = scenarios_of(scenarios)
    settings = settings_of({**asked_for, "answer_within": answer_within})
    question = asked(facts, settings, limits_of(asked_for))
    world = _World.of(
        facts,
        question,
        Habits(within_s=answer_within, repeat_share=repeat_share),
        tries=tries,
        seed=seed,
        most=max([1.0, *(s.calls for s in wanted)]),
    )
    method = method_effects(facts)[trained_by]
    under = Circumstances(seed, settings.absence, method.closed, method.sd, _urgency(question.request.posts, priorities))
    done: dict[str, Played] = {}
    here = present(question.request, question.usual, question.skills.mix, seed)
    if here.person.size:
        done[AS_NOW] = world.play(Scenario(AS_NOW), None, question.request, here, under, None)
    anew = any(scenario.rostered_anew for scenario in wanted) or AS_NOW not in done
    fresh = here
    if anew:
        fresh = _made(question.request, seconds)
        if not fresh.person.size:
            raise CoachlineError("nobody_on_roster", first=question.request.first)
        done[PROPOSED] = world.play(Scenario(PROPOSED), AS_NOW if AS_NOW in done else None, question.request, fresh, under, None)
    who: dict[str, Trained] = {}
    for scenario in wanted:
        if scenario == Scenario(scenario.name, proposed=True):
            # Nothing but the roster is new; that has been played.
            done[scenario.name] = done[PROPOSED]
            continue
        against = PROPOSED if scenario.rostered_anew or AS_NOW not in done else AS_NOW
        request, roster = question.request, fresh if against == PROPOSED else here
        if scenario.fewer:
            gone = _gone(request, scenario.fewer, seed)
            request = without(request, gone)
        if scenario.cap_h is not None:
            request = replace(request, limits=replace(request.limits, cap_h=scenario.cap_h))
        if scenario.fewer or scenario.cap_h is not None:
            roster = _made(request, seconds)
        trained = None
        if scenario.train:
            post = _post(question, scenario, done[against].tries)
            trained = who[scenario.name] = to_train(request, post, scenario.train, roster.hours)
        done[scenario.name] = world.play(scenario, against, request, roster, under, trained)
    notes = [*question.notes, *_notes(question, wanted, who, method.trainings, anew, AS_NOW in done)]
    return Findings(
        tables={
            "whatif": _table(done, hour_cost),
            "businesses": _by_business(done, question.request.posts),
            "hours": _by_hour(done),
        },
        values={
            "first_day": str(question.request.first),
            "days": question.request.days,
            "people": len(question.request.people),
            "calls": float(question.request.calls.sum()),
            "tries": tries,
        },
        checks=(_check(done),),
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _World:
    """What all scenarios share: calls, pace and habits."""

    traffic: Traffic
    handle_s: Floats
    pace: Floats
    habits: Habits
    tries: int
    seed: int
    most: float

    @classmethod
    def of(cls, facts: Facts, question: Asked, habits: Habits, *, tries: int, seed: int, most: float) -> _World:
        request, posts = question.request, question.demand
        waits = waits_of(facts, Period())
        calls = request.calls.sum(axis=0)
        busy = (request.calls * request.handle_s).sum(axis=0)
        handle = np.where(calls > 0, busy / np.where(calls > 0, calls, 1.0), request.handle_s.mean(axis=0))
        traffic = Traffic(request.calls, request.patience_s, _scatter(waits, question), posts.spread)
        return cls(traffic, handle, paces(facts, Period(), request.people), habits, tries, seed, most)

    def play(
        self, scenario: Scenario, against: str | None, request: Request, roster: Stretches, under: Circumstances, trained: Trained | None
    ) -> Played:
        crew = crew_of(request, roster, self.handle_s, self.pace, under, trained)
        found = tried(crew, self.traffic, self.habits, tries=self.tries, seed=self.seed, most=self.most, share=scenario.calls / self.most)
        return Played(scenario, against, found, float(roster.hours.sum()))


def _scatter(waits: Waits, question: Asked) -> Floats:
    """(posts,) standard deviation over mean of single handle times; exponential where nothing is known."""
    posts = question.demand
    known = dict(zip(waits.businesses, waits.handle_cv.tolist(), strict=True))
    cv = np.array([known.get(name, np.nan) for name in posts.businesses])
    weight = np.where(np.isfinite(cv), posts.weight, 0.0)
    total = np.bincount(posts.post_of, weight, len(posts.posts))
    mean = np.bincount(posts.post_of, weight * np.where(np.isfinite(cv), cv, 0.0), len(posts.posts))
    return np.where(total > 0, mean / np.where(total > 0, total, 1.0), np.nan)


def _made(request: Request, seconds: float) -> Stretches:
    """The roster that is proposed for a request."""
    best = rostered(request, seconds)
    return stretches(request, best.schedule, best.problem.cover.part_shift)


def _gone(request: Request, count: int, seed: int) -> Any:
    """People drawn at random among those who are there at all."""
    there = np.flatnonzero(~request.leave.all(axis=1))
    return np.sort(np.random.default_rng(seed).permutation(there)[:count])


def _post(question: Asked, scenario: Scenario, base: Tries) -> int:
    """Where people are trained: as asked for, or where most calls go unsolved in the base."""
    posts = question.request.posts
    if scenario.train_in is None:
        sums = base.sums.sum(axis=(0, 1))
        return int((sums[:, OFFERED] - sums[:, RESOLVED]).argmax())
    if scenario.train_in not in posts:
        raise CoachlineError("unknown_post", post=scenario.train_in, known=", ".join(posts))
    return posts.index(scenario.train_in)


def _urgency(posts: tuple[str, ...], priorities: Mapping[str, float] | None) -> Floats:
    for name in priorities or {}:
        if name not in posts:
            raise CoachlineError("unknown_post", post=name, known=", ".join(posts))
    return np.array([float((priorities or {}).get(name, 0.0)) for name in posts])


def _rows(done: Mapping[str, Played], measure: str, over: tuple[int, ...]) -> dict[str, tuple[Estimate, Estimate | None]]:
    found = {}
    for name, played in done.items():
        base = done.get(played.against or "")
        own = estimate(measure, played.tries, over=over, confidence=CONFIDENCE, one_try=True)
        found[name] = (
            own,
            None if base is None else difference(measure, played.tries, base.tries, over=over, confidence=CONFIDENCE, one_try=True),
        )
    return found


def _table(done: Mapping[str, Played], hour_cost: float) -> Any:
    rows = []
    for measure in MEASURES:
        for name, (own, off) in _rows(done, measure, (1, 2)).items():
            changed = (None, None, None) if off is None else tuple(map(float, (off.value, off.low, off.high)))
            rows.append((name, measure, *map(float, (own.value, own.low, own.high)), done[name].against, *changed))
    for measure, price in (("paid_hours", 1.0), ("labour_cost", hour_cost)):
        for name, played in done.items():
            # Planned, not left to chance.
            value = played.hours * price
            off_by = value - done[played.against].hours * price if played.against else None
            rows.append((name, measure, value, value, value, played.against, off_by, off_by, off_by))
    order = {name: place for place, name in enumerate(done)}
    rows.sort(key=lambda row: order[row[0]])
    return pl.DataFrame(rows, schema=WHATIF, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None)).to_arrow()


def _by_business(done: Mapping[str, Played], posts: tuple[str, ...]) -> Any:
    frames = []
    for measure in ("service_level_offered", "resolved_of_all"):
        for name, (own, off) in _rows(done, measure, (1,)).items():
            nothing = np.full(len(posts), np.nan)
            changed = [nothing] * 3 if off is None else [off.value, off.low, off.high]
            columns = [own.value, own.low, own.high, *changed]
            frames.append(
                pl.DataFrame(
                    {"scenario": [name] * len(posts), "business": [post or None for post in posts], "measure": [measure] * len(posts)}
                    | dict(zip(("value", "low", "high", "more", "more_low", "more_high"), columns, strict=True)),
                    schema_overrides={"business": pl.String()},
                )
            )
    return pl.concat(frames).with_columns(pl.col(pl.Float64).fill_nan(None)).to_arrow()


def _by_hour(done: Mapping[str, Played]) -> Any:
    """Over the hours of the day, all days together."""
    frames = []
    for name, played in done.items():
        count, slots, businesses, sums = played.tries.sums.shape
        of_hour = np.arange(slots) % SLOTS_A_DAY // 2
        by_hour = np.zeros((count, 24, businesses, sums))
        there = np.zeros((count, 24, businesses))
        for hour in range(24):
            by_hour[:, hour] = played.tries.sums[:, of_hour == hour].sum(axis=1)
            there[:, hour] = played.tries.present_s[:, of_hour == hour].sum(axis=1)
        level = estimate("service_level_offered", Tries(by_hour, there), over=(2,), confidence=CONFIDENCE, one_try=True)
        frames.append(
            pl.DataFrame(
                {
                    "scenario": [name] * 24,
                    "hour": np.arange(24),
                    "calls": by_hour[..., OFFERED].sum(axis=2).mean(axis=0),
                    "present_h": there.sum(axis=2).mean(axis=0) / 3600.0,
                    "service_level": level.value,
                    "service_level_low": level.low,
                    "service_level_high": level.high,
                }
            )
        )
    return pl.concat(frames).with_columns(pl.col(pl.Float64).fill_nan(None)).to_arrow()


def _check(done: Mapping[str, Played]) -> Check:
    """Whether the tries are enough to tell a point of service level."""
    widths = []
    for played in done.values():
        level = estimate("service_level_offered", played.tries, confidence=CONFIDENCE)
        widths.append(float(level.high - level.low) / 2.0)
    worst = max((width for width in widths if np.isfinite(width)), default=float("nan"))
    return Check("enough_tries", bool(worst <= 0.02), worst)


def _notes(question: Asked, wanted: tuple[Scenario, ...], who: Mapping[str, Trained], trainings: int, anew: bool, now: bool) -> list[Note]:
    notes = [Note("whatif_is_simulated"), Note("labour_cost_assumed")]
    if not now:
        notes.append(Note("no_roster_today", {"first": str(question.request.first)}))
    elif not anew:
        notes.append(Note("present_shifts_repeated"))
    for name, trained in who.items():
        facts = {"scenario": name, "people": len(trained.people), "business": question.request.posts[trained.post], "level": trained.level}
        notes.append(Note("who_is_trained", facts))
    if who and not trainings:
        notes.append(Note("training_effect_assumed"))
    if any(scenario.fewer for scenario in wanted):
        notes.append(Note("fewer_at_random"))
    return notes
