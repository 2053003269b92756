"""What a sample can and cannot say, told with the sample itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import COACHING, SCORING
from coachline.engine.quality.sample.assignment import NOBODY, Assignment
from coachline.engine.quality.sample.draw import Frame
from coachline.engine.quality.sample.inspectors import Inspectors
from coachline.engine.quality.sample.margins import Expected, Margins
from coachline.engine.quality.sample.places import ROUNDING_BITS, Floats, Ints, Places
from coachline.engine.result import Check, Findings, Note

MORE = 100
"""Further inspections whose worth is told."""

MORE_PER_AGENT = 10

HALF_AT_RANDOM = 0.5
"""Below this share the random part is too thin to judge anybody by."""


@dataclass(frozen=True)
class Sample:
    """All that one draw has settled.

    Attributes
    ----------
    strata, agents : sequence of str
    counts : (agents, strata) int array
        Calls that could be drawn.
    budgets : (agents,) int array
        Calls that were to be drawn.
    places : Places
    rows : polars.DataFrame
        The drawn calls.
    """

    period: Period
    frame: Frame
    strata: tuple[str, ...]
    agents: list[str]
    counts: Ints
    budgets: Ints
    places: Places
    rows: pl.DataFrame
    inspectors: Inspectors
    assignment: Assignment
    expected: Expected
    margins: Margins
    seed: int

    @property
    def calls(self) -> Ints:
        """Calls of each agent that could be drawn."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def random(self) -> Ints:
        """Calls of each agent in the random part."""
        return np.asarray(self.places.score.sum(axis=1))


def findings(drawn: Sample) -> Findings:
    """Tables, figures, checks and notes of a sample.

    Returns
    -------
    Findings
        ``sample``: call_id, agent_id, stratum, purpose, probability (chance of this call to be drawn for this purpose), probability_either (for
        either purpose), inspector_id, second_inspector_id, source, business.
        ``margins``: agent_id, calls, n_random, n_coach, margin_now, margin_if_10_more (of the plain share of the random part), margin_assisted
        (weighed against the other agents; null where past inspections do not tell how agents differ).
        ``strata``: stratum, calls, share, drawn_score, drawn_coach, passed_on (places that it could not fill), and the lowest and highest chance of a call for each purpose.
        ``inspectors``: inspector_id, hearings, agents, own_or_barred (agents whom they may not hear), linked (number of the group that shares agents, from 1).
        ``check``: source, call_id, agent_id, stratum, calls (of that agent and stratum), random_number (of the call), rank, purpose, first_rank
        and last_rank (that were drawn for the purpose), agent_number (by which the agent's places were rounded, from 0 to 1).
    """
    rows, who, dealt = drawn.rows, drawn.inspectors, drawn.assignment
    names = np.array([*who.inspector_id, None], dtype=object)
    main = rows.with_columns(
        inspector_id=pl.Series(names[dealt.first].tolist(), dtype=pl.String),
        second_inspector_id=pl.Series(names[dealt.second].tolist(), dtype=pl.String),
    ).sort("agent", pl.col("purpose") != SCORING, "number", "call_id", "source")
    main = main.select(
        "call_id", "agent_id", "stratum", "purpose", "probability", pl.col("either").alias("probability_either"),
        "inspector_id", "second_inspector_id", "source", "business",
    )  # fmt: skip
    tables = {
        "sample": main,
        "margins": _margins(drawn),
        "strata": _strata(drawn),
        "inspectors": _inspectors(drawn),
        "check": _check(drawn),
    }
    return Findings(
        tables={name: _plain(table) for name, table in tables.items()}, values=_values(drawn), checks=_checks(drawn), notes=_notes(drawn)
    )


def _plain(table: pl.DataFrame) -> pa.Table:
    found = table.with_columns(pl.col(pl.Float64).fill_nan(None)).to_arrow()
    return found.cast(pa.schema([field.with_type(pa.string()) if field.type == pa.large_string() else field for field in found.schema]))


