"""Facts of one centre among several: all that is its own, nothing of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from coachline.engine.analyses import ANALYSES, run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.simulated_facts import GIVEN, OTHER, lay_down, with_another
from tests.engine.two_centres import AGENTS, CALLS, two_centres

OWN = "天津中心"


@pytest.fixture(scope="module")
def compute() -> Iterator[DuckDBCompute]:
    compute = DuckDBCompute()
    yield compute
    compute.close()


@pytest.fixture(scope="module")
def alone(simulated_facts: Facts) -> Facts:
    return simulated_facts


@pytest.fixture(scope="module")
def both(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return lay_down(tmp_path_factory.mktemp("both"), with_another(), compute)


@pytest.fixture(scope="module")
def results(simulated_results: Mapping[str, Result]) -> Mapping[str, Result]:
    return simulated_results


@pytest.fixture(scope="module")
def as_the_only_one(alone: Facts) -> Facts:
    return alone.of_centre(OWN)


@pytest.fixture(scope="module")
def among_two(both: Facts) -> Facts:
    return both.of_centre(OWN)


def said(result: Result) -> dict[str, Any]:
    """Everything of a result that figures and words are made of; of rosters what the facts decide, for the rest is how far the search came in its time."""
    if result.provenance.analysis == "roster.plan":
        cover, gains, values = result.polars("cover"), result.polars("gains"), result.values
        return {
            "values": {name: values[name] for name in ("first_day", "days", "people", "businesses", "calls", "wishes")},
            "cover": cover.filter(pl.col("calls") > 0).select("starts_at", "business", "calls", "need").rows(),
            "present": gains.filter(pl.col("compared") == "present", pl.col("measure") != "resolved_more_by_plan").rows(),
            "people": result.polars("people")["agent_id"].to_list(),
        }
    if result.provenance.analysis == "roster.explain":
        return {name: result.table(name).to_pylist() for name in ("conflicts", "unserved")}
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
    whole, own = results[name], run(name, as_the_only_one, GIVEN.get(name, {}))
    assert same(said(whole), said(own))
    assert (whole.provenance.centre, own.provenance.centre) == (None, OWN)
    assert own.provenance.lake == whole.provenance.lake


@pytest.mark.parametrize("name", ANALYSES)
def test_a_centre_gets_from_a_common_lake_what_it_would_get_from_its_own(
    results: Mapping[str, Result], among_two: Facts, name: str
) -> None:
    assert same(said(results[name]), said(run(name, among_two, GIVEN.get(name, {}))))


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


def calls_of(facts: Facts) -> list[int]:
    return sorted(int(number[1:]) for number in facts.collect(facts.table("calls").select("call_id"))["call_id"].to_pylist())


def test_waiting_calls_belong_to_those_who_alone_serve_the_queue(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": CALLS})
    first, second = facts.of_centre("甲"), facts.of_centre("乙")
    assert calls_of(first) == [1, 2, 3, 12]
    assert calls_of(second) == [4, 6, 7, 13]
    assert first.calls_of_no_centre == second.calls_of_no_centre == 6
    notes = {note.code: note.facts for note in run("operations.daily", first, {}).notes}
    assert notes["calls_of_no_centre"] == {"calls": 6, "share": 0.6}
    assert not any(note.code == "calls_of_no_centre" for note in run("operations.daily", facts, {}).notes)


def test_agents_without_a_centre_are_of_the_one_named(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": CALLS})
    assert calls_of(facts.of_centre("甲", default="甲")) == [1, 2, 3, 10, 12]
    assert calls_of(facts.of_centre("乙", default="甲")) == [4, 6, 7, 13]
    # A third one takes calls of the queue that was the first one's.
    assert calls_of(facts.of_centre("丙", default="丙")) == [10]
    assert calls_of(facts.of_centre("甲", default="丙")) == [1, 3, 12]
    assert facts.of_centre("甲", default="丙").rows("agents") == 1


def test_an_unknown_centre_is_told_the_known_ones(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": AGENTS, "calls": CALLS})
    for asked, default, known in (("丙", None, "乙, 甲"), ("丁", "丙", "丙, 乙, 甲"), ("", None, "乙, 甲")):
        with pytest.raises(CoachlineError, match=known) as refused:
            facts.of_centre(asked, default=default)
        assert refused.value.code == "unknown_centre"
    with pytest.raises(CoachlineError):
        facts_of({"calls": CALLS}).of_centre("甲")
    with pytest.raises(CoachlineError):
        facts.of_centre("甲").of_centre("乙")


def test_one_centre_and_people_without_any_are_one_centre(facts_of: FactsOf) -> None:
    facts = facts_of({"agents": [AGENTS[0], AGENTS[2]], "calls": CALLS})
    assert calls_of(facts.of_centre("甲")) == calls_of(facts)
    assert calls_of(facts.of_centre("甲", default="丙")) == [1, 3, 5, 12, 14]
    assert calls_of(facts_of({"calls": CALLS}).of_centre("甲", default="甲")) == calls_of(facts)


def ids(facts: Facts, table: str, column: str) -> list[str]:
    rows: pa.Table = facts.collect(facts.table(table).select(column))
    return sorted(rows[column].to_pylist())


def test_inspections_go_by_their_agent_and_else_by_their_call(facts_of: FactsOf) -> None:
    facts = facts_of(two_centres())
    first, second = facts.of_centre("甲"), facts.of_centre("乙")
    assert ids(first, "inspections", "inspection_id") == ids(first, "inspection_items", "inspection_id") == ["1", "2"]
    assert ids(second, "inspections", "inspection_id") == ids(second, "inspection_items", "inspection_id") == ["6"]


def test_a_call_number_that_two_centres_gave_tells_nothing(facts_of: FactsOf) -> None:
    facts = facts_of(two_centres())
    assert ids(facts.of_centre("甲"), "transcripts", "call_id") == ["C1"]
    assert ids(facts.of_centre("乙"), "transcripts", "call_id") == ["C4"]


@pytest.mark.parametrize("table", ["trainings", "enrolments", "exams", "shifts", "wishes"])
def test_what_is_about_an_agent_goes_by_the_agent(facts_of: FactsOf, table: str) -> None:
    facts = facts_of(two_centres())
    assert ids(facts.of_centre("甲"), table, "agent_id") == ["a"]
    assert ids(facts.of_centre("甲", default="甲"), table, "agent_id") == ["a", "n"]


def test_answers_under_a_name_stay_at_home_and_anonymous_ones_are_everybodys(facts_of: FactsOf) -> None:
    facts = facts_of(two_centres())
    assert ids(facts.of_centre("甲"), "survey_answers", "respondent") == ["R1", "R2", "a"]
    assert ids(facts.of_centre("乙"), "survey_answers", "respondent") == ["R1", "R2", "b"]


def test_mystery_calls_keep_the_ranking_and_name_only_own_people(facts_of: FactsOf) -> None:
    own = facts_of(two_centres()).of_centre("甲")
    table = own.table("mystery_calls")
    found = own.collect(table.select("mystery_id", "agent_id").order_by("mystery_id")).to_pylist()
    assert [row["agent_id"] for row in found] == ["a", None, "unlisted", None, None, None]
    assert own.rows("mystery_calls") == 6 and tuple(table.columns) == tuple(TABLES["mystery_calls"].schema.names)
