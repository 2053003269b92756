"""The sessions in time: when, by whom, for how many, and what it costs the floor."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need
from coachline.report.chapters.training_groups import GROUPS
from coachline.report.chosen_columns import chosen_columns
from coachline.report.remarks import remarks

PLAN = Need("training.plan")
MOST_SESSIONS = 20
SESSIONS = ("starts_at", "session", "business", "hours", "trainer_id", "room", "people", "gain", "load_ratio", "reason")
CONFLICTS = "conflicts"


def answer(desk: Desk) -> str | None:
    """How many sessions have found their time."""
    result = desk.maybe(PLAN)
    if result is None or result.table().num_rows == 0:
        return None
    values, words, show = result.values, desk.words, desk.show
    return words(
        "report.training.answer_plan", **{name: show.count(_known(values[name])) for name in ("sessions", "places", "places_asked")}
    )


def _known(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(PLAN)
    found: list[Block] = [Heading(words("report.training.plan_title"))]
    sessions = _sessions(result.polars("plan"), result.polars("reasons"))
    if not sessions.is_empty():
        values = result.values
        caption = words(
            "report.training.plan_caption",
            gain=show.count(_known(values["gain"])),
            taken=show.count(_known(values["calls_taken_over"])),
            hours=show.number(_known(values["hours"])),
        )
        title = words("report.training.plan_table")
        found += [
            Paragraph(caption),
            chosen_columns(desk, PLAN.analysis, "plan", sessions.head(MOST_SESSIONS), SESSIONS, title, sessions.height),
        ]
    if CONFLICTS in result.tables and result.table(CONFLICTS).num_rows:
        rows = result.polars(CONFLICTS)
        found.append(chosen_columns(desk, PLAN.analysis, CONFLICTS, rows, rows.columns, words("report.training.conflicts_table")))
    groups = desk.maybe(GROUPS)
    said = () if groups is None else tuple(note.code for note in groups.notes)
    return [*found, *remarks(desk, result, but=said)]


def _sessions(places: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """A row for each session, in the order of time."""
    each = places.group_by("session", maintain_order=True).agg(pl.col("hours", "trainer_id", "room").first())
    return reasons.join(each, on="session", how="inner").sort("starts_at", "session")
