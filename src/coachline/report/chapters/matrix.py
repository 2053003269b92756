"""Who handles which business how well, and how sure that is: estimate as hue, certainty as depth of colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from coachline.report import capability_store
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.capability import Capability, Measure
from coachline.report.chapter import MATRIX, Chapter, Desk

STEPS = (1, 1.5, 2, 3, 5, 7)
"""Round figures for the end of the colour scale."""


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    capability = desk.capability
    blocks: list[Block] = []
    if capability.alike:
        names = words("report.list_separator").join(words(f"outcome.{found.code}") for found in capability.alike)
        told = "report.matrix.some_alike" if capability.judged else "report.matrix.all_alike"
        blocks.append(Paragraph(words(told, outcomes=names), "quiet" if capability.judged else "look"))
    if not capability.judged:
        return blocks
    missing = _cut(desk, capability)
    blocks = [Paragraph(words("report.matrix.intro"), "quiet"), _picture(desk, capability), *blocks]
    return [*blocks, Paragraph(missing, "quiet")] if missing else blocks


def reach(capability: Capability, measure: Measure) -> float:
    """How far from the standard the colour is full on the heat map."""
    return far(capability.on_map(measure), measure)


def far(cells: pl.DataFrame, measure: Measure) -> float:
    """A distance from the standard than which nine of ten cells lie nearer, rounded up."""
    most = (cells["estimate"] - cells["standard"]).abs().drop_nulls().quantile(0.9, "linear")
    if not most:
        return 1.0 / capability_store.SCALE[measure.unit]
    power = 10.0 ** np.floor(np.log10(most))
    return float(next((step * power for step in STEPS if step * power >= most * 0.999), 10 * power))


def _picture(desk: Desk, capability: Capability) -> Picture:
    words, show = desk.words, desk.show
    first, drawn = capability.judged[0], capability.map
    agents = {agent: place for place, agent in enumerate(capability.agents)}
    businesses = {business: place for place, business in enumerate(capability.businesses)}
    capability_store.share(desk)
    spec = {
        "kind": "matrix",
        "store": capability_store.NAME,
        "people": [
            {"name": words("report.matrix.group", family=name) if name else "", "agents": [agents[agent] for agent in members]}
            for name, members in drawn.people
        ],
        "families": [{"name": name, "businesses": [businesses[business] for business in members]} for name, members in drawn.families],
        "outcomes": [
            {"code": found.code, "reach": round(reach(capability, found) * capability_store.SCALE[found.unit], 3)}
            for found in capability.judged
        ],
    }
    cells = capability.on_map(first)
    counted = dict(cells.group_by("verdict").len().iter_rows())
    caption = words(
        "report.matrix.caption",
        outcome=words(f"outcome.{first.code}"),
        strong=show.count(counted.get("strong", 0)),
        below=show.count(counted.get("below", 0)),
        unknown=show.count(counted.get("unknown", 0)),
        cells=show.count(cells.height),
        empty=show.count(len(drawn.agents) * len(drawn.businesses) - cells.height),
    )
    title = words("report.matrix.title")
    return Picture(title, spec, _table(desk, first, cells, title), height=0, wide=True, caption=caption)


def _cut(desk: Desk, capability: Capability) -> str:
    drawn = capability.map
    people, businesses = capability.calls["agent_id"].n_unique(), len(capability.businesses)
    if len(drawn.agents) == people and len(drawn.businesses) == businesses:
        return ""
    calls = capability.calls
    kept = calls.filter(pl.col("agent_id").is_in(drawn.agents) & pl.col("business").is_in(drawn.businesses))
    return desk.words(
        "report.matrix.cut",
        people=len(drawn.agents),
        all_people=desk.show.count(people),
        businesses=len(drawn.businesses),
        all_businesses=desk.show.count(businesses),
        share=desk.show.share(float(kept["n"].sum()) / float(calls["n"].sum())),
    )


def _table(desk: Desk, measure: Measure, cells: pl.DataFrame, title: str) -> Table:
    """The cells with most evidence first: those that say something."""
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.agent_id"), figure=False),
        Column(words("column.business"), figure=False),
        Column(words("column.n")),
        Column(words("column.estimate")),
        Column(words("report.column.interval")),
        Column(words("column.standard")),
        Column(words("column.p_below")),
        Column(words("column.verdict"), figure=False),
        Column(words("column.certainty")),
    ]
    ordered = cells.sort("n", "agent_id", "business", descending=[True, False, False])
    rows = [
        Row(
            [
                row["agent_id"],
                row["business"],
                show.count(row["n"]),
                show.estimate(measure.unit, row["estimate"], row["low"], row["high"]),
                show.interval(measure.unit, row["low"], row["high"]),
                show.estimate(measure.unit, row["standard"]),
                show.probability(row["p_below"]),
                words(f"verdict.{row['verdict']}"),
                show.probability(row["certainty"]),
            ]
        )
        for row in ordered.head(200).iter_rows(named=True)
    ]
    return Table.of(words("report.matrix.table", title=title, outcome=words(f"outcome.{measure.code}")), heads, rows, total=ordered.height)


CHAPTER = Chapter("matrix", (MATRIX,), build)
