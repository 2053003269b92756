"""What made the last move of a figure: contributions of business, team, queue and hour, by mix and by rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any

from coachline.report.blocks import Block, Column, Heading, Paragraph, Picture, Row, Table
from coachline.report.chapter import CAUSES, DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.contributions import of_move
from coachline.report.metrics import FAMILY, Series
from coachline.report.pictures import short

MOST_MOVES = 3
MOST_MEMBERS = 10
"""Of a dimension with more members, the smallest contributions are drawn together as one bar."""


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    day = desk.metrics.last_day
    moves = [] if day is None else _moves(desk, day)
    if day is None or not moves:
        raise NothingToShow("report.why.no_moves")
    unusual = [series for series in moves if series.is_unusual(day)]
    blocks: list[Block] = [Paragraph(words("report.causes.intro"), "quiet")]
    if not unusual:
        judged = any(day in series.usual for series in moves)
        blocks.append(Paragraph(words("report.causes.none_unusual" if judged else "report.causes.not_judged", day=desk.show.day(day))))
    for series in (unusual or moves)[: MOST_MOVES if unusual else 1]:
        blocks += _move(desk, series.metric, day)
    return blocks


def _moves(desk: Desk, day: date) -> list[Series]:
    """Metrics whose move on `day` was taken apart, one of each family: the unusual ones first, then the most striking."""
    taken_apart = set(desk.result(CAUSES).table().column("metric").unique().to_pylist())
    known = [series for series in desk.metrics if series.metric in taken_apart and series.last is not None and series.last.day == day]
    found: dict[str, Series] = {}

    def order(series: Series) -> tuple[bool, float, tuple[int, str]]:
        unusual = series.is_unusual(day)
        return (not unusual, 0.0 if unusual else -_striking(series, day), series.rank)

    for series in sorted(known, key=order):
        found.setdefault(FAMILY.get(series.metric, series.metric), series)
    return list(found.values())


def _striking(series: Series, day: date) -> float:
    """How far the value lies from the expected one, in widths of the usual range; without history, 0."""
    usual, last = series.usual.get(day), series.last
    if usual is None or last is None or last.value is None:
        return 0.0
    width = usual.high - usual.low
    return abs(last.value - usual.expected) / width if width > 0 else 0.0


def _move(desk: Desk, metric: str, day: date) -> list[Block]:
    words, show = desk.words, desk.show
    unit = desk.units[metric]
    by_dimension = of_move(desk.result(CAUSES).table(), metric, day)
    whole = sum(row["change"] or 0.0 for row in next(iter(by_dimension.values())))
    title = words("report.causes.move", metric=words(f"metric.{metric}"), day=show.day(day), change=show.difference(unit, whole))
    blocks: list[Block] = [Heading(title)]
    pictures = [_picture(desk, dimension, unit, rows, title) for dimension, rows in by_dimension.items() if len(rows) > 1]
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
            {"name": words(f"column.{part}"), "values": [short(row[part] or 0.0) for row in drawn]}
            for part in (("change",) if unit == "count" else ("rate", "mix"))
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


CHAPTER = Chapter("causes", (CAUSES, DAILY, PASSPORTS), build)
