"""The chapter of changes names real ones only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Picture
from coachline.report.chapter import NothingToShow
from coachline.report.chapters import trend as chapter
from tests.report.capability_results import desk_over, trend

MONTHS = ("2026-01", "2026-02")


def blocks_of(centre: Facts, changes: Sequence[dict[str, Any]], months: Sequence[str] = MONTHS) -> Sequence[Block]:
    points = [{**{key: change.get(key) for key in ("agent_id", "business")}, "outcome": change.get("outcome", "resolved"), "period": month, "estimate": 0.7 + 0.1 * number}
              for change in changes for number, month in enumerate(months)]  # fmt: skip
    return chapter.CHAPTER.blocks(desk_over(centre, trend(points, changes)))


def series_of(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return list(next(block for block in blocks if isinstance(block, Picture)).spec["series"])


def said(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def real(**more: Any) -> dict[str, Any]:
    return {"change": 0.0589, "low": 0.0268, "high": 0.0891, "p_change": 0.998, "verdict": "rising", **more}


def test_only_real_changes_are_drawn_the_surest_first(centre: Facts) -> None:
    changes = [
        real(agent_id="80001", p_change=0.96), {"agent_id": "80002"}, real(agent_id="80003"),
        {"agent_id": "80004", "change": 0.3, "p_change": 0.9, "verdict": "unknown"}, real(business="寄递/甲", p_change=0.97),
    ]  # fmt: skip
    blocks = blocks_of(centre, changes)
    assert [one["name"] for one in series_of(blocks)] == ["80003 · 解决", "甲 · 解决", "80001 · 解决"]
    assert "2026-01 至 2026-02 的 5 条走势里，有 3 条的变化超出了偶然" in said(blocks)


def test_a_series_shows_its_own_months(centre: Facts) -> None:
    (one,) = series_of(blocks_of(centre, [real(agent_id="80001"), {"business": "甲"}, {"agent_id": None, "business": None}]))
    assert (one["months"], one["e"], one["l"], one["n"]) == (list(MONTHS), [0.7, 0.8], [0.7, 0.7], [40, 40])


@pytest.mark.parametrize(
    ("change", "sentence", "wrong_way"),
    [
        (real(), "上升 5.9 个百分点（2.7 – 8.9）", False),
        (real(change=-0.0166, low=-0.0331, high=-0.0019, verdict="falling"), "下降 1.7 个百分点（0.2 – 3.3）", True),
        (real(outcome="transferred"), "上升 5.9 个百分点（2.7 – 8.9）", True),
        (real(outcome="repeat", change=-0.02, low=-0.03, high=-0.01, verdict="falling"), "下降 2.0 个百分点（1.0 – 3.0）", False),
        (real(outcome="rating", change=0.124, low=0.05, high=0.2), "上升 0.12 分（0.05 – 0.20）", False),
        (real(outcome="handle_time", change=14.2, low=5.1, high=22.0), "变长 14 秒（5 – 22）", False),
    ],
)
def test_a_change_is_told_with_its_size_and_whether_it_went_the_wrong_way(
    centre: Facts, change: dict[str, Any], sentence: str, wrong_way: bool
) -> None:
    (one,) = series_of(blocks_of(centre, [{"agent_id": "80001", **change}]))
    assert (one["change"], one["look"]) == (sentence, wrong_way)


def test_where_none_is_real_a_sentence_says_so(centre: Facts) -> None:
    blocks = blocks_of(centre, [{"agent_id": "80001"}, {"agent_id": "80002"}])
    assert [type(block) for block in blocks] == [Paragraph]
    assert "2 条走势里，没有一条的变化超出偶然" in said(blocks)


def test_one_month_shows_no_change(centre: Facts) -> None:
    with pytest.raises(NothingToShow) as caught:
        blocks_of(centre, [real(agent_id="80001")], months=MONTHS[:1])
    assert caught.value.code == "report.why.one_month"


def test_of_many_changes_twelve_are_drawn_and_all_are_in_the_table(centre: Facts) -> None:
    blocks = blocks_of(centre, [real(agent_id=f"{number:05d}") for number in range(20)])
    assert len(series_of(blocks)) == 12
    assert len(next(block for block in blocks if isinstance(block, Picture)).table.rows) == 20
