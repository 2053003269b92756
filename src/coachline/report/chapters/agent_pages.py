"""A page for every agent: what they are strong in, what to practise next, every outcome with its interval, the months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.report import capability_store
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.capability import Capability, Measure
from coachline.report.capability_store import BAND, LETTER, PEERS, SCALE, scaled
from coachline.report.chapter import MATRIX, Chapter, Desk, Need
from coachline.report.monthly import monthly

AGENTS = Need("capability.agents")
TREND = Need("capability.trend")


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    capability = desk.capability
    overall = desk.result(AGENTS).polars()
    if not capability.agents:
        return []
    capability_store.share(desk)
    trend = desk.maybe(TREND)
    spec = {
        "kind": "agent_pages",
        "store": capability_store.NAME,
        "overall": {found.code: _overall(found, capability, overall) for found in capability.measures},
        "trend": None if trend is None else monthly(trend.polars(), "agent_id", capability.agents),
    }
    title = words("report.agents.title")
    blocks: list[Block] = [
        Paragraph(words("report.agents.intro"), "quiet"),
        Picture(title, spec, _table(desk, capability, overall, title), height=0, wide=True),
    ]
    everybody = capability.calls["agent_id"].n_unique()
    if len(capability.agents) < everybody:
        blocks.append(Paragraph(words("report.agents.cut", shown=len(capability.agents), total=show.count(everybody)), "quiet"))
    return blocks


def _overall(measure: Measure, capability: Capability, overall: pl.DataFrame) -> dict[str, Any]:
    """An outcome of all agents on the page, by column, with what is needed to place one among the others."""
    own = overall.filter(pl.col("outcome") == measure.code)
    scale = SCALE[measure.unit]
    people = pl.DataFrame({"agent_id": capability.agents}, schema={"agent_id": pl.String})
    rows = people.join(own, on="agent_id", how="left", maintain_order="left")
    written = rows.select(
        "n",
        e=scaled("estimate", scale),
        l=scaled("low", scale),
        h=scaled("high", scale),
        observed=scaled("observed", scale),
        expected=scaled("expected", scale),
        best="rank_low",
        worst="rank_high",
    )
    found: dict[str, Any] = {name: written[name].to_list() for name in written.columns}
    found["v"] = "".join(rows["verdict"].fill_null("unknown").replace_strict(LETTER, return_dtype=pl.String))
    found["people"] = own.height
    found["standard"] = next(iter(own.select(scaled("standard", scale))["standard"].drop_nulls()), None)
    found["range"] = [_quantile(own, "low", 0.02, scale), _quantile(own, "high", 0.98, scale)]
    if own.height >= PEERS:
        found["peers"] = [_quantile(own, "estimate", share, scale) for share in (BAND[0], 0.5, BAND[1])]
    return found


def _quantile(rows: pl.DataFrame, column: str, share: float, scale: int) -> int:
    value = rows[column].quantile(share, "linear")
    return 0 if value is None else round(value * scale)


def _table(desk: Desk, capability: Capability, overall: pl.DataFrame, title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [Column(words("column.agent_id"), figure=False, leads="agent")]
    heads += [Column(words(f"outcome.{found.code}")) for found in capability.measures]
    known: dict[tuple[str, str], Mapping[str, Any]] = {(row["agent_id"], row["outcome"]): row for row in overall.iter_rows(named=True)}
    rows = []
    for agent in capability.agents:
        cells = [agent]
        for found in capability.measures:
            row = known.get((agent, found.code))
            cells.append(
                show.unknown
                if row is None
                else words(
                    "report.agents.cell",
                    value=show.estimate(found.unit, row["estimate"], row["low"], row["high"]),
                    interval=show.interval(found.unit, row["low"], row["high"]),
                    n=show.count(row["n"]),
                )
            )
        rows.append(Row(cells))
    return Table.of(title, heads, rows, total=capability.calls["agent_id"].n_unique())


CHAPTER = Chapter("agents", (MATRIX, AGENTS), build)
