"""Who handles which business with which raw result: counts first, no ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.pictures import short

MOST_PEOPLE, MOST_BUSINESSES = 60, 40
FEW = 10
"""Below this many calls a cell says "not enough evidence": ten calls leave a margin of 25 points on either side."""
OUTCOMES = ("resolved", "satisfied")
NEED = Need("capability.cells")


def build(desk: Desk) -> Sequence[Block]:
    cells = desk.result(NEED).table()
    cells = cells.filter(pc.and_(pc.is_valid(cells["agent_id"]), pc.and_(pc.is_valid(cells["business"]), pc.greater(cells["n"], 0))))
    outcome = next((o for o in OUTCOMES if pc.any(pc.equal(cells["outcome"], o)).as_py()), None)
    if outcome is None:
        raise NothingToShow("report.why.no_outcome")
    return _blocks(desk, cells.filter(pc.equal(cells["outcome"], outcome)), outcome)


def _blocks(desk: Desk, cells: pa.Table, outcome: str) -> list[Block]:
    words, show = desk.words, desk.show
    means = {
        row["business"]: row["successes_sum"] / row["n_sum"]
        for row in cells.group_by("business").aggregate([("n", "sum"), ("successes", "sum")]).to_pylist()
    }
    people, businesses = _largest(cells, "agent_id", MOST_PEOPLE), _largest(cells, "business", MOST_BUSINESSES)
    all_people, all_businesses = pc.count_distinct(cells["agent_id"]).as_py(), len(means)
    total = pc.sum(cells["n"]).as_py()
    kept = cells.filter(pc.and_(pc.is_in(cells["agent_id"], pa.array(people)), pc.is_in(cells["business"], pa.array(businesses))))
    rows = kept.to_pylist()
    columns = sorted(businesses)
    order = _by_main_business(rows, people, columns)
    thin = sum(1 for row in rows if row["n"] < FEW)
    title = words("report.matrix.title", outcome=words(f"outcome.{outcome}"))
    caption = words(
        "report.matrix.caption",
        few=FEW,
        thin=show.count(thin),
        cells=show.count(len(rows)),
        empty=show.count(len(order) * len(columns) - len(rows)),
    )
    blocks: list[Block] = [Paragraph(words("report.matrix.warning"), "look")]
    if len(order) < all_people or len(columns) < all_businesses:
        blocks.append(
            Paragraph(
                words(
                    "report.matrix.cut",
                    people=len(order),
                    all_people=show.count(all_people),
                    businesses=len(columns),
                    all_businesses=show.count(all_businesses),
                    share=show.share(sum(row["n"] for row in rows) / total),
                ),
                "quiet",
            )
        )
    spec = {
        "kind": "matrix",
        "few": FEW,
        "rows": order,
        "columns": [{"name": name, "short": name.rsplit("/", 1)[-1], "mean": short(means[name])} for name in columns],
        "cells": _placed(rows, order, columns),
    }
    blocks.append(
        Picture(
            title,
            spec,
            _table(desk, rows, means, title),
            height=130 + 17 * len(order),
            wide=True,
            min_width=130 + 20 * len(columns),
            caption=caption,
        )
    )
    return blocks


def _largest(cells: pa.Table, column: str, most: int) -> list[str]:
    sums = cells.group_by(column).aggregate([("n", "sum")]).sort_by([("n_sum", "descending"), (column, "ascending")])
    return [str(name) for name in sums.slice(0, most)[column].to_pylist()]


def _by_main_business(rows: Sequence[dict[str, Any]], people: Sequence[str], columns: Sequence[str]) -> list[str]:
    """People in the order of the business that they handle most: colleagues of the same work stand together, nobody is ranked."""
    place, person = {name: i for i, name in enumerate(columns)}, {name: i for i, name in enumerate(people)}
    calls = np.zeros((len(people), len(columns)))
    for row in rows:
        calls[person[row["agent_id"]], place[row["business"]]] += row["n"]
    main, largest = calls.argmax(axis=1), calls.max(axis=1)
    return sorted(people, key=lambda name: (int(main[person[name]]), -largest[person[name]], name))


def _placed(rows: Sequence[dict[str, Any]], people: Sequence[str], columns: Sequence[str]) -> list[list[int]]:
    place, person = {name: i for i, name in enumerate(columns)}, {name: i for i, name in enumerate(people)}
    return [[place[row["business"]], person[row["agent_id"]], int(row["n"]), int(row["successes"])] for row in rows]


def _table(desk: Desk, rows: Sequence[dict[str, Any]], means: dict[str, float], title: str) -> Table:
    """The cells with most calls first: those that say something."""
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.agent_id"), figure=False),
        Column(words("column.business"), figure=False),
        Column(words("column.n")),
        Column(words("report.column.raw")),
        Column(words("report.column.business_mean")),
    ]
    ordered = sorted(rows, key=lambda row: (-row["n"], row["agent_id"], row["business"]))
    cells = [
        Row(
            [
                row["agent_id"],
                row["business"],
                show.count(row["n"]),
                words("report.too_few") if row["n"] < FEW else show.share(row["successes"] / row["n"], row["n"]),
                show.share(means[row["business"]]),
            ]
        )
        for row in ordered[:200]
    ]
    return Table.of(title, heads, cells, total=len(ordered))


CHAPTER = Chapter("matrix", (NEED,), build)
