"""The map of people and businesses: what is shown of a large centre, in which order, and what it must not say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.blocks import Block, Paragraph, Picture
from coachline.report.capability import MOST_CELLS
from coachline.report.chapter import Desk
from coachline.report.chapters import matrix as chapter
from coachline.report.page import embedded
from coachline.wording import Wording
from tests.report.capability_results import cell, desk_over, matrix
from tests.report.conftest import ZONE


def blocks_of(centre: Facts, rows: Sequence[dict[str, Any]], **more: Any) -> Sequence[Block]:
    return chapter.CHAPTER.blocks(desk_over(centre, matrix(rows, **more)))


def picture_of(blocks: Sequence[Block]) -> Picture:
    return next(block for block in blocks if isinstance(block, Picture))


def said(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def drawn(centre: Facts, rows: Sequence[dict[str, Any]]) -> tuple[list[list[str]], list[list[str]]]:
    """Names of the agents by group and of the businesses by family, as the map stands."""
    desk = desk_over(centre, matrix(rows))
    spec = picture_of(chapter.CHAPTER.blocks(desk)).spec
    store = desk.stores[spec["store"]]
    people = [[store["agents"][a] for a in group["agents"]] for group in spec["people"]]
    return people, [[store["businesses"][b] for b in group["businesses"]] for group in spec["families"]]


def test_a_large_centre_is_cut_to_the_most_voluminous_and_says_so(centre: Facts) -> None:
    generator = np.random.default_rng(1)
    rows = [
        cell(f"a{a:03d}", f"k{k:02d}", n=int((90 - a) * (55 - k) + generator.integers(3)), estimate=0.7 + 0.001 * a)
        for a in range(90)
        for k in range(55)
    ]
    people, businesses = drawn(centre, rows)
    assert {name for group in people for name in group} == {f"a{a:03d}" for a in range(60)}
    assert businesses == [[f"k{k:02d}" for k in range(40)]]
    shown = sum(row["n"] for row in rows if row["agent_id"] < "a060" and row["business"] < "k40") / sum(row["n"] for row in rows)
    assert f"60 人（共 90 人）和 40 项业务（共 55 项），占全部通话的 {shown:.1%}" in said(blocks_of(centre, rows))


def test_nothing_is_said_of_a_cut_where_there_is_none(centre: Facts) -> None:
    assert "只显示" not in said(blocks_of(centre, [cell("a", "甲"), cell("b", "甲", estimate=0.7)]))


def test_those_who_do_the_same_work_stand_together_and_the_busiest_family_first(centre: Facts) -> None:
    main = {"a": "寄递", "b": "汇款", "c": "寄递", "d": "汇款", "e": "寄递"}
    rows = [
        cell(agent, f"{family}/{kind}", n=90 if family == main[agent] else 5)
        for agent in main
        for family in ("汇款", "寄递")
        for kind in "乙甲"
    ]
    people, businesses = drawn(centre, rows)
    assert [set(group) for group in people] == [{"a", "c", "e"}, {"b", "d"}]
    assert businesses == [["寄递/乙", "寄递/甲"], ["汇款/乙", "汇款/甲"]]


def test_neighbours_have_the_same_strengths(centre: Facts) -> None:
    """Two sorts of people, mixed in the data: after the order each sort stands in one piece."""
    rows = [
        cell(f"p{number}", business, estimate=0.75 + (0.1 if (number % 2 == 0) == (business < "丙") else -0.1) + 0.001 * number)
        for number in range(12)
        for business in ("一", "丁", "丙", "七")
    ]
    ((order,), _) = drawn(centre, rows)
    sorts = [int(name[1:]) % 2 for name in order]
    assert sorts == sorted(sorts) or sorts == sorted(sorts, reverse=True)


def test_every_cell_of_the_page_is_the_cell_of_the_matrix(centre: Facts) -> None:
    rows = [
        cell("x", "甲", n=435, estimate=0.7174, low=0.654, high=0.7806, standard=0.8, p_below=0.987, verdict="below", certainty=0.83),
        cell("y", "甲", n=6, estimate=0.81, verdict="unknown"),
        cell("y", "乙", n=0, raw=None, estimate=0.79, standard=0.7, verdict="unknown"),
        cell("x", "乙", n=9, standard=0.7, verdict="meets"),
        cell("x", "甲", outcome="transferred", n=435, estimate=0.1, standard=0.2, verdict="strong"),
        cell(
            "x", "甲", outcome="handle_time", n=430, estimate=182.4, low=180.0, high=185.0, standard=None, p_below=None, verdict="unknown"
        ),
    ]
    desk = desk_over(centre, matrix(rows))
    chapter.CHAPTER.blocks(desk)
    store = desk.stores["capability"]
    assert (store["agents"], store["businesses"]) == (["x", "y"], ["乙", "甲"])
    part = store["outcomes"]["resolved"]
    assert (part["starts"], part["b"], part["n"], part["v"]) == ([0, 2, 4], [0, 1, 0, 1], [9, 435, 0, 6], "mbuu")
    assert [part[name][1] for name in "elhpc"] == [717, 654, 781, 99, 83]
    assert part["standard"] == [700, 800]
    assert store["outcomes"]["transferred"]["sign"] == -1
    assert store["outcomes"]["transferred"]["starts"] == [0, 1, 1]
    time = store["outcomes"]["handle_time"]
    assert (time["e"], time["standard"], "v" in time, "p" in time) == ([182], [None, None], False, False)


def test_a_band_of_colleagues_needs_five_of_them(centre: Facts) -> None:
    rows = [cell(f"p{number}", "甲", estimate=0.7 + 0.01 * number) for number in range(5)] + [cell(f"p{n}", "乙") for n in range(4)]
    desk = desk_over(centre, matrix(rows))
    chapter.CHAPTER.blocks(desk)
    assert desk.stores["capability"]["outcomes"]["resolved"]["peers"] == [[None, 704], [None, 736]]


def test_the_index_comes_first_then_the_outcomes_that_have_a_better_side(centre: Facts) -> None:
    codes = ("handle_time", "transferred", "index", "satisfied", "resolved")
    rows = [cell(agent, "甲", outcome=code, estimate=0.7 + 0.1 * number) for code in codes for number, agent in enumerate("ab")]
    spec = picture_of(blocks_of(centre, rows)).spec
    assert [outcome["code"] for outcome in spec["outcomes"]] == ["index", "resolved", "satisfied", "transferred"]


@pytest.mark.parametrize(("far", "full"), [(0.02, 20), (0.021, 30), (0.09, 100), (0.0999, 100), (0.3, 300)])
def test_the_scale_ends_at_a_round_figure_beyond_nine_of_ten_cells(centre: Facts, far: float, full: float) -> None:
    rows = [cell(f"p{number}", "甲", estimate=0.5 + (far if number % 2 else -far), standard=0.5) for number in range(20)]
    assert picture_of(blocks_of(centre, rows)).spec["outcomes"] == [{"code": "resolved", "reach": full}]


def test_counts_of_the_caption(centre: Facts) -> None:
    verdicts = ["strong", "below", "below", "unknown", "meets"]
    rows = [cell(f"p{number}", "甲", verdict=verdict) for number, verdict in enumerate(verdicts)] + [
        cell("p0", "乙", n=0, verdict="unknown")
    ]
    assert picture_of(blocks_of(centre, [*rows, cell("p1", "乙")])).caption == (
        "解决：办过的 6 格中，1 格突出，2 格待提升，2 格证据不足；另有 4 格没有办过。"
    )


def test_where_people_cannot_be_told_apart_nobody_is_named(centre: Facts) -> None:
    rows = [cell(agent, "甲", outcome=outcome) for agent in "ab" for outcome in ("resolved", "satisfied")]
    blocks = blocks_of(centre, rows, alike=("resolved", "satisfied"))
    assert [type(block) for block in blocks] == [Paragraph]
    assert "没有可分辨的差异" in said(blocks)
    assert "解决、满意" in said(blocks)


def test_an_outcome_without_differences_is_told_and_not_offered(centre: Facts) -> None:
    rows = [cell(agent, "甲", outcome=outcome) for agent in "ab" for outcome in ("resolved", "satisfied")]
    blocks = blocks_of(centre, rows, alike=("resolved",))
    assert [outcome["code"] for outcome in picture_of(blocks).spec["outcomes"]] == ["satisfied"]
    assert "按解决看，人与人之间没有可分辨的差异" in said(blocks)


def test_a_full_page_is_small_enough_for_an_old_computer(centre: Facts) -> None:
    generator = np.random.default_rng(3)
    rows = [
        cell(f"{80000 + a}", f"家族{k % 9}/查询/业务{k:03d}", n=int(generator.integers(1, 5000)), **dict(zip(
            ("low", "estimate", "high"), np.sort(generator.random(3)), strict=True)), p_below=generator.random(), certainty=generator.random())
        for a in range(40)
        for k in range(100)
    ]  # fmt: skip
    desk = desk_over(centre, matrix(rows))
    chapter.CHAPTER.blocks(desk)
    per_cell = len(embedded(desk.stores)) / len(rows)
    assert per_cell * MOST_CELLS < 10_000_000


def test_a_matrix_too_large_with_what_was_never_seen_is_shown_without(centre: Facts) -> None:
    asked = []

    def run(name: str, **parameters: Any) -> Result:
        asked.append(parameters)
        if parameters.get("unseen", True):
            raise CoachlineError("too_many_cells", agents=20_000, businesses=1_000, most=40_000_000)
        return matrix([cell("a", "甲"), cell("b", "甲", estimate=0.7)])

    desk = Desk(run, centre, Wording("zh"), None, None, datetime(2026, 3, 2, tzinfo=ZONE))
    assert picture_of(chapter.CHAPTER.blocks(desk)).spec["people"] != []
    assert [parameters.get("unseen", True) for parameters in asked] == [True, False]
    assert len(desk.all_results) == 1


def test_a_page_carries_the_busiest_agents_only(centre: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coachline.report.capability.MOST_CELLS", 7)
    rows = [cell(f"p{number}", business, n=100 - number) for number in range(5) for business in "甲乙丙"]
    desk = desk_over(centre, matrix(rows))
    assert desk.capability.agents == ["p0", "p1"]
