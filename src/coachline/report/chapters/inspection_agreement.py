"""Whether inspectors who hear the same call give the same: the score, passing, and every item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.engine.quality.agreement_rows import ITEM, RELIABLE, SCORE
from coachline.report.blocks import Block, Column, Row, Table
from coachline.report.chapter import Desk, Need
from coachline.report.estimates import Estimate, Heads, Scale, estimates
from coachline.report.remarks import remarks

AGREEMENT = Need("quality.agreement")

GWET, ALPHA, SHARE = (
    ("gwet_ac1", "gwet_ac2"),
    ("krippendorff_alpha_nominal", "krippendorff_alpha_interval"),
    ("percent_agreement", "percent_within"),
)
"""Each for yes or no, and for the score."""

MOST_DRAWN = 30


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(AGREEMENT)
    values: Mapping[str, Any] = result.values
    compared = _compared(result.polars())
    marks = [_estimate(desk, row) for row in compared[:MOST_DRAWN] if row["gwet"]["value"] is not None]
    low = min([0.0, *(mark.place[1] for mark in marks), *(mark.beside for mark in marks if mark.beside is not None)])
    scale = Scale(low, 1.0, (show.number(low, 1), show.number(1.0, 1)), RELIABLE)
    heads = Heads(
        words("column.item"),
        words("report.inspection.gwet"),
        words("column.verdict"),
        words("column.units"),
        words("report.inspection.gwet_key"),
        words("report.inspection.alpha_key"),
        words("report.inspection.reliable_key", value=RELIABLE),
    )
    title = words("report.inspection.agreement_title")
    caption = words(
        "report.inspection.agreement_caption",
        calls=show.count(values["calls"]),
        items=show.count(values["items"]),
        reliable=show.count(values["reliable_items"]),
    )
    if len(compared) > MOST_DRAWN:
        caption += words("report.inspection.items_cut", shown=MOST_DRAWN, total=show.count(len(compared)))
    return [estimates(desk, title, marks, scale, heads, _table(desk, compared, title), caption=caption), *remarks(desk, result)]


def _compared(agreement: pl.DataFrame) -> list[dict[str, Any]]:
    """Of each that was compared its three main coefficients, in the order of the result."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in agreement.iter_rows(named=True):
        entry = found.setdefault((row["kind"], row["item"]), {"kind": row["kind"], "item": row["item"], "units": row["units"]})
        of_score = row["kind"] == SCORE
        for name, codes in (("gwet", GWET), ("alpha", ALPHA), ("share", SHARE)):
            if row["coefficient"] == codes[of_score]:
                entry[name] = row
    return [row for row in found.values() if {"gwet", "alpha", "share"} <= set(row)]


def _name(desk: Desk, row: dict[str, Any]) -> str:
    """An item as the form has it; the score and passing in our words."""
    return str(row["item"]) if row["kind"] == ITEM else desk.words(f"report.inspection.whole_{row['kind']}")


def _estimate(desk: Desk, row: dict[str, Any]) -> Estimate:
    words, show = desk.words, desk.show
    gwet, alpha = row["gwet"], row["alpha"]
    verdict = gwet["verdict"]
    low, high = (gwet["value"] if gwet[end] is None else gwet[end] for end in ("low", "high"))
    return Estimate(
        name=_name(desk, row),
        place=(gwet["value"], low, high),
        written=words("report.tip.with_interval", value=show.number(gwet["value"], 2), low=show.number(low, 2), high=show.number(high, 2)),
        said=words(f"verdict.{verdict}") if verdict else show.unknown,
        aside=words("report.inspection.same", share=show.share(row["share"]["value"], row["units"])),
        n=row["units"],
        beside=alpha["value"],
        look=verdict == "unreliable",
        unsure=verdict not in ("reliable", "tentative", "unreliable"),
    )


def _table(desk: Desk, compared: Sequence[dict[str, Any]], title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.item"), figure=False),
        Column(words("column.units")),
        Column(words("report.inspection.gwet")),
        Column(words("report.inspection.interval_95")),
        Column(words("column.verdict"), figure=False),
        Column(words("report.inspection.alpha")),
        Column(words("report.inspection.interval_95")),
        Column(words("report.inspection.same_share")),
    ]

    def ends(row: dict[str, Any]) -> str:
        return show.unknown if row["low"] is None else f"{show.number(row['low'], 2)} – {show.number(row['high'], 2)}"

    cells = [
        Row(
            [
                _name(desk, row),
                show.count(row["units"]),
                show.number(row["gwet"]["value"], 2),
                ends(row["gwet"]),
                words(f"verdict.{row['gwet']['verdict']}") if row["gwet"]["verdict"] else show.unknown,
                show.number(row["alpha"]["value"], 2),
                ends(row["alpha"]),
                show.share(row["share"]["value"], row["units"]),
            ],
            mark=row["gwet"]["verdict"] == "unreliable",
        )
        for row in compared
    ]
    return Table.of(title, heads, cells)
