"""The tag profile of every agent: what is known of them, group by group, and the centre's own tags as rules over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from coachline.engine.capability.matrix import WEIGHTS
from coachline.engine.capability.profile.dossier import Dossier, gather
from coachline.engine.capability.profile.features import DEFAULT_TAGS
from coachline.engine.capability.profile.groups import (
    add_appraisal,
    add_basics,
    add_learning,
    add_licences,
    add_skills,
    add_standing,
    add_tags,
)
from coachline.engine.capability.profile.measures import measures
from coachline.engine.capability.profile.rules import Rule, given
from coachline.engine.capability.profile.sheet import Sheet
from coachline.engine.capability.profile.tagging import notes as tag_notes
from coachline.engine.capability.profile.tagging import read_rules, tagged
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.errors import CoachlineError

PROFILE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "agents": ("agent_id", "team", "centre", "role", "hired_on", "left_on", "seat_level", "tags"),
    "inspections": ("inspection_id", "call_id", "agent_id", "inspected_at", "purpose", "score", "passed", "fatal"),
    "trainings": ("training_id", "agent_id", "business", "method", "started_at", "hours"),
    "exams": ("exam_id", "agent_id", "item", "business", "taken_at", "correct"),
    "mystery_calls": ("mystery_id", "centre", "agent_id", "called_at", "points", "max_points"),
}
"""Columns that it reads beside those of the capability matrix, for the table of contents."""

MOST_CELLS = 1_500_000
"""Agents on businesses of which a table of profiles can be held: some seven million rows."""

LONGEST_GAP_DAYS = 31
"""Days without a contact before the last one, beyond which its date is doubtful."""

TAGS = pl.Schema({"tag": pl.String(), "rule": pl.String(), "agents": pl.Int64(), "not_known": pl.Int64()})


def profile(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    agent: str | None = None,
    stale_days: int = 60,
    tags: Mapping[str, str] = DEFAULT_TAGS,
    margin: float = 0.25,
    confidence: float = 0.9,
    weights: Mapping[str, float] = WEIGHTS,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Describe every agent by tags.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    agent : str, optional
        Only this agent.
    stale_days : int
        Days without a call on a business after which the skill counts as stale.
    tags : mapping of str to str
        The centre's own tags: name -> rule, see `read_rule`.
    margin, confidence, weights, half_life, satisfied_from, repeat_days
        As in `capability.matrix`.

    Returns
    -------
    Findings
        ``profile``, schema `PROFILE`: one row per agent and tag (and business). ``number`` is in the unit of its tag: days, calls, hours, points of 100, shares
        from 0 to 1; ``low`` and ``high`` bound it with 90 % certainty; ``n`` is on how many cases it rests; ``as_of`` is the last day of these.

        ``tags``, schema `TAGS`: every tag with its rule, how many agents have it, and of how many it is not known.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_such_agent``, ``profile_too_large``, and what `read_rules` refuses.
    """
    rules = read_rules(tags)
    period = Period.of(since, until)
    given_on = {
        "since": since,
        "until": until,
        "margin": margin,
        "confidence": confidence,
        "half_life": half_life,
        "repeat_days": repeat_days,
    }
    whole = gather(facts, period, satisfied_from=satisfied_from, weights=weights, given=given_on)
    dossier = whole if agent is None else whole.of(agent)
    if dossier.handled.height > MOST_CELLS:
        raise CoachlineError("profile_too_large", agents=dossier.agents.height, cells=dossier.handled.height, most=MOST_CELLS)
    features = measures(dossier, stale_days)
    given_to = tagged(rules, features, dossier)
    in_order = sorted(rules, key=lambda rule: list(tags).index(rule.tag))
    sheet = Sheet()
    add_basics(sheet, dossier, features)
    add_skills(sheet, dossier, stale_days)
    add_appraisal(sheet, features)
    add_learning(sheet, dossier, features)
    add_licences(sheet, dossier)
    add_standing(sheet, dossier)
    add_tags(sheet, dossier, in_order, given_to)
    return Findings(
        tables={"profile": sheet.table().to_arrow(), "tags": _tags(in_order, given_to).to_arrow()},
        values=_values(dossier, features, in_order, given_to),
        checks=(_ends_with_calls(dossier), *dossier.standing.checks),
        notes=(*_notes(dossier, features), *tag_notes(in_order, dossier), *dossier.standing.notes),
    )


def _tags(rules: list[Rule], given_to: pl.DataFrame) -> pl.DataFrame:
    columns = [given_to[given(rule.tag)] for rule in rules]
    return pl.DataFrame(
        {
            "tag": [rule.tag for rule in rules],
            "rule": [rule.text for rule in rules],
            "agents": [column.sum() for column in columns],
            "not_known": [column.null_count() for column in columns],
        },
        schema=TAGS,
    )


def _values(dossier: Dossier, features: pl.DataFrame, rules: list[Rule], given_to: pl.DataFrame) -> dict[str, float | int | str | None]:
    standing = dossier.standing
    anything = given_to.select(pl.any_horizontal([pl.lit(False), *(pl.col(given(rule.tag)) for rule in rules)]).alias("any"))["any"]
    return {
        "agents": dossier.agents.height,
        "day": dossier.window.date.isoformat(),
        "skills": dossier.handled.height,
        "stale_skills": int(features["stale_businesses"].sum()),
        "strengths": standing.strong.height if standing.judged else None,
        "weak_spots": standing.weak.height if standing.judged else None,
        "tagged": int(anything.sum()),
    }


def _ends_with_calls(dossier: Dossier) -> Check:
    """Ages are counted to the last day: a mistyped date of one call would make everything look old."""
    gap = dossier.work.gap_days
    return Check("calls_until_the_end", gap is None or gap <= LONGEST_GAP_DAYS, gap, {"day": dossier.window.date.isoformat()})


def _notes(dossier: Dossier, features: pl.DataFrame) -> list[Note]:
    found: list[Note] = []
    if not dossier.people.licences.height:
        found.append(Note("no_licence_facts"))
    found += [Note("facts_after_the_end", {"table": table, "rows": rows}) for table, rows in dossier.records.later.items()]
    unlisted = dossier.agents.height - dossier.people.listed.height
    if unlisted and "agents" in dossier.recorded:
        found.append(Note("agents_not_listed", {"agents": unlisted}))
    wrong = features.filter(pl.col("hired_on").is_not_null() & pl.col("tenure_days").is_null()).height
    if wrong:
        found.append(Note("hired_after_the_end", {"agents": wrong}))
    return found
