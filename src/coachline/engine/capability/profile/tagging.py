"""Which agents get which of the centre's own tags."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import polars as pl

from coachline.engine.capability.profile.dossier import Dossier
from coachline.engine.capability.profile.features import DEFAULT_TAGS
from coachline.engine.capability.profile.matching import matching
from coachline.engine.capability.profile.people import NO_WORDS
from coachline.engine.capability.profile.rules import Asked, Rule, affirmed, given, imported, read_rule
from coachline.engine.result import Note
from coachline.errors import CoachlineError


def read_rules(texts: Mapping[str, str]) -> list[Rule]:
    """All rules, those first on which others rest.

    Raises
    ------
    CoachlineError
        What `read_rule` refuses, and ``rule_circle``.
    """
    rules = {tag: read_rule(tag, text, texts.keys()) for tag, text in texts.items()}
    try:
        order = list(TopologicalSorter({tag: sorted(rule.tags) for tag, rule in rules.items()}).static_order())
    except CycleError as error:
        raise CoachlineError("rule_circle", tags=" → ".join(error.args[1])) from None
    return [rules[tag] for tag in order]


def tagged(rules: list[Rule], features: pl.DataFrame, dossier: Dossier) -> pl.DataFrame:
    """Which agent has which tag.

    Parameters
    ----------
    rules : list of Rule
        As `read_rules` gives them.
    features : polars.DataFrame
        As `measures` gives it.
    dossier : Dossier

    Returns
    -------
    polars.DataFrame
        One row per agent in the order of `features`; one column per rule, named `given` (tag): true, false, or null where it is not known.
    """
    frame = features
    for asked in {asked: None for rule in rules for asked in sorted(rule.asked, key=str)}:
        frame = frame.with_columns(_answer(asked, features["agent_id"], dossier).alias(asked.column))
    for name in {name: None for rule in rules for name in sorted(rule.imported)}:
        frame = _with_imported(frame, name, dossier)
    for rule in rules:
        frame = frame.with_columns(rule.condition.alias(given(rule.tag)))
    return frame.select("agent_id", *(given(rule.tag) for rule in rules))


def notes(rules: list[Rule], dossier: Dossier) -> list[Note]:
    """Texts in rules of the centre that mean nothing in its data, so that a slip of the pen is seen."""
    own = [rule for rule in rules if DEFAULT_TAGS.get(rule.tag) != rule.text]
    lost = [
        Note("tag_business_unknown", {"tag": rule.tag, "business": asked.text})
        for rule in own
        for asked in sorted(rule.asked, key=str)
        if not matching(asked.text, dossier.businesses)
    ]
    return lost + [
        Note("tag_never_imported", {"tag": rule.tag, "name": name})
        for rule in own
        for name in sorted(rule.imported)
        if name not in dossier.imported
    ]


_NEEDS = {"handles": "business", "trained": "trainings", "inspected": "places", "examined": "exams"}
"""What must be recorded for a question to have an answer; verdicts need evidence."""


def _answer(asked: Asked, agents: pl.Series, dossier: Dossier) -> pl.Series:
    """Yes or no for every agent; null where the centre records nothing that could tell."""
    known = dossier.standing.judged if asked.question in ("strong", "below") else _NEEDS[asked.question] in dossier.recorded
    if not known:
        return pl.Series([None] * len(agents), dtype=pl.Boolean)
    frames = {
        "strong": dossier.standing.strong,
        "below": dossier.standing.weak,
        "handles": dossier.handled,
        "trained": dossier.records.trainings,
        "inspected": dossier.records.inspections,
        "examined": dossier.records.exams,
    }
    rows = frames[asked.question].filter(pl.col("business").is_in(matching(asked.text, dossier.businesses)))
    if asked.days is not None:
        rows = rows.filter(dossier.window.age("last") < asked.days)
    return agents.is_in(rows["agent_id"].unique().to_list())


def _with_imported(frame: pl.DataFrame, name: str, dossier: Dossier) -> pl.DataFrame:
    values = dossier.people.tags.filter(pl.col("name") == name).unique("agent_id", keep="last", maintain_order=True)
    frame = frame.join(values.select("agent_id", pl.col("value").alias(imported(name))), on="agent_id", how="left", maintain_order="left")
    yes = ~pl.col(imported(name)).str.to_lowercase().is_in(NO_WORDS)
    return frame.with_columns((yes.fill_null(False) if name in dossier.imported else pl.lit(None, pl.Boolean)).alias(affirmed(name)))
