"""Facts of one centre among several: all that is its own, nothing of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from coachline.engine.analyses import ANALYSES, run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.simulated_facts import OTHER, lay_down, simulated, with_another

OWN = "天津中心"


@pytest.fixture(scope="module")
def compute() -> Iterator[DuckDBCompute]:
    compute = DuckDBCompute()
    yield compute
    compute.close()


@pytest.fixture(scope="module")
def alone(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return lay_down(tmp_path_factory.mktemp("alone"), simulated(), compute)


@pytest.fixture(scope="module")
def both(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return lay_down(tmp_path_factory.mktemp("both"), with_another(), compute)


@pytest.fixture(scope="module")
def results(alone: Facts) -> Mapping[str, Result]:
    return {name: run(name, alone, {}) for name in ANALYSES}


@pytest.fixture(scope="module")
def as_the_only_one(alone: Facts) -> Facts:
    return alone.of_centre(OWN)


@pytest.fixture(scope="module")
def among_two(both: Facts) -> Facts:
    return both.of_centre(OWN)


def said(result: Result) -> dict[str, Any]:
    """Everything of a result that figures and words are made of."""
    return {
        "values": dict(result.values),
        "tables": {name: table.to_pylist() for name, table in result.tables.items()},
        "checks": result.checks,
        "notes": result.notes,
    }


def same(one: Any, other: Any) -> bool:
    """Whether two answers agree, sums of floats up to the order in which an engine adds."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-6, abs=1e-9, nan_ok=True)
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if hasattr(one, "code"):
        return same(vars(one), vars(other))
    return bool(one == other)


@pytest.mark.parametrize("name", ANALYSES)
def test_where_there_is_one_centre_its_facts_are_all_facts(results: Mapping[str, Result], as_the_only_one: Facts, name: str) -> None:
    whole, own = results[name], run(name, as_the_only_one, {})
    assert same(said(whole), said(own))
    assert (whole.provenance.centre, own.provenance.centre) == (None, OWN)
    assert own.provenance.lake == whole.provenance.lake


@pytest.mark.parametrize("name", ANALYSES)
def test_a_centre_gets_from_a_common_lake_what_it_would_get_from_its_own(
    results: Mapping[str, Result], among_two: Facts, name: str
) -> None:
    assert same(said(results[name]), said(run(name, among_two, {})))


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_lost_and_none_comes_from_elsewhere(alone: Facts, both: Facts, table: str) -> None:
    own = both.of_centre(OWN)
    assert own.rows(table) == alone.rows(table) == own.collect(own.table(table).count().as_table()).column(0)[0].as_py()
    assert own.has(table) == alone.has(table)
    rows = own.collect(own.table(table))
    if table != "mystery_calls":
        assert OTHER not in str(rows.to_pylist())
    else:
        assert OTHER not in str(rows["agent_id"].to_pylist()) and any(rows["agent_id"].to_pylist())


def test_the_search_for_other_ids_would_find_them(both: Facts) -> None:
    assert OTHER in str(said(run("quality.scores", both, {})))
    assert f"{OTHER}80" in str(said(run("quality.scores", both.of_centre(OTHER), {})))


def test_every_row_of_the_group_is_somebodys(both: Facts) -> None:
    own, other = both.of_centre(OWN), both.of_centre(OTHER)
    assert own.calls_of_no_centre == other.calls_of_no_centre == both.calls_of_no_centre == 0
    for table in set(TABLES) - {"businesses", "mystery_calls"}:
        assert own.rows(table) + other.rows(table) == both.rows(table), table


AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def call(number: int, agent: str | None, queue: str | None = None, business: str | None = None, **more: Any) -> dict[str, Any]:
    outcome = "abandoned" if agent is None else "answered"
    return {"call_id": f"C{number}", "arrived_at": AT, "agent_id": agent, "queue": queue, "business": business, "outcome": outcome, **more}


AGENTS = [{"agent_id": "a", "centre": "甲"}, {"agent_id": "b", "centre": "乙"}, {"agent_id": "n", "centre": None}]

SHARED_QUEUES = [
    call(1, "a", "只有甲"),
    call(2, None, "只有甲"),
    call(3, "a", "共用"),
    call(4, "b", "共用"),
    call(5, None, "共用"),
    call(6, "b", None, "业务乙"),
    call(7, None, None, "业务乙"),
    call(8, None, "没人接", "业务乙"),
    call(9, None, None, None),
    call(10, "n", "只有甲"),
    call(11, "x", "只有甲"),
    call(12, "a", "共用", "业务共"),
    call(13, "b", "共用", "业务共"),
    call(14, None, None, "业务共"),
]


def calls_of(facts: Facts) -> list[int]:
    return sorted(int(number[1:]) for number in facts.collect(facts.table("calls").select("call_id"))["call_id"].to_pylist())


