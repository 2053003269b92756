"""Training groups across teams (聚合培训): who is trained together in what, why, and who learns from a mentor instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Note
from coachline.engine.training.candidates import candidates
from coachline.engine.training.forming import Candidate, Formation, Formed, common_path, form
from coachline.engine.training.group import Group, Groups, Place
from coachline.engine.training.listed import Listed, listed
from coachline.engine.training.mentors import mentors
from coachline.engine.training.needs import NEEDS_COLUMNS
from coachline.engine.training.settings import GroupSettings, NeedsSettings
from coachline.errors import CoachlineError

GROUPS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **NEEDS_COLUMNS,
    "shifts": ("agent_id", "starts_at", "ends_at", "activity"),
}
"""Columns that it reads, for the table of contents."""

PLACES = pl.Schema(
    {
        "group": pl.String(),
        "business": pl.String(),
        "agent_id": pl.String(),
        "gain": pl.Float64(),
        "reason": pl.String(),
        "outcome": pl.String(),
        "method": pl.String(),
        "hours": pl.Float64(),
        "team": pl.String(),
        "own_business": pl.String(),
        "businesses": pl.Int64(),
        "gap": pl.Float64(),
        "p_below": pl.Float64(),
        "volume": pl.Float64(),
        "last_trained": pl.Date(),
        "exam": pl.String(),
        "last_exam": pl.Date(),
    }
)
"""``business`` is what the group is about, ``own_business`` where the person gains most, ``businesses`` how many of the group's the person needs."""

SESSIONS = pl.Schema(
    {
        "group": pl.String(),
        "business": pl.String(),
        "businesses": pl.Int64(),
        "method": pl.String(),
        "hours": pl.Float64(),
        "people": pl.Int64(),
        "teams": pl.Int64(),
        "gain": pl.Float64(),
        "gain_per_hour": pl.Float64(),
    }
)
"""One row per group; ``gain_per_hour`` per hour of the group's people."""

LEFT_OUT = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "gain": pl.Float64(), "reason": pl.String()})
"""Needs that neither a group nor a mentor serves, with the reason."""

SURELY = 0.9
"""Probability of being below the standard from which a place is for somebody who is so for sure."""

TO_MENTORS = ("passed_exam", "too_few", "group_full", "too_many_groups")
"""Reasons for having no place that a mentor can make good; who cools down or has had enough hours is left in peace."""


@dataclass(frozen=True)
class Proposal:
    """Everything that `groups` shows."""

    found: Listed
    given: pl.DataFrame
    groups: Groups
    mentors: pl.DataFrame
    left_out: pl.DataFrame


def proposed_groups(facts: Facts, settings: NeedsSettings | None = None, grouping: GroupSettings | None = None) -> Groups:
    """The groups alone, as the plan takes them.

    Raises
    ------
    CoachlineError
        ``group_sizes_crossed``, and as `listed`.
    """
    return proposal(facts, settings or NeedsSettings(), grouping or GroupSettings()).groups


def proposal(facts: Facts, settings: NeedsSettings, grouping: GroupSettings) -> Proposal:
    """Form groups from the needs, and give mentors to whom no group serves.

    Raises
    ------
    CoachlineError
        ``group_sizes_crossed``, and as `listed`.
    """
    if grouping.least_size > grouping.most_size:
        raise CoachlineError("group_sizes_crossed", least=grouping.least_size, most=grouping.most_size)
    found = listed(facts, settings)
    given = candidates(found, grouping)
    columns = ("agent_id", "business", "family", "team", "priority", "hours")
    free = [Candidate(*row) for row in given.filter(pl.col("left_out").is_null()).select(columns).iter_rows()]
    hours_left = {who: grouping.hours_cap - had for who, had in found.history.hours_had.items()}
    formation = form(free, hours_left, grouping)
    groups = _groups(formation, given)
    reasons = pl.DataFrame(
        [(who, business, code) for (who, business), code in formation.left_out.items()],
        schema={"agent_id": pl.String(), "business": pl.String(), "code": pl.String()},
        orient="row",
    )
    pair = ["agent_id", "business"]
    without = given.join(reasons, on=pair, how="left", maintain_order="left").with_columns(reason=pl.coalesce("left_out", "code"))
    without = without.filter(pl.col("reason").is_not_null())
    apprentices, notes = mentors(facts, found, without.filter(pl.col("reason").is_in(TO_MENTORS)), grouping)
    helped = apprentices.select("agent_id").unique()
    alone = without.filter(~(pl.col("agent_id").is_in(helped["agent_id"].to_list()) & pl.col("reason").is_in(TO_MENTORS)))
    left_out = alone.select(LEFT_OUT.names()).cast(LEFT_OUT)
    notes = (*found.notes, *notes, *_notes(found, given, groups))
    return Proposal(found, given, Groups(groups, notes), apprentices, left_out)


def _groups(formation: Formation, given: pl.DataFrame) -> tuple[Group, ...]:
    facts = {(row["agent_id"], row["business"]): row for row in given.iter_rows(named=True)}
    width = max(2, len(str(len(formation.groups))))
    return tuple(_group(f"G{n:0{width}}", formed, facts) for n, formed in enumerate(formation.groups, 1))


