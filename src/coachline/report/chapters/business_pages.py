"""A page for every business: how hard it is whoever handles it, who is surely strong, who could be better, how the months went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.report import capability_store
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.capability import Capability, Measure
from coachline.report.capability_map import most_active
from coachline.report.capability_store import SCALE, scaled
from coachline.report.chapter import MATRIX, Chapter, Desk, Need
from coachline.report.monthly import monthly
from coachline.report.paths import by_family

BUSINESSES = Need("capability.businesses")
TREND = Need("capability.trend")

VERDICTS = {"harder": "h", "usual": "o", "easier": "e", "unknown": "u"}


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    capability = desk.capability
    difficulty = desk.result(BUSINESSES).polars().filter(pl.col("n") > 0)
    if difficulty.is_empty():
        return []
    capability_store.share(desk)
    place = {business: number for number, business in enumerate(capability.businesses)}
    order = most_active(capability.calls, "business")
    trend = desk.maybe(TREND)
    measured = [found for found in capability.measures if found.unit != "index"]
    spec = {
        "kind": "business_pages",
        "store": capability_store.NAME,
        "families": [{"name": name, "businesses": [place[business] for business in members]} for name, members in by_family(order, order)],
        "first": place[order[0]],
        "difficulty": {found.code: _difficulty(found, capability, difficulty) for found in measured},
        "verdicts": {letter: words(f"verdict.{verdict}") for verdict, letter in VERDICTS.items()},
        "trend": None if trend is None else monthly(trend.polars(), "business", capability.businesses),
    }
    title = words("report.businesses.title")
    blocks: list[Block] = [
        Paragraph(_answer(desk, difficulty, measured), "plain"),
        Picture(
            title, spec, _table(desk, measured, difficulty, order, title), height=0, wide=True, caption=words("report.businesses.intro")
        ),
    ]
    everybody = capability.calls["agent_id"].n_unique()
    if len(capability.agents) < everybody:
        blocks.append(Paragraph(words("report.businesses.cut", shown=len(capability.agents), total=show.count(everybody)), "quiet"))
    return blocks


def _answer(desk: Desk, difficulty: pl.DataFrame, measured: Sequence[Measure]) -> str:
    """The hard businesses by the first outcome that tells any, those with most calls first."""
    words = desk.words
    for found in measured:
        hard = difficulty.filter((pl.col("outcome") == found.code) & (pl.col("verdict") == "harder")).sort("n", descending=True)
        if found.sign and hard.height:
            named = words("report.list_separator").join(words("report.businesses.named", business=name) for name in hard["business"][:3])
            more = "" if hard.height <= 3 else words("report.businesses.more", count=hard.height)
            return words("report.businesses.hard", outcome=words(f"outcome.{found.code}"), named=named, more=more)
    return words("report.businesses.none_hard")


def _difficulty(measure: Measure, capability: Capability, difficulty: pl.DataFrame) -> dict[str, Any]:
    scale = SCALE[measure.unit]
    everything = pl.DataFrame({"business": capability.businesses}, schema={"business": pl.String})
    own = difficulty.filter(pl.col("outcome") == measure.code)
    rows = everything.join(own, on="business", how="left", maintain_order="left")
    written = rows.select(
        "n",
        "agents",
        e=scaled("estimate", scale),
        l=scaled("low", scale),
        h=scaled("high", scale),
        observed=scaled("observed", scale),
    )
    found: dict[str, Any] = {name: written[name].to_list() for name in written.columns}
    found["v"] = "".join(rows["verdict"].fill_null("unknown").replace_strict(VERDICTS, return_dtype=pl.String))
    known = own.drop_nulls("estimate")
    found["range"] = [_end(known["low"], 0.05, scale), _end(known["high"], 0.95, scale)]
    found["peers"] = [_end(known["estimate"], share, scale) for share in (0.1, 0.5, 0.9)]
    return found


def _end(values: pl.Series, share: float, scale: int) -> int:
    value = values.quantile(share, "linear")
    return 0 if value is None else round(float(value) * scale)


def _table(desk: Desk, measured: Sequence[Measure], difficulty: pl.DataFrame, order: Sequence[str], title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [Column(words("column.business"), figure=False, leads="business"), Column(words("report.businesses.agents"))]
    heads += [Column(words(f"outcome.{found.code}")) for found in measured]
    known: dict[tuple[str, str], Mapping[str, Any]] = {(row["business"], row["outcome"]): row for row in difficulty.iter_rows(named=True)}
    people = dict(difficulty.group_by("business").agg(pl.col("agents").max()).iter_rows())
    rows = []
    for business in order:
        cells = [business, show.count(people.get(business))]
        for found in measured:
            row = known.get((business, found.code))
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
    return Table.of(title, heads, rows)


CHAPTER = Chapter("businesses", (MATRIX, BUSINESSES), build)
