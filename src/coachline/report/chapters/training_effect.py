"""Whether trainings worked: the effect with its interval, and the biased before/after beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need
from coachline.report.chosen_columns import chosen_columns
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks

EFFECT = Need("training.effect")
OUTCOMES = ("resolved", "satisfied")
MOST_FILES = 20
FILES = ("training", "business", "method", "outcome", "n_trained", "n_control", "naive", "effect", "low", "high", "verdict", "design")
METHODS = ("method", "outcome", "trainings", "n_trained", "naive", "effect", "low", "high", "verdict", "hours_per_gained_call")
FARTHEST = 0.3
"""Shares beyond are drawn at the edge."""


def answer(desk: Desk) -> str | None:
    """What a training does on the whole, and what before/after would have said."""
    result = desk.maybe(EFFECT)
    if result is None:
        return None
    values, words, show = result.values, desk.words, desk.show
    effect, naive = values.get("effect"), values.get("naive")
    if not isinstance(effect, float) or not isinstance(naive, float):
        return words("report.training.answer_no_effect")
    code = "worked" if float(values["low"] or 0) > 0 else "harmed" if float(values["high"] or 0) < 0 else "no_evidence"
    return words(
        f"report.training.answer_{code}",
        effect=show.points(effect),
        low=show.points(float(values["low"] or 0)),
        high=show.points(float(values["high"] or 0)),
        naive=show.points(naive),
    )


def blocks(desk: Desk) -> Sequence[Block]:
    words = desk.words
    result = desk.result(EFFECT)
    methods = result.polars("methods").filter(pl.col("business").is_null(), pl.col("effect").is_not_null())
    files = result.polars("effect")
    judged = files.filter(pl.col("effect").is_not_null()).sort(
        pl.col("verdict") == "no_evidence",
        pl.col("effect").abs() / (pl.col("high") - pl.col("low")),
        descending=[False, True],
        nulls_last=True,
    )
    found: list[Block] = [Heading(words("report.training.effect_title"))]
    if methods.is_empty():
        found.append(Paragraph(words("report.training.effect_none")))
    else:
        found.append(_picture(desk, methods, result.provenance.parameters["confidence"]))
    if not judged.is_empty():
        title = words("report.training.effect_table")
        found.append(chosen_columns(desk, EFFECT.analysis, "effect", judged.head(MOST_FILES), FILES, title, files.height))
    return [*found, *remarks(desk, result)]


def _picture(desk: Desk, methods: pl.DataFrame, confidence: float) -> Block:
    words = desk.words
    shown = methods.filter(pl.col("outcome").is_in(OUTCOMES))
    rows = [_estimate(desk, row) for row in (methods if shown.is_empty() else shown).iter_rows(named=True)]
    low, high = span(rows, least=0.1)
    far = min(max(-low, high), FARTHEST)
    heads = Heads(
        words("report.training.method"),
        words("report.training.effect_head"),
        words("column.verdict"),
        words("report.training.people_head"),
        words("report.training.effect_key", confidence=f"{confidence:.0%}"),
        words("report.training.naive_key"),
        words("report.training.none_key"),
    )
    title = words("report.training.effect_picture")
    table = chosen_columns(desk, EFFECT.analysis, "methods", methods, METHODS, title)
    scale = Scale(-far, far, (desk.show.points(-far), desk.show.points(far)), 0.0)
    return estimates(desk, title, rows, scale, heads, table, caption=words("report.training.effect_caption"))


def _estimate(desk: Desk, row: dict[str, Any]) -> Estimate:
    words, show = desk.words, desk.show

    def place(value: float) -> float:
        return min(max(value, -FARTHEST), FARTHEST)

    whole = words("report.training.all_methods") if row["method"] is None else words(f"method.{row['method']}")
    return Estimate(
        name=words("report.training.of_outcome", method=whole, outcome=words(f"outcome.{row['outcome']}")),
        place=(place(row["effect"]), place(row["low"]), place(row["high"])),
        written=words(
            "report.tip.with_interval", value=show.points(row["effect"]), low=show.points(row["low"]), high=show.points(row["high"])
        ),
        said=words(f"verdict.{row['verdict']}"),
        aside=words("report.training.naive_said", naive=show.points(row["naive"])) if row["naive"] is not None else "",
        n=row["n_trained"],
        beside=None if row["naive"] is None else place(row["naive"]),
        look=row["verdict"] == "harmed",
        unsure=row["verdict"] == "no_evidence",
    )
