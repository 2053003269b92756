"""Whether the stored scores are those that the form gives."""

from __future__ import annotations

import ibis
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.quality.form import Form
from coachline.engine.quality.form_rescored import rescored

ROUNDED = 0.5
"""Scores that differ by no more are the same: many systems store whole points."""

OUTSIDE_FORM = pl.Schema(
    {"inspection_id": pl.String(), "item": pl.String(), "issue": pl.String(), "stored": pl.String(), "by_form": pl.String()}
)
"""``issue``: as in `form_rescored.OUTSIDE`, or ``score_differs``, ``passed_differs`` (of the sheet, without an item)."""


def against_form(facts: Facts, form: Form, heard: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """What in the inspections of `form` the form does not explain.

    Parameters
    ----------
    facts : Facts
    form : Form
    heard : polars.DataFrame
        inspection_id, form, form_version, score, passed.

    Returns
    -------
    tuple
        Rows of schema `OUTSIDE_FORM`, and how many inspections were held against the form: those that name it and its version.
    """
    sheets = heard.filter(pl.col("form") == form.name, pl.col("form_version") == form.version)
    if sheets.is_empty():
        return pl.DataFrame(schema=OUTSIDE_FORM), 0
    items, wanted = facts.table("inspection_items"), ibis.memtable(sheets.select(sheet="inspection_id").to_arrow())
    rows = items.join(wanted, items.inspection_id == wanted.sheet).select("inspection_id", "item", "points", "failed", "comment")
    read = pl.from_arrow(facts.collect(rows))
    assert isinstance(read, pl.DataFrame)
    found = rescored(form, read)
    both = sheets.join(found.sheets.rename({"score": "form_score", "passed": "form_passed"}), on="inspection_id").sort("inspection_id")
    differs = (pl.col("score") - pl.col("form_score")).abs() > ROUNDED + 1e-9
    both = both.with_columns(differs=(differs & pl.col("score").is_finite()).fill_null(False))
    scores = both.filter("differs").select(
        "inspection_id",
        issue=pl.lit("score_differs"),
        stored=pl.col("score").round(2).cast(pl.String()),
        by_form=pl.col("form_score").round(2).cast(pl.String()),
    )
    passes = both.filter(~pl.col("differs"), pl.col("passed") != pl.col("form_passed")).select(
        "inspection_id",
        issue=pl.lit("passed_differs"),
        stored=pl.col("passed").cast(pl.String()),
        by_form=pl.col("form_passed").cast(pl.String()),
    )
    parts = pl.concat([pl.DataFrame(schema=OUTSIDE_FORM), found.outside, scores, passes], how="diagonal")
    return parts.select(list(OUTSIDE_FORM)).sort("inspection_id", "item", "issue"), both.height
