"""The groups of a profile, each listed from the dossier and the features."""

from __future__ import annotations

import polars as pl

from coachline.engine.capability.profile.dossier import Dossier
from coachline.engine.capability.profile.measures import interval
from coachline.engine.capability.profile.rules import Rule, given
from coachline.engine.capability.profile.sheet import Sheet
from coachline.engine.capability.profile.standing import CELL

ATTENDED_DAYS = 180
"""A weak business without training, exam or inspection for this long is neglected."""

OWN_SHARE = 0.01
"""Of an agent's calls: a business with fewer is no part of their own work."""


def add_basics(sheet: Sheet, dossier: Dossier, features: pl.DataFrame) -> None:
    """Who they are and what they do; imported tags."""
    today = pl.lit(dossier.window.date)
    for tag in ("team", "centre", "role"):
        sheet.add("basics", tag, features, value=tag, as_of=today)
    sheet.add("basics", "seat_level", features, number="seat_level", as_of=today)
    sheet.add("basics", "hired_on", features, value=pl.col("hired_on").cast(pl.String), as_of=today)
    sheet.add("basics", "tenure_days", features, number="tenure_days", as_of=today)
    sheet.add("basics", "left_on", features, value=pl.col("left_on").cast(pl.String), as_of=today)
    sheet.add("basics", "calls", features, number="calls", n="calls", as_of="last_call")
    sheet.add("basics", "active_days", features, number="active_days", as_of=today)
    sheet.add("basics", "night_share", features, number="night_share", n="calls", as_of="last_call")
    sheet.add("basics", "outbound", features.filter(pl.col("outbound") > 0), number="outbound", n="outbound", as_of=today)
    sheet.add("basics", "businesses", features, number="businesses", n="placed_calls", as_of="last_call")
    sheet.add("basics", "largest_share", features, business="largest_business", number="largest_share", n="placed_calls", as_of="last_call")
    sheet.add("basics", "stale_share", features, number="stale_share", n="placed_calls", as_of=today)
    sheet.add("basics", pl.col("name"), dossier.people.tags, value="value", as_of=today)


def add_skills(sheet: Sheet, dossier: Dossier, stale_days: int) -> None:
    """Estimates of every business handled, and how fresh the skill is."""
    age = dossier.window.age("last")
    handled = dossier.handled
    estimates = dossier.standing.cells.join(handled.select(*CELL, "last"), on=CELL)
    figures = {"business": "business", "number": "estimate", "low": "low", "high": "high", "n": "n", "as_of": "last"}
    sheet.add("skill", pl.col("outcome"), estimates, value="verdict", **figures)
    freshness = pl.when(age >= stale_days).then(pl.lit("stale")).otherwise(pl.lit("fresh"))
    sheet.add("skill", "days_since_call", handled, business="business", value=freshness, number=age, n="calls", as_of="last")
    for tag in ("calls_30", "calls_90"):
        sheet.add("skill", tag, handled, business="business", number=tag, n="calls", as_of="last")


def add_appraisal(sheet: Sheet, features: pl.DataFrame) -> None:
    """What inspections, customers and mystery calls say."""
    shares = features.with_columns(
        **dict(zip(("pass_low", "pass_high"), interval(features["passed"], features["judged"]), strict=True)),
        **dict(zip(("satisfied_low", "satisfied_high"), interval(features["satisfied"], features["rated"]), strict=True)),
    )
    sheet.add("appraisal", "inspections", shares, number="inspections", n="inspections", as_of="last_inspection")
    sheet.add("appraisal", "score", shares, number="score", n="scored", as_of="last_score")
    sheet.add("appraisal", "pass_share", shares, number="pass_share", low="pass_low", high="pass_high", n="judged", as_of="last_score")
    sheet.add("appraisal", "fatal", shares.filter(pl.col("fatal_known") > 0), number="fatal", n="fatal_known", as_of="last_score")
    sheet.add(
        "appraisal", "satisfaction", shares, number="satisfaction", low="satisfied_low", high="satisfied_high", n="rated", as_of="last_call"
    )
    sheet.add("appraisal", "mystery", shares, number="mystery", n="mystery_calls", as_of="last_mystery")


