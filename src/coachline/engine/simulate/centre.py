"""A whole centre, day by day: roster, calls, answers, outcomes, trainings; then what grows out of the calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from coachline.engine.simulate import arrivals, exams, mystery, quality, survey, training, transcripts, truth, wishes
from coachline.engine.simulate.arrivals import SLOT_S, Demand
from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.call_table import call_ids, call_table
from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.handling import serve
from coachline.engine.simulate.ledger import Ledger
from coachline.engine.simulate.outcomes import REPEAT_LAG, demands, repeats, settle
from coachline.engine.simulate.people import People
from coachline.engine.simulate.roster import DAY_S, Roster, Shift
from coachline.engine.simulate.seats import MEAN_HANDLE_S, NIGHT_SLOTS, night_heads, seat, stand_ins
from coachline.engine.simulate.size import LARGEST_SEED, MONTH_DAYS, CentreSize
from coachline.engine.simulate.training import LOTS, Trainings
from coachline.engine.simulate.truth_tables import truth_tables
from coachline.engine.simulate.world import World
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError

OPENS_S, CLOSES_S = 8 * 3600, 22 * 3600
"""The hours of the day shifts."""


@dataclass(frozen=True)
class SimulatedCentre:
    """A synthetic centre.

    Attributes
    ----------
    size : CentreSize
    seed : int
    tables : dict of str to pyarrow.Table
        Every fact table of the contract, clean, without `source` and `loaded_at`; customers are plain (fake) numbers.
    truth : dict of str to pyarrow.Table
        What no centre knows; see ``docs/methods/simulate``.
    """

    size: CentreSize
    seed: int
    tables: dict[str, pa.Table]
    truth: dict[str, pa.Table]


def simulate_centre(size: CentreSize | None = None, seed: int = 1) -> SimulatedCentre:
    """Simulate a centre; the same size and seed give the same tables.

    Parameters
    ----------
    size : CentreSize, optional
    seed : int

    Returns
    -------
    SimulatedCentre

    Raises
    ------
    CoachlineError
        ``bad_seed``.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise CoachlineError("bad_seed", given=seed, high=LARGEST_SEED)
    size = size or CentreSize()
    # Each part has a stream of its own, so that a change in one leaves the draws of the others as they are.
    world_stream, records_stream = np.random.default_rng(seed).spawn(2)
    world = play(size, seed, world_stream)
    return SimulatedCentre(size, seed, *_written(world, records_stream))