def _margins(drawn: Sample) -> pl.DataFrame:
    n, calls, margins = drawn.random.astype(float), drawn.calls, drawn.margins
    assisted = margins.assisted(drawn.places.drawn.sum(axis=1).astype(float), calls)
    return pl.DataFrame(
        {
            "agent_id": pl.Series(drawn.agents, dtype=pl.String),
            "calls": calls,
            "n_random": drawn.random,
            "n_coach": drawn.places.coach.sum(axis=1),
            "margin_now": margins.of_agents(n, calls),
            f"margin_if_{MORE_PER_AGENT}_more": margins.of_agents(np.minimum(n + MORE_PER_AGENT, calls), calls),
            "margin_assisted": pl.Series([None] * len(calls) if assisted is None else assisted, dtype=pl.Float64),
        }
    )


def _strata(drawn: Sample) -> pl.DataFrame:
    counts, calls = drawn.counts, drawn.counts.sum(axis=0)
    columns: dict[str, object] = {
        "stratum": pl.Series(drawn.strata, dtype=pl.String),
        "calls": calls,
        "share": calls / calls.sum(),
        "drawn_score": drawn.places.score.sum(axis=0),
        "drawn_coach": drawn.places.coach.sum(axis=0),
        "passed_on": _passed_on(drawn),
    }
    chances = {SCORING: np.broadcast_to(drawn.places.score_chance[:, None], counts.shape), COACHING: drawn.places.coach_chance}
    for purpose, chance in chances.items():
        for end, function in (("low", np.nanmin), ("high", np.nanmax)):
            columns[f"{purpose}_probability_{end}"] = [
                float(function(chance[counts[:, s] > 0, s])) if calls[s] else None for s in range(len(calls))
            ]
    return pl.DataFrame(columns, schema_overrides={name: pl.Float64 for name in columns if name.endswith(("_low", "_high"))})


def _passed_on(drawn: Sample) -> Ints:
    """Places of the risk part that each stratum could not fill."""
    return np.asarray(np.maximum(drawn.places.wanted - drawn.places.coach, 0).sum(axis=0))


def _inspectors(drawn: Sample) -> pl.DataFrame:
    dealt, count = drawn.assignment, len(drawn.inspectors.inspector_id)
    agent = drawn.rows["agent"].to_numpy()
    heard = np.zeros((len(drawn.agents), count), bool)
    for inspector in (dealt.first, dealt.second):
        heard[agent[inspector >= 0], inspector[inspector >= 0]] = True
    return pl.DataFrame(
        {
            "inspector_id": pl.Series(drawn.inspectors.inspector_id, dtype=pl.String),
            "hearings": dealt.loads(count),
            "agents": heard.sum(axis=0),
            "own_or_barred": (~drawn.inspectors.allowed).sum(axis=0),
            "linked": dealt.groups(agent, count) + 1,
        }
    )


def _check(drawn: Sample) -> pl.DataFrame:
    rows = drawn.rows
    agent = rows["agent"].to_numpy()
    place = {name: n for n, name in enumerate(drawn.strata)}
    stratum = np.array([place[name] for name in rows["stratum"]], np.int64)
    score, coach = drawn.places.score[agent, stratum], drawn.places.coach[agent, stratum]
    scored = (rows["purpose"] == SCORING).to_numpy()
    return rows.with_columns(
        random_number=pl.col("number"),
        first_rank=pl.Series(np.where(scored, 1, score + 1)),
        last_rank=pl.Series(np.where(scored, score, score + coach)),
        agent_number=pl.Series(drawn.places.rounding[agent] / 2.0**ROUNDING_BITS),
    ).select(
        "source", "call_id", "agent_id", "stratum", "calls", "random_number", "rank", "purpose", "first_rank", "last_rank", "agent_number"
    )  # fmt: skip