def test_waiting_calls_belong_to_those_who_alone_serve_the_queue(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": SHARED_QUEUES})
    first, second = facts.of_centre("甲"), facts.of_centre("乙")
    assert calls_of(first) == [1, 2, 3, 12]
    assert calls_of(second) == [4, 6, 7, 13]
    assert first.calls_of_no_centre == second.calls_of_no_centre == 6
    notes = {note.code: note.facts for note in run("operations.daily", first, {}).notes}
    assert notes["calls_of_no_centre"] == {"calls": 6, "share": 0.6}
    assert not any(note.code == "calls_of_no_centre" for note in run("operations.daily", facts, {}).notes)


def test_agents_without_a_centre_are_of_the_one_named(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": SHARED_QUEUES})
    assert calls_of(facts.of_centre("甲", default="甲")) == [1, 2, 3, 10, 12]
    assert calls_of(facts.of_centre("乙", default="甲")) == [4, 6, 7, 13]
    # A third one takes calls of the queue that was the first one's.
    assert calls_of(facts.of_centre("丙", default="丙")) == [10]
    assert calls_of(facts.of_centre("甲", default="丙")) == [1, 3, 12]
    assert facts.of_centre("甲", default="丙").rows("agents") == 1


def test_an_unknown_centre_is_told_the_known_ones(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": SHARED_QUEUES})
    for asked, default, known in (("丙", None, "乙, 甲"), ("丁", "丙", "丙, 乙, 甲"), ("", None, "乙, 甲")):
        with pytest.raises(CoachlineError, match=known) as refused:
            facts.of_centre(asked, default=default)
        assert refused.value.code == "unknown_centre"
    with pytest.raises(CoachlineError):
        facts_of({"calls": SHARED_QUEUES}).of_centre("甲")
    with pytest.raises(CoachlineError):
        facts.of_centre("甲").of_centre("乙")


def test_one_centre_and_people_without_any_are_one_centre(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": [AGENTS[0], AGENTS[2]], "calls": SHARED_QUEUES})
    assert calls_of(facts.of_centre("甲")) == calls_of(facts)
    assert calls_of(facts.of_centre("甲", default="丙")) == [1, 3, 5, 12, 14]
    assert calls_of(facts_of({"calls": SHARED_QUEUES}).of_centre("甲", default="甲")) == calls_of(facts)


def inspection(number: str, call_id: str | None, agent: str | None) -> dict[str, Any]:
    return {"inspection_id": number, "call_id": call_id, "agent_id": agent, "inspector_id": "q", "inspected_at": AT, "score": 90.0}


def ids(facts: Facts, table: str, column: str) -> list[str]:
    rows: pa.Table = facts.collect(facts.table(table).select(column))
    return sorted(rows[column].to_pylist())


def test_inspections_go_by_their_agent_and_else_by_their_call(facts_of: FactsOf) -> None:
    twice = call(2, "b", "共用", source="another system")
    inspected = [
        inspection("1", "C4", "a"),
        inspection("2", "C1", "typo"),
        inspection("3", "C2", None),
        inspection("4", "C99", "typo"),
        inspection("5", None, "typo"),
        inspection("6", "C4", None),
        inspection("7", "C1", "n"),
    ]
    items = [{"inspection_id": row["inspection_id"], "item": "礼貌", "points": 5.0, "max_points": 5.0} for row in inspected]
    spoken = [{"call_id": f"C{number}", "turn": 0, "text": "您好"} for number in (1, 2, 4, 5, 99)]
    facts = facts_of(
        {"agents": AGENTS, "calls": [*SHARED_QUEUES, twice], "inspections": inspected, "inspection_items": items, "transcripts": spoken}
    )
    first, second = facts.of_centre("甲"), facts.of_centre("乙")
    assert ids(first, "inspections", "inspection_id") == ids(first, "inspection_items", "inspection_id") == ["1", "2"]
    assert ids(second, "inspections", "inspection_id") == ids(second, "inspection_items", "inspection_id") == ["6"]
    # Number C2 was given twice, by the systems of two centres.
    assert ids(first, "transcripts", "call_id") == ["C1"]
    assert ids(second, "transcripts", "call_id") == ["C4"]


def test_answers_under_a_name_stay_at_home_and_anonymous_ones_are_everybodys(facts_of: FactsOf) -> None:
    def answer(survey: str, respondent: str) -> dict[str, Any]:
        return {"survey": survey, "respondent": respondent, "question": "Q1", "choice": "是"}

    answers = [answer("匿名", "R1"), answer("匿名", "R2"), answer("实名", "a"), answer("实名", "b"), answer("实名", "left long ago")]
    facts = facts_of({"agents": AGENTS, "survey_answers": answers})
    assert ids(facts.of_centre("甲"), "survey_answers", "respondent") == ["R1", "R2", "a"]
    assert ids(facts.of_centre("乙"), "survey_answers", "respondent") == ["R1", "R2", "b"]


def test_mystery_calls_keep_the_ranking_and_name_only_own_people(facts_of: FactsOf) -> None:
    def asked(number: int, centre: str, agent: str | None) -> dict[str, Any]:
        return {
            "mystery_id": str(number),
            "centre": centre,
            "agent_id": agent,
            "called_at": AT,
            "item": "礼貌",
            "points": 4.0,
            "max_points": 5.0,
        }

    rows = [
        asked(1, "甲", "a"),
        asked(2, "乙", "b"),
        asked(3, "甲", "unlisted"),
        asked(4, "乙", "unlisted"),
        asked(5, "甲", "b"),
        asked(6, "丙", None),
    ]
    own = facts_of({"agents": AGENTS, "mystery_calls": rows}).of_centre("甲")
    found = own.collect(own.table("mystery_calls").select("mystery_id", "agent_id").order_by("mystery_id")).to_pylist()
    assert [row["agent_id"] for row in found] == ["a", None, "unlisted", None, None, None]
    assert (
        own.rows("mystery_calls") == 6
        and own.table("mystery_calls").columns == own.table("mystery_calls").select(*TABLES["mystery_calls"].schema.names).columns
    )