def add_learning(sheet: Sheet, dossier: Dossier, features: pl.DataFrame) -> None:
    """Trainings and exams."""
    trainings, exams = dossier.records.trainings, dossier.records.exams
    sums = (pl.col("n", "timed").sum(), pl.col("hours").sum(), pl.col("last").max())
    hours = pl.when(pl.col("timed") > 0).then("hours")
    sheet.add("training", "trainings", features, number="trainings", n="trainings", as_of="last_training")
    sheet.add("training", "training_hours", features, number="training_hours", n="timed", as_of="last_training")
    by_method = trainings.filter(pl.col("method").is_not_null()).group_by("agent_id", "method").agg(*sums)
    sheet.add("training", pl.col("method"), by_method, number=hours, n="n", as_of="last")
    by_business = trainings.filter(pl.col("business").is_not_null()).group_by(CELL).agg(*sums)
    sheet.add("training", "trained", by_business, business="business", number=hours, n="n", as_of="last")
    sheet.add("exam", "exams", features, number="exams", n="exam_items", as_of="last_exam")
    for frame, tries in ((features, "exam_items"), (exams.filter(pl.col("business").is_not_null()), "n")):
        low, high = interval(frame["correct"], frame[tries])
        share = pl.when(pl.col(tries) > 0).then(pl.col("correct") / pl.col(tries))
        place = {"business": "business"} if tries == "n" else {}
        last = "last" if tries == "n" else "last_exam"
        sheet.add(
            "exam", "exam_share", frame.with_columns(low=low, high=high), number=share, low="low", high="high", n=tries, as_of=last, **place
        )


def add_licences(sheet: Sheet, dossier: Dossier) -> None:
    """Businesses that the table of agents says they may handle."""
    held = pl.when("held").then(pl.lit("yes")).otherwise(pl.lit("no"))
    sheet.add("licence", "licence", dossier.people.licences, business="business", value=held, as_of=pl.lit(dossier.window.date))


def add_standing(sheet: Sheet, dossier: Dossier) -> None:
    """Strengths; what needs work, with whether anybody has attended to it; own businesses never inspected."""
    handled = dossier.handled
    cells = dossier.standing.cells.join(handled.select(*CELL, "last"), on=CELL)
    figures = {"business": "business", "number": "estimate", "low": "low", "high": "high", "n": "n", "as_of": "last"}
    strong = cells.filter(pl.col("verdict") == "strong").join(dossier.standing.strong, on=CELL, how="semi")
    sheet.add("strength", pl.col("outcome"), strong, value="verdict", **figures)
    weak = cells.filter(pl.col("verdict") == "below")
    sheet.add("blind_spot", pl.col("outcome"), weak.join(_attention(weak, dossier), on=CELL, how="left"), value="attention", **figures)
    if "places" in dossier.recorded:
        own = handled.with_columns(share=pl.col("calls") / pl.col("calls").sum().over("agent_id")).filter(pl.col("share") >= OWN_SHARE)
        never = own.join(dossier.records.inspections, on=CELL, how="anti")
        sheet.add("blind_spot", "never_inspected", never, business="business", number="share", n="calls", as_of="last")


def _attention(weak: pl.DataFrame, dossier: Dossier) -> pl.DataFrame:
    """Cells with ``attention``: ``attended`` or ``neglected``, null where nothing of the kind is recorded.

    What is held on a business counts for all below it.
    """
    known = bool(dossier.recorded & {"trainings", "exams", "places"})
    found = dossier.records
    held = pl.concat([frame.select(*CELL, "last") for frame in (found.trainings, found.exams, found.inspections)])
    held = held.filter(dossier.window.age("last") < ATTENDED_DAYS)
    parts = pl.col("business").str.split("/")
    depth = pl.int_ranges(1, parts.list.len() + 1)
    cells = weak.select(CELL).unique()
    above = (
        cells.with_columns(parts=parts, depth=depth)
        .explode("depth")
        .with_columns(above=pl.col("parts").list.head(pl.col("depth")).list.join("/"))
    )
    attended = above.join(held, left_on=("agent_id", "above"), right_on=CELL, how="semi").select(CELL).unique()
    word = pl.when(pl.lit(known)).then(pl.when("attended").then(pl.lit("attended")).otherwise(pl.lit("neglected")))
    return cells.join(attended.with_columns(attended=True), on=CELL, how="left").select(*CELL, attention=word)


def add_tags(sheet: Sheet, dossier: Dossier, rules: list[Rule], tags: pl.DataFrame) -> None:
    """The centre's own tags, each with its rule."""
    for rule in rules:
        own = tags.filter(pl.col(given(rule.tag)))
        sheet.add("tag", rule.tag, own, value=pl.lit(rule.text), as_of=pl.lit(dossier.window.date))
