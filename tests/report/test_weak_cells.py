"""The list of cells to coach first: its order, its words, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Table
from coachline.report.chapters import weak_cells as chapter
from tests.report.capability_results import cell, desk_over, matrix, weak


def blocks_of(centre: Facts, listed: Sequence[dict[str, Any]], **more: Any) -> Sequence[Block]:
    rows = [cell(row["agent_id"], row["business"], outcome=row["outcome"], low=0.5, high=0.7) for row in listed]
    return chapter.CHAPTER.blocks(desk_over(centre, matrix(rows or [cell("a", "甲")], weak=listed, **more)))


def said(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def table_of(blocks: Sequence[Block]) -> Table:
    return next(block for block in blocks if isinstance(block, Table))


def test_the_costliest_stand_first_whatever_the_outcome(centre: Facts) -> None:
    listed = [
        weak("a", "甲", lost=6.0),
        weak("b", "乙", lost=30.0, outcome="transferred", estimate=0.3, standard=0.2),
        # Forty grades lost out of four each weigh like ten calls.
        weak("c", "丙", lost=40.0, outcome="rating", estimate=3.61, standard=4.5),
        weak("d", "丁", lost=0.5),
    ]
    rows = table_of(blocks_of(centre, listed)).rows
    assert [(row.cells[0], row.cells[2], row.cells[6]) for row in rows] == [
        ("b", "转接", "30"), ("c", "评分", "10"), ("a", "解决", "6.0"), ("d", "解决", "0.5"),
    ]  # fmt: skip


def test_a_row_carries_estimate_interval_standard_and_evidence(centre: Facts) -> None:
    (row,) = table_of(blocks_of(centre, [weak("a", "甲", n=435, lost=132.05, estimate=0.3984, standard=0.702, p_below=0.9991)])).rows
    assert row.cells == ["a", "甲", "解决", "40%", "50% – 70%", "70.2%", "132", "435", "> 99%"]


def test_how_many_are_expected_to_be_wrong_is_said_before_the_list(centre: Facts) -> None:
    listed = [
        weak("a", "甲", p_below=0.7),
        weak("a", "乙", p_below=0.9),
        weak("b", "甲", p_below=0.5, outcome="satisfied"),
        weak("b", "乙", p_below=0.8),
    ]
    told = said(blocks_of(centre, listed))
    assert "共 4 处（人 × 业务 × 结果）不及标准，涉及 2 人：解决 3 处、满意 1 处。" in told
    assert "按 10% 的误判上限列出，预计其中约 1 处其实达标" in told  # 0.3 + 0.1 + 0.5 + 0.2


def test_a_long_list_is_cut_and_says_so(centre: Facts) -> None:
    table = table_of(blocks_of(centre, [weak(f"p{number:02d}", "甲", lost=float(number)) for number in range(45)]))
    assert [row.cells[0] for row in table.rows] == [f"p{number:02d}" for number in range(44, 14, -1)]
    assert (table.cut, table.total) == (True, 45)
    assert "最值得辅导的 30 处" in table.caption


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_is_called_bad(centre: Facts, language: str) -> None:
    result = matrix([cell("a", "甲")], weak=[weak("a", "甲")])
    blocks = chapter.CHAPTER.blocks(desk_over(centre, result, language=language))
    text = said(blocks) + repr(table_of(blocks))
    assert not any(word in text for word in ("差评", "差生", "最差", "不合格", "bad ", "worst", "fail"))


def test_without_weak_cells_that_is_what_is_said(centre: Facts) -> None:
    blocks = blocks_of(centre, [])
    assert [type(block) for block in blocks] == [Paragraph]
    assert "没有能确认的待提升项" in said(blocks)


def test_where_people_cannot_be_told_apart_there_is_no_list(centre: Facts) -> None:
    blocks = blocks_of(centre, [], alike=("resolved",))
    assert [type(block) for block in blocks] == [Paragraph]
    assert "没有可分辨的差异" in said(blocks)


def test_outcomes_without_differences_are_named_beside_the_list(centre: Facts) -> None:
    rows = [cell("a", "甲"), cell("a", "甲", outcome="satisfied")]
    blocks = chapter.CHAPTER.blocks(desk_over(centre, matrix(rows, alike=("satisfied",), weak=[weak("a", "甲")])))
    assert len(table_of(blocks).rows) == 1
    assert "按满意看，人与人之间没有可分辨的差异" in said(blocks)
