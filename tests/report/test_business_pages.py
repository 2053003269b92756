"""The pages of businesses: which are surely hard, and what is carried of each."""

from __future__ import annotations

from typing import Any

from coachline.engine.facts import Facts
from coachline.report.blocks import Paragraph, Picture
from coachline.report.chapter import Desk
from coachline.report.chapters import business_pages as chapter
from tests.report.capability_results import businesses, cell, desk_over, matrix, trend


def desk_of(centre: Facts, rows: list[dict[str, Any]], **more: Any) -> Desk:
    cells = [cell("a", row["business"], outcome=row.get("outcome", "resolved"), n=row.get("n", 40)) for row in rows if row.get("n", 40)]
    return desk_over(centre, matrix(cells), businesses(rows), more.get("months", trend([])))


def spec_of(desk: Desk) -> Any:
    return next(block for block in chapter.CHAPTER.blocks(desk) if isinstance(block, Picture)).spec


def answer_of(desk: Desk) -> str:
    return next(block.text for block in chapter.CHAPTER.blocks(desk) if isinstance(block, Paragraph))


def test_the_hard_businesses_are_named_those_with_most_calls_first(centre: Facts) -> None:
    rows = [{"business": name, "n": n, "verdict": verdict} for name, n, verdict in (("甲", 9, "harder"), ("乙", 90, "usual"), ("丙", 50, "harder"), ("丁", 20, "harder"), ("戊", 30, "harder"))]  # fmt: skip
    assert "按解决看，可以确认偏难的业务：「丙」、「戊」、「丁」等 4 项。" in answer_of(desk_of(centre, rows))
    assert "偏难的业务：「丙」。" in answer_of(desk_of(centre, rows[1:3]))


def test_a_long_call_makes_no_business_hard(centre: Facts) -> None:
    rows = [{"business": "甲", "outcome": "handle_time", "verdict": "harder", "estimate": 300.0}, {"business": "甲", "verdict": "usual"}]
    assert answer_of(desk_of(centre, rows)) == "没有能确认偏难的业务。"


def test_families_stand_in_the_order_of_their_calls_and_the_busiest_business_is_open(centre: Facts) -> None:
    rows = [{"business": name, "n": n} for name, n in (("寄递/乙", 10), ("汇款/丙", 30), ("寄递/甲", 15), ("汇款/丁", 5))]
    desk = desk_of(centre, rows)
    spec = spec_of(desk)
    names = desk.stores["capability"]["businesses"]
    assert [(family["name"], [names[b] for b in family["businesses"]]) for family in spec["families"]] == [
        ("汇款", ["汇款/丁", "汇款/丙"]),
        ("寄递", ["寄递/乙", "寄递/甲"]),
    ]
    assert names[spec["first"]] == "汇款/丙"


def test_every_figure_of_a_business_is_on_the_page(centre: Facts) -> None:
    rows = [
        {
            "business": "甲",
            "n": 28364,
            "agents": 40,
            "estimate": 0.8571,
            "low": 0.82,
            "high": 0.89,
            "observed": 0.861,
            "verdict": "unknown",
        },
        {"business": "乙", "n": 100, "verdict": "harder"},
        {"business": "丙", "n": 0, "verdict": "unknown"},
    ]
    desk = desk_of(centre, rows)
    own = spec_of(desk)["difficulty"]["resolved"]
    assert desk.stores["capability"]["businesses"] == ["乙", "甲"]
    assert [own[name][1] for name in ("n", "agents", "e", "l", "h", "observed")] == [28364, 40, 857, 820, 890, 861]
    assert own["v"] == "hu"
