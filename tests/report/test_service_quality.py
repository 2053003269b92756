"""The chapter on satisfaction and resolution: its answer, what is solid and what is orange, and what it says where it can say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.analyses import run as run_analysis
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.report.blocks import Paragraph, Picture
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import service_quality
from coachline.wording import Wording
from tests.conftest import FactsOf
from tests.report.conftest import ZONE


def desk_over(facts: Facts, language: str = "zh") -> Desk:
    def run(name: str, **given: Any) -> Result:
        return run_analysis(name, facts, given)

    return Desk(run, facts, Wording(language), None, None, datetime(2026, 4, 2, tzinfo=ZONE))


def calls_of(shares: dict[str, tuple[float, float]], n: int = 400, **fields: Any) -> list[dict[str, Any]]:
    first = datetime(2026, 3, 2, tzinfo=UTC)
    return [
        {
            "call_id": f"{agent}-{number}",
            "arrived_at": first + timedelta(hours=number),
            "outcome": "answered",
            "agent_id": agent,
            "rating": 5 if number < n * satisfied else 1,
            "resolved": number < n * resolved,
            **fields,
        }
        for agent, (satisfied, resolved) in shares.items()
        for number in range(n)
    ]


def agents() -> dict[str, tuple[float, float]]:
    """Thirty ordinary agents around (0.9, 0.8); "polite" satisfies and does not resolve, "solver" the other way round."""
    rng = np.random.default_rng(1)
    ordinary = {f"a{n:02d}": (0.9 + rng.normal(0, 0.02), 0.8 + rng.normal(0, 0.03)) for n in range(30)}
    return {**ordinary, "polite": (0.99, 0.6), "solver": (0.8, 0.95)}


def built(facts: Facts, language: str = "zh") -> tuple[list[str], list[Picture]]:
    blocks = service_quality.CHAPTER.blocks(desk_over(facts, language))
    return [b.text for b in blocks if isinstance(b, Paragraph)], [b for b in blocks if isinstance(b, Picture)]


def test_the_answer_counts_and_says_how_many_are_sure(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": calls_of(agents())})
    texts, pictures = built(facts, "en")
    values = run_analysis("capability.correlation", facts, {}).values
    above, unresolved, surely = (
        values[name] for name in ("above_mean_satisfaction", "above_satisfaction_below_resolution", "surely_satisfied_unresolved")
    )
    assert texts[0].startswith(f"{above} of 32 agents")
    assert f"{unresolved} of these {above}" in texts[0]
    assert f"Only {surely} of them surely so" in texts[0]
    assert isinstance(surely, int)
    assert isinstance(unresolved, int)
    assert 1 <= surely < unresolved
    spec = pictures[0].spec
    polite = [point for point in spec["points"] if point["look"]]
    assert [point["tip"][0] for point in polite if point["tip"][0] == "polite"] == ["polite"]
    assert len(polite) == surely
    assert all(point["sure"] for point in polite)
    assert any(not point["sure"] for point in spec["points"])
    assert [count for _, count in spec["corners"]][3] == f"{unresolved} (sure {surely})"


def test_the_table_says_the_same_and_names_nobody_by_rank(facts_of: FactsOf) -> None:
    _, pictures = built(facts_of({"calls": calls_of(agents())}))
    rows = pictures[0].table.rows
    marked = [row.cells[0] for row in rows if row.mark]
    assert "polite" in marked
    assert [row.cells[0] for row in rows[: len(marked)]] == sorted(marked)
    by_agent = {row.cells[0]: row.cells for row in rows}
    assert by_agent["polite"][6:9:2] == ["满意但解决偏低", "满意但解决偏低"]
    assert "证据不足" in {cells[8] for cells in by_agent.values()}


def test_correlations_are_drawn_raw_and_without_chance(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(3)
    spread = {f"a{n:02d}": (0.9 + rng.uniform(-0.06, 0.06), 0.8 + rng.uniform(-0.08, 0.08)) for n in range(50)}
    _, pictures = built(facts_of({"calls": calls_of(spread)}))
    [relations] = pictures[1:]
    [row] = relations.spec["rows"]
    assert row["name"] == "满意率与解决率"
    assert row["raw"][1] <= row["raw"][0] <= row["raw"][2]
    assert row["better"][1] <= row["better"][0] <= row["better"][2]


def test_where_nothing_can_be_said_no_value_is_drawn(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(2)
    same = calls_of({f"a{n:02d}": (0.9, 0.8) for n in range(20)}, 60)
    for row in same:
        row["rating"], row["resolved"] = (5 if rng.random() < 0.9 else 1), bool(rng.random() < 0.8)
    texts, pictures = built(facts_of({"calls": same}))
    [row] = pictures[1].spec["rows"]
    assert row["better"] is None
    assert row["raw"] is not None
    assert pictures[1].table.rows[0].cells[2] == "证据不足"
    assert not any(point["sure"] for point in pictures[0].spec["points"])
    assert any("重复来电" in text for text in texts[1:]), "why nothing is said about repeats"


def test_equal_agents_and_none_at_all(facts_of: FactsOf) -> None:
    texts, _ = built(facts_of({"calls": calls_of({"a": (0.9, 0.8), "b": (0.9, 0.8)}, 50)}), "en")
    assert texts[0].startswith("None of 2 agents")
    with pytest.raises(NothingToShow):
        service_quality.CHAPTER.blocks(desk_over(facts_of({"calls": calls_of({"a": (0.9, 0.8)}, 5, resolved=None)})))
