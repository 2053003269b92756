"""The map of people and businesses: what is shown of a large centre, and what a thin cell says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Provenance, Result
from coachline.report.blocks import Picture
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import matrix
from coachline.wording import Wording
from tests.report.conftest import ZONE


def desk_over(centre: Facts, cells: pa.Table) -> Desk:
    source = Provenance("capability.cells", "1", {}, {}, "duckdb", "2026-03-01T08:00:00+08:00", 0.1)

    def run(name: str, **_: Any) -> Result:
        assert name == "capability.cells"
        return Result.of(Findings(tables={"cells": cells}), source)

    return Desk(run, centre, Wording("zh"), None, None, datetime(2026, 3, 2, tzinfo=ZONE))


def cells_of(rows: list[tuple[str, str, str, int, int]]) -> pa.Table:
    names = ("agent_id", "business", "outcome", "n", "successes")
    return pa.table({name: [row[position] for row in rows] for position, name in enumerate(names)})


def picture_of(blocks: Any) -> Picture:
    return next(block for block in blocks if isinstance(block, Picture))


def test_a_large_centre_is_cut_to_the_most_voluminous_and_says_so(centre: Facts) -> None:
    generator = np.random.default_rng(1)
    rows = [
        (f"a{a:03d}", f"k{k:02d}", "resolved", int(n), int(n) // 2)
        for a in range(90)
        for k in range(55)
        if (n := (90 - a) * (55 - k) + generator.integers(3))
    ]
    blocks = matrix.CHAPTER.blocks(desk_over(centre, cells_of(rows)))
    spec = picture_of(blocks).spec
    assert set(spec["rows"]) == {f"a{a:03d}" for a in range(60)}
    assert [column["name"] for column in spec["columns"]] == [f"k{k:02d}" for k in range(40)]
    shown = sum(n for a, k, _, n, _ in rows if a < "a060" and k < "k40") / sum(row[3] for row in rows)
    assert any(f"60 人（共 90 人）和 40 项业务（共 55 项），占全部通话的 {shown:.1%}" in getattr(block, "text", "") for block in blocks)


def test_cells_carry_counts_and_means_are_those_of_all_people(centre: Facts) -> None:
    rows = [("x", "甲", "resolved", 40, 30), ("y", "甲", "resolved", 60, 30), ("y", "乙", "resolved", 3, 3), ("y", "乙", "satisfied", 9, 9)]
    picture = picture_of(matrix.CHAPTER.blocks(desk_over(centre, cells_of(rows))))
    assert [(c["name"], c["mean"]) for c in picture.spec["columns"]] == [("乙", 1.0), ("甲", 0.6)]
    place = {name: number for number, name in enumerate(picture.spec["rows"])}
    assert sorted(picture.spec["cells"]) == sorted([[1, place["x"], 40, 30], [1, place["y"], 60, 30], [0, place["y"], 3, 3]])
    raw = {(row.cells[0], row.cells[1]): row.cells[3] for row in picture.table.rows}
    assert raw["x", "甲"] == "75%"
    assert raw["y", "乙"] == "证据不足"


def test_colleagues_of_one_business_stand_together(centre: Facts) -> None:
    rows = [
        ("a", "甲", "resolved", 50, 1),
        ("b", "乙", "resolved", 90, 90),
        ("c", "甲", "resolved", 70, 60),
        ("d", "乙", "resolved", 20, 1),
    ]
    assert picture_of(matrix.CHAPTER.blocks(desk_over(centre, cells_of(rows)))).spec["rows"] == ["b", "d", "c", "a"]


def test_satisfaction_stands_in_where_resolution_is_not_recorded(centre: Facts) -> None:
    picture = picture_of(matrix.CHAPTER.blocks(desk_over(centre, cells_of([("a", "甲", "satisfied", 50, 40)]))))
    assert picture.title == "谁在办哪些业务，满意多少"


def test_without_either_there_is_nothing_to_show(centre: Facts) -> None:
    with pytest.raises(NothingToShow):
        matrix.CHAPTER.blocks(desk_over(centre, cells_of([("a", "甲", "ticketed", 50, 40)])))