def _written(world: World, rng: np.random.Generator) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """The fact tables and the tables of the truth."""
    size, people, businesses = world.size, world.people, world.businesses
    streams = rng.spawn(6)
    ids = call_ids(size, world.ledger)
    months = np.array([size.day(d).year * 12 + size.day(d).month for d in range(size.days)])
    month = (months - months[0])[world.ledger["second"] // DAY_S]
    weight = expected_cells(people, businesses)
    weight = weight / np.maximum(weight.sum(axis=0), 1e-12)
    goals = [(world.truth.probability(name) * weight).sum(axis=0) for name in ("resolved", "satisfied")]
    inspections, quality_truth = quality.inspect(world, month, ids, streams[0])
    exam_table, exam_truth = exams.hold(world, streams[1])
    mystery_table, mystery_truth = mystery.call(world, month, streams[2])
    survey_table, survey_truth = survey.ask(world, streams[3])
    tables = {
        "calls": call_table(size, world.ledger, people, businesses, ids, streams[4]),
        "agents": conform("agents", people.table(size, businesses.queue_names)),
        "businesses": conform("businesses", businesses.table(*goals)),
        "trainings": conform("trainings", world.trainings.table(size, people, businesses)),
        "enrolments": conform("enrolments", world.trainings.enrolled(size, people, businesses)),
        "exams": exam_table,
        "shifts": conform("shifts", world.roster.table(np.array(people.agent_id))),
        "wishes": wishes.wishes_ahead(world),
        "transcripts": transcripts.speak(world, ids, streams[5]),
        "mystery_calls": mystery_table,
        "survey_answers": survey_table,
        **inspections,
    }
    truth_of = truth_tables(world, ids) | quality_truth | exam_truth | mystery_truth | survey_truth
    return {name: tables[name] for name in TABLES}, truth_of


def play(size: CentreSize, seed: int, rng: np.random.Generator) -> World:
    """Draw a world and let its days pass."""
    streams = rng.spawn(6)
    businesses = Businesses.draw(size, streams[0])
    queue_share = np.bincount(businesses.queue, weights=businesses.share, minlength=size.queues)
    people = People.draw(size, queue_share, streams[1])
    drawn = truth.draw(people.team, businesses.family, expected_cells(people, businesses), streams[2])
    demand = Demand.draw(size, businesses, streams[3])
    night = night_heads(float(np.median(demand.expected)), arrivals.WORKDAY_PROFILE) if size.night else 0
    roster = Roster.draw(size, people, night, streams[4])
    world = World(
        size, seed, businesses, people, drawn, demand, roster, Trainings(lots=np.random.default_rng([seed, LOTS])), Ledger.of(size.calls)
    )
    _pass_days(world, queue_share, streams[5])
    return world


def expected_cells(people: People, businesses: Businesses) -> np.ndarray:
    """(A, B) expected share of the calls in each cell."""
    of_agent = people.signs_in * people.eagerness[:, None]
    of_agent = of_agent / of_agent.sum(axis=0)
    return np.asarray((of_agent[:, businesses.queue] * businesses.share).astype(np.float32))


def _pass_days(world: World, queue_share: np.ndarray, rng: np.random.Generator) -> None:
    size, people, businesses, ledger = world.size, world.people, world.businesses, world.ledger
    cells = (people.count, size.businesses)
    customers = max(1, round(size.calls * 0.55))
    due: list[list[np.ndarray]] = [[] for _ in range(size.days + len(REPEAT_LAG) + 1)]
    busy_until = np.zeros(people.count)
    tonight = np.flatnonzero(world.roster.shift[-1] == Shift.NIGHT)
    for day in range(size.days):
        coming = np.concatenate([np.zeros((3, 0), np.int64), *due[day]], axis=1)
        came = arrivals.arrive(world.demand, day, businesses, coming, customers, size.night, rng)
        asked = demands(came, businesses, rng)
        load = world.demand.expected[day] * (1 - arrivals.IVR_ONLY) * world.demand.profile[day] * MEAN_HANDLE_S / SLOT_S
        seats, tonight = seat(
            world.roster, people, day, queue_share[:, None] * load, float(load[NIGHT_SLOTS].max()) if size.night else 0.0, tonight, rng
        )
        if day == world.demand.outage:
            seats = seats.without(arrivals.DOWN_FROM_S, arrivals.DOWN_TO_S)
        queue = businesses.queue[came.business]
        at_night = (came.second < OPENS_S) | (came.second >= CLOSES_S)
        pool = stand_ins(seats, size.queues)[np.where(at_night & size.night, size.queues, queue)]
        rows = np.flatnonzero(came.fate == 0)
        rows = rows[np.argsort((came.second + asked.ivr_s)[rows], kind="stable")]
        answered_at, agent = np.zeros(len(queue)), np.full(len(queue), -1)
        busy_until = np.maximum(busy_until - DAY_S, 0.0)
        answered_at[rows], agent[rows] = serve(
            asked.work(came, pool[rows], rows), seats, people.talk_factor, people.wrap_factor, busy_until
        )
        skill = {
            name: people.skill_on(day).astype(np.float32)[:, None] + world.trainings.effect(name, day, cells)
            for name in ("resolved", "satisfied")
        }
        happened = settle(came, asked, answered_at, agent, businesses, people, world.truth, skill, rng)
        happened["second"] = happened["second"] + day * DAY_S
        here = ledger.write(happened)
        _let_call_again(ledger, here, day, businesses, due, rng)
        if training.is_wave(day):
            _decide_trainings(world, day, rng)


def _let_call_again(
    ledger: Ledger, here: slice, day: int, businesses: Businesses, due: list[list[np.ndarray]], rng: np.random.Generator
) -> None:
    today = {name: ledger[name][here] for name in ("outbound", "resolved", "outcome", "business")}
    again, lag = repeats(today, businesses, rng)
    number = again + here.start
    for days in np.unique(lag):
        chosen = number[lag == days]
        due[day + int(days)].append(np.stack([chosen, ledger["customer"][chosen], ledger["business"][chosen]]).astype(np.int64))


def _decide_trainings(world: World, day: int, rng: np.random.Generator) -> None:
    ledger, cells = world.ledger, (world.people.count, world.size.businesses)
    window = ledger.since(day - MONTH_DAYS + 1)
    known = ledger["recorded"][window]
    cell = ledger["agent"][window][known].astype(np.int64) * cells[1] + ledger["business"][window][known]
    calls = np.bincount(cell, minlength=cells[0] * cells[1]).reshape(cells)
    resolved = np.bincount(cell, weights=ledger["resolved"][window][known], minlength=cells[0] * cells[1]).reshape(cells)
    world.trainings.wave(day, calls, resolved, world.size, world.people, world.roster, rng)