def _values(drawn: Sample) -> dict[str, float | int | str | None]:
    calls, margins, n = drawn.calls, drawn.margins, drawn.random.astype(float)
    more = np.minimum(n + MORE / max(len(n), 1), calls)
    again = int((drawn.assignment.second != NOBODY).sum())
    score, coach = int(drawn.places.score.sum()), int(drawn.places.coach.sum())
    return {
        "since": str(drawn.period.first),
        "until": str(drawn.period.last),
        "seed": drawn.seed,
        "calls": int(calls.sum()),
        "agents": len(drawn.agents),
        "drawn": score + coach,
        "drawn_score": score,
        "drawn_coach": coach,
        "heard_twice": again,
        "hearings": score + coach + again,
        "inspectors": len(drawn.inspectors.inspector_id),
        "expected_defects": drawn.expected.defects,
        "past_inspections": drawn.expected.inspections,
        "confidence": margins.confidence,
        "centre_margin": _known(margins.of_centre(n, calls)),
        f"centre_margin_{MORE}_more": _known(margins.of_centre(more, calls)),
        "agent_margin": _mean(margins.of_agents(n, calls)),
        f"agent_margin_{MORE}_more": _mean(margins.of_agents(more, calls)),
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _mean(values: Floats) -> float | None:
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


def _checks(drawn: Sample) -> tuple[Check, ...]:
    total = int(drawn.places.drawn.sum())
    share = float(drawn.random.sum() / max(total, 1))
    checks = [Check("enough_drawn_at_random", share >= HALF_AT_RANDOM, share, {"least": HALF_AT_RANDOM})]
    count, agent = len(drawn.inspectors.inspector_id), drawn.rows["agent"].to_numpy()
    if count > 1:
        loads = np.bincount(drawn.assignment.first[drawn.assignment.first >= 0], minlength=count)
        checks.append(
            Check(
                "inspectors_evenly_loaded",
                int(np.ptp(loads)) <= 1,
                float(np.ptp(loads)),
                {"low": int(loads.min()), "high": int(loads.max())},
            )
        )
        groups = int(drawn.assignment.groups(agent, count).max()) + 1
        checks.append(Check("inspectors_share_agents", groups == 1, float(groups), {"groups": groups, "inspectors": count}))
    return tuple(checks)


def _notes(drawn: Sample) -> tuple[Note, ...]:
    notes = []
    frame, places = drawn.frame, drawn.places
    if frame.without_agent:
        notes.append(Note("calls_without_agent_not_drawn", {"calls": frame.without_agent}))
    if frame.without_recording:
        notes.append(Note("calls_without_recording_not_drawn", {"calls": frame.without_recording}))
    if frame.inspected:
        notes.append(Note("inspected_calls_not_drawn", {"calls": frame.inspected}))
    few = drawn.calls < drawn.budgets
    if few.any():
        notes.append(Note("agents_heard_in_full", {"agents": int(few.sum())}))
    empty = [name for name, calls in zip(drawn.strata, drawn.counts.sum(axis=0), strict=True) if not calls]
    if empty:
        notes.append(Note("strata_without_calls", {"strata": ", ".join(empty)}))
    if (passed_on := int(_passed_on(drawn).sum())) > 0:
        notes.append(Note("places_passed_on", {"calls": passed_on, "share": passed_on / int(places.coach.sum())}))
    notes.append(_note_on_expectation(drawn.expected))
    return (*notes, *_notes_on_inspectors(drawn))


def _note_on_expectation(past: Expected) -> Note:
    if past.inspections:
        return Note("margins_by_past_inspections", {"share": past.defects, "inspections": past.inspections})
    return Note("margins_by_presumed_defects", {"share": past.defects})


def _notes_on_inspectors(drawn: Sample) -> list[Note]:
    who, notes = drawn.inspectors, []
    if who.unknown:
        notes.append(Note("conflicts_of_unknown", {"names": ", ".join(who.unknown)}))
    if not who.inspector_id:
        return [*notes, Note("no_inspectors_known")]
    if len(who.inspector_id) == 1:
        notes.append(Note("one_inspector_only", {"inspector": who.inspector_id[0]}))
    barred = int((~who.allowed).all(axis=1).sum())
    if barred:
        notes.append(Note("agents_without_inspector", {"agents": barred}))
    return notes
