"""What made the last move of a figure: contributions of business, team, queue and hour, by mix and by rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any

from coachline.report.blocks import Block, Column, Heading, Paragraph, Picture, Row, Table
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.contributions import of_move
from coachline.report.pictures import short

MOST_MOVES = 3
MOST_MEMBERS = 10
"""Of a dimension with more members, the smallest contributions are drawn together as one bar."""


def build(desk: Desk) -> Sequence[Block]:
    moves = _moves(desk)
    if not moves:
        raise NothingToShow("report.why.no_moves")
    blocks: list[Block] = [Paragraph(desk.words("report.causes.intro"), "quiet")]
    for metric, day in moves[:MOST_MOVES]:
        blocks += _move(desk, metric, day)
    return blocks


def _moves(desk: Desk) -> list[tuple[str, date]]:
    """The moves that were taken apart, unusual ones first, then the latest."""
    table = desk.result("operations.causes").table()
    pairs = {
        (row["metric"], row["date"]) for row in table.group_by(["metric", "date"]).aggregate([]).to_pylist() if row["metric"] in desk.units
    }

    def weight(pair: tuple[str, date]) -> tuple[bool, int, str]:
        series = desk.metrics.get(pair[0])
        return (not (series is not None and series.is_unusual(pair[1])), -pair[1].toordinal(), pair[0])

    return sorted(pairs, key=weight)


def _move(desk: Desk, metric: str, day: date) -> list[Block]:
    words, show = desk.words, desk.show
    unit = desk.units[metric]
    by_dimension = of_move(desk.result("operations.causes").table(), metric, day)
    whole = sum(row["change"] or 0.0 for row in next(iter(by_dimension.values())))
    title = words("report.causes.move", metric=words(f"metric.{metric}"), day=show.day(day), change=show.difference(unit, whole))
    blocks: list[Block] = [Heading(title)]
    pictures = [_picture(desk, dimension, unit, rows, title) for dimension, rows in by_dimension.items()]
    # Two that stand side by side get the same height.
    for left, right in zip_longest(pictures[::2], pictures[1::2]):
        height = max(left.height, right.height if right else 0)
        blocks += [replace(picture, height=height) for picture in (left, right) if picture]
    return blocks


def _picture(desk: Desk, dimension: str, unit: str, rows: Sequence[dict[str, Any]], move: str) -> Picture:
    words, show = desk.words, desk.show
    drawn = _with_rest(rows)
    change_unit = {"share": "points", "seconds": "seconds_change"}.get(unit, "count_change")
    members = [
        words("report.causes.rest", count=row["count"]) if "count" in row else desk.member(dimension, row["member"]) for row in drawn
    ]
    spec = {
        "kind": "contributions",
        "unit": change_unit,
        "axis": words(f"report.causes.axis_{unit}"),
        "members": members,
        "change": [short(row["change"] or 0.0) for row in drawn],
        "parts": [
            {"name": words("column.rate"), "values": [short(row["rate"] or 0.0) for row in drawn]},
            {"name": words("column.mix"), "values": [short(row["mix"] or 0.0) for row in drawn]},
        ],
    }
    heads = [
        Column(words(f"dimension.{dimension}"), figure=False),
        *(
            Column(words(f"column.{name}"))
            for name in ("change", "share_of_change", "mix", "rate", "value_before", "value_after", "n_before", "n_after")
        ),
    ]
    cells = [
        Row(
            [
                desk.member(dimension, row["member"]),
                show.difference(unit, row["change"]),
                show.share(row["share_of_change"]),
                show.difference(unit, row["mix"]),
                show.difference(unit, row["rate"]),
                show.value(unit, row["value_before"], row["n_before"]),
                show.value(unit, row["value_after"], row["n_after"]),
                show.count(row["n_before"]),
                show.count(row["n_after"]),
            ]
        )
        for row in rows
    ]
    title = words("report.causes.by", dimension=words(f"dimension.{dimension}"))
    return Picture(
        title, spec, Table.of(f"{move} · {title}", heads, cells), height=76 + 26 * len(drawn), caption=_leading(desk, dimension, rows, unit)
    )


def _with_rest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) <= MOST_MEMBERS + 1:
        return list(rows)
    rest = rows[MOST_MEMBERS:]
    together = {name: sum(row[name] or 0.0 for row in rest) for name in ("change", "mix", "rate")}
    return [*rows[:MOST_MEMBERS], {"count": len(rest), **together}]


def _leading(desk: Desk, dimension: str, rows: Sequence[dict[str, Any]], unit: str) -> str:
    first = rows[0]
    return desk.words(
        "report.causes.largest",
        member=desk.member(dimension, first["member"]),
        change=desk.show.difference(unit, first["change"]),
        share=desk.show.share(first["share_of_change"]),
    )


CHAPTER = Chapter("causes", (Need("operations.causes"), Need("operations.daily"), Need("operations.passports")), build)
