"""The pages of agents: what the page carries of each, and what it keeps to itself."""

from __future__ import annotations

import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Paragraph, Picture
from coachline.report.chapter import Desk
from coachline.report.chapters import agent_pages as chapter
from tests.report.capability_results import agents, cell, desk_over, matrix, trend

NAMES = ("80001", "80002", "80003", "80004", "80005")


def picture_on(desk: Desk) -> Picture:
    return next(block for block in chapter.CHAPTER.blocks(desk) if isinstance(block, Picture))


def test_every_figure_of_an_agent_is_on_the_page(centre: Facts) -> None:
    rows = [
        {"agent_id": "80002", "n": 3029, "estimate": 0.6744, "low": 0.659, "high": 0.688, "observed": 0.678, "expected": 0.859, "standard": 0.7749, "verdict": "below", "rank_low": 5, "rank_high": 5},
        {"agent_id": "80001", "verdict": "strong", "rank_low": 1, "rank_high": 3},
    ]  # fmt: skip
    desk = desk_over(centre, matrix([cell(name, "甲") for name in NAMES]), agents(rows), trend([]))
    own = picture_on(desk).spec["overall"]["resolved"]
    assert desk.stores["capability"]["agents"] == list(NAMES)
    assert [own[name][1] for name in ("n", "e", "l", "h", "observed", "expected", "best", "worst")] == [3029, 674, 659, 688, 678, 859, 5, 5]
    assert own["standard"] == 775
    assert (own["v"], own["e"][2:], own["people"]) == ("sbuuu", [None] * 3, 2)


def test_colleagues_are_a_band_and_only_where_they_are_five(centre: Facts) -> None:
    def own(count: int) -> dict[str, object]:
        people = [f"p{number}" for number in range(count)]
        estimates = [{"agent_id": name, "estimate": 0.7 + 0.02 * number} for number, name in enumerate(people)]
        desk = desk_over(centre, matrix([cell(name, "甲") for name in people]), agents(estimates), trend([]))
        return dict(picture_on(desk).spec["overall"]["resolved"])

    assert "peers" not in own(4)
    assert own(5)["peers"] == [708, 740, 772]


def test_months_are_placed_by_agent_and_month_and_what_is_missing_stays_unknown(centre: Facts) -> None:
    points = [
        {"agent_id": "80002", "period": "2026-01", "estimate": 0.7}, {"agent_id": "80002", "period": "2026-03", "estimate": 0.75, "n": 7},
        {"agent_id": "80001", "period": "2026-02", "estimate": 0.9}, {"agent_id": None, "period": "2026-01", "estimate": 0.81},
        {"agent_id": None, "business": "甲", "period": "2026-01", "estimate": 0.1}, {"agent_id": "80001", "business": "甲", "period": "2026-01", "estimate": 0.2},
    ]  # fmt: skip
    desk = desk_over(centre, matrix([cell(name, "甲") for name in NAMES[:2]]), agents([{"agent_id": "80001"}]), trend(points))
    months = picture_on(desk).spec["trend"]
    assert months["months"] == ["2026-01", "2026-02", "2026-03"]
    assert months["outcomes"]["resolved"]["e"] == [None, 9000, None, 7000, None, 7500]
    assert months["outcomes"]["resolved"]["n"] == [None, 40, None, 40, None, 7]
    assert months["centre"]["resolved"]["e"] == [8100, None, None]


def test_one_month_is_no_line(centre: Facts) -> None:
    points = [{"agent_id": "80001", "period": "2026-01"}]
    desk = desk_over(centre, matrix([cell("80001", "甲")]), agents([{"agent_id": "80001"}]), trend(points))
    assert picture_on(desk).spec["trend"] is None


def test_the_table_says_the_same_in_words(centre: Facts) -> None:
    rows = [{"agent_id": "80001", "estimate": 0.8512, "low": 0.84, "high": 0.86, "n": 1200}]
    cells = [cell(name, "甲") for name in NAMES[:2]]
    table = picture_on(desk_over(centre, matrix(cells), agents(rows), trend([]))).table
    assert [row.cells for row in table.rows] == [["80001", "85.1%（84.0% – 86.0%，n = 1,200）"], ["80002", "—"]]


def test_of_a_large_centre_the_busiest_have_a_page_and_that_is_said(centre: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coachline.report.capability.MOST_CELLS", 3)
    cells = [cell(name, "甲", n=100 - number) for number, name in enumerate(reversed(NAMES))]
    desk = desk_over(centre, matrix(cells), agents([{"agent_id": name} for name in NAMES]), trend([]))
    blocks = chapter.CHAPTER.blocks(desk)
    assert desk.stores["capability"]["agents"] == ["80003", "80004", "80005"]
    assert any("通话最多的 3 名坐席（共 5 名）" in block.text for block in blocks if isinstance(block, Paragraph))