def _group(code: str, formed: Formed, facts: Mapping[tuple[str, str], Mapping[str, Any]]) -> Group:
    places = []
    for who, pairs in formed.people.items():
        rows = [facts[who, pair.business] for pair in pairs]
        lead = max(rows, key=lambda row: (row["priority"], row["business"]))
        told = {
            name: lead[name] for name in ("team", "gap", "p_below", "volume", "last_trained", "exam", "last_exam", "exam_share", "wished")
        }
        places.append(
            Place(
                who,
                lead["business"],
                lead["outcome"],
                sum(row["gain"] for row in rows),
                reason(lead, len(rows)),
                {**told, "businesses": len(rows)},
            )
        )
    places.sort(key=lambda place: (-place.gain, place.agent_id))
    method = facts[places[0].agent_id, places[0].business]["method"]
    return Group(code, common_path(formed.businesses), formed.businesses, method, formed.hours, tuple(places))


def reason(lead: Mapping[str, Any], needs: int) -> str:
    """Why somebody has a place: the first that holds."""
    if needs > 1:
        return "bundled"
    if lead["exam"] == "failed":
        return "failed_exam"
    if lead["wished"]:
        return "wished"
    return "surely_below" if lead["p_below"] >= SURELY else "likely_below"


def groups(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    least_size: int = 4,
    most_size: int = 20,
    most_groups: int = 40,
    cooldown_days: int = 28,
    hours_cap: float = 8.0,
    bundle_hours: float = 4.0,
    mentor_load: int = 2,
    least_overlap: float = 0.2,
    worth: Mapping[str, float] | None = None,
    focus: Mapping[str, float] | None = None,
    wish_weight: float = 1.2,
    horizon: int = 30,
    recent_days: int = 28,
    p_below: float = 0.5,
    fdr: float = 0.2,
    least_cases: int = 5,
    fresh_days: int = 60,
    pass_share: float = 0.8,
    margin: float = 0.25,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Propose training groups and mentors.

    Parameters
    ----------
    facts : Facts
    least_size, most_size, most_groups, cooldown_days, hours_cap, bundle_hours, mentor_load, least_overlap
        See `GroupSettings`.
    since, until, worth, focus, wish_weight, horizon, recent_days, p_below, fdr, least_cases, fresh_days, pass_share
        See `NeedsSettings`.
    margin, half_life, satisfied_from, repeat_days
        As in `capability.matrix`.

    Returns
    -------
    Findings
        ``groups`` (schema `PLACES`), ``mentors`` (schema `MENTORS`), ``sessions`` (schema `SESSIONS`), ``left_out`` (schema `LEFT_OUT`).

    Raises
    ------
    CoachlineError
        ``group_sizes_crossed``, ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    settings = NeedsSettings(
        since=since, until=until, worth=worth, focus=focus, wish_weight=wish_weight, horizon=horizon, recent_days=recent_days, p_below=p_below,
        fdr=fdr, least_cases=least_cases, fresh_days=fresh_days, pass_share=pass_share, margin=margin, half_life=half_life,
        satisfied_from=satisfied_from, repeat_days=repeat_days,
    )  # fmt: skip
    grouping = GroupSettings(least_size, most_size, most_groups, cooldown_days, hours_cap, bundle_hours, mentor_load, least_overlap)
    made = proposal(facts, settings, grouping)
    places, sessions = _places(made.groups), _sessions(made.groups)
    return Findings(
        tables={
            "groups": places.to_arrow(),
            "mentors": made.mentors.to_arrow(),
            "sessions": sessions.to_arrow(),
            "left_out": made.left_out.to_arrow(),
        },
        values={
            "groups": sessions.height,
            "places": places.height,
            "agents": places["agent_id"].n_unique(),
            "gain": float(places["gain"].sum()),
            "gain_of_all_needs": float(made.given["gain"].sum()),
            "mentored": made.mentors.height,
            "left_out": made.left_out.height,
            "horizon_days": horizon,
        },
        notes=made.groups.notes,
    )


def _places(made: Groups) -> pl.DataFrame:
    rows = [
        {
            "group": group.code, "business": group.business, "agent_id": place.agent_id, "gain": place.gain, "reason": place.reason,
            "outcome": place.outcome, "method": group.method, "hours": group.hours, "own_business": place.business,
            **{name: place.facts[name] for name in ("team", "businesses", "gap", "p_below", "volume", "last_trained", "exam", "last_exam")},
        }
        for group in made.groups
        for place in group.places
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=PLACES)


def _sessions(made: Groups) -> pl.DataFrame:
    rows = [
        (
            group.code, group.business, len(group.businesses), group.method, group.hours, len(group.places),
            len({place.facts["team"] for place in group.places}), group.gain, group.gain / (len(group.places) * group.hours),
        )
        for group in made.groups
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SESSIONS, orient="row")


def _notes(found: Listed, given: pl.DataFrame, made: tuple[Group, ...]) -> tuple[Note, ...]:
    if not found.wanted.outcomes:
        return ()
    if given.is_empty():
        return (Note("nobody_to_train"),)
    if not made:
        return (Note("no_group_formed", {"pairs": given.height, "free": given["left_out"].null_count()}),)
    return ()
