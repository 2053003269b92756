"""Who may see one agent sees no other, and no inspector, in any result; what is said of everybody stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from coachline.engine.analyses import ANALYSES, run
from coachline.engine.facts import Facts
from coachline.engine.people import MEMBER, MEMBER_KINDS, MEMBER_SAID_BY, can_name, named_by
from coachline.engine.result import Check, Findings, Note, Provenance, Result
from coachline.report.chapter import NothingToShow
from coachline.stored import load_result, narrow, save_result
from tests.engine.simulated_facts import simulated


@pytest.fixture(scope="module")
def facts(simulated_facts: Facts) -> Facts:
    return simulated_facts


@pytest.fixture(scope="module")
def results(simulated_results: Mapping[str, Result]) -> Mapping[str, Result]:
    return simulated_results


@pytest.fixture(scope="module")
def people() -> frozenset[str]:
    """Everybody of whom the simulated centre knows."""
    tables, columns = (
        simulated(),
        (("agents", "agent_id"), ("inspections", "inspector_id"), ("trainings", "trainer_id"), ("mystery_calls", "caller")),
    )
    return frozenset(name for table, column in columns for name in tables[table][column].to_pylist() if name)


@pytest.fixture(scope="module")
def teams() -> frozenset[str]:
    return frozenset(simulated()["agents"]["team"].to_pylist())


def said(result: Result) -> str:
    """All texts of a result."""
    tables = {name: table.to_pydict() for name, table in result.tables.items()}
    return repr((dict(result.values), tables, result.checks, result.notes, dict(result.provenance.parameters)))


def told(result: Result, names: frozenset[str]) -> set[str]:
    return set(re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names)))})(?!\w)", said(result)))


@pytest.mark.parametrize("name", ANALYSES)
def test_nobody_else_is_named(
    results: Mapping[str, Result], people: frozenset[str], teams: frozenset[str], tmp_path: Path, name: str
) -> None:
    save_result(results[name], tmp_path / "run")
    of = {row["agent_id"]: row["team"] for row in simulated()["agents"].to_pylist()}
    inspectors = set(simulated()["inspections"]["inspector_id"].to_pylist())
    for whole in (results[name], load_result(tmp_path / "run")):
        for one in sorted(of.keys() - inspectors)[::3]:
            seen = narrow(whole, {one})
            assert told(seen, people) <= {one}
            # An agent's own profile names their team.
            assert told(seen, teams) <= {of[one]}
        assert told(narrow(whole, set()), people | teams) == set()


def test_the_search_would_find_people(results: Mapping[str, Result], people: frozenset[str], teams: frozenset[str]) -> None:
    naming = {name for name, result in results.items() if len(told(result, people)) > 1}
    assert naming >= {
        "operations.hours",
        "quality.severity",
        "quality.items",
        "quality.sample",
        "quality.audit",
        "quality.mystery",
        "quality.agreement",
    }
    assert {name for name, result in results.items() if told(result, teams)} >= {
        "operations.causes",
        "operations.intervals",
        "quality.scores",
    }


@pytest.mark.parametrize("name", ANALYSES)
def test_no_result_holds_a_customer(results: Mapping[str, Result], name: str) -> None:
    """So an erased customer is in no stored result."""
    customers = {customer for customer in simulated()["calls"]["customer_id"].to_pylist() if customer}
    assert len(customers) > 1000
    assert not customers & set(re.findall(r"\w+", said(results[name])))


@pytest.mark.parametrize("name", ANALYSES)
def test_everybody_sees_all_where_all_may_be_seen(
    results: Mapping[str, Result], people: frozenset[str], teams: frozenset[str], name: str
) -> None:
    seen = narrow(results[name], people, teams)
    about_others = {
        "quality.severity": {"severity", "months"},
        "quality.items": {"remedies"},
        "quality.agreement": {"inspectors"},
        "quality.sample": {"inspectors"},
        # A training may have been that of one person alone.
        "training.effect": {"effect"},
        "training.exams": {"papers"},
    }
    assert set(results[name].tables) - set(seen.tables) == about_others.get(name, set())
    assert dict(seen.values) == dict(results[name].values) and seen.checks == results[name].checks and seen.notes == results[name].notes
    for table in set(seen.tables) - {"audit"}:
        assert seen.tables[table].num_rows == results[name].tables[table].num_rows


@pytest.mark.parametrize("name", ANALYSES)
def test_every_column_says_whom_it_names(results: Mapping[str, Result], name: str) -> None:
    """A column that is not declared hides its table from all who may not see everybody: declare it in `coachline.engine.people`."""
    for table, rows in results[name].tables.items():
        unknown = [field.name for field in rows.schema if can_name(field.type) and field.name != MEMBER and named_by(field.name) is None]
        assert not unknown, table
        if MEMBER in rows.schema.names:
            said_by = next((column for column in MEMBER_SAID_BY if column in rows.schema.names), None)
            assert said_by is None or set(rows[said_by].to_pylist()) <= set(MEMBER_KINDS)


def result_of(tables: Mapping[str, pa.Table], name: str = "made.up", **more: Any) -> Result:
    parameters = more.pop("parameters", {})
    return Result.of(Findings(tables, **more), Provenance(name, "1", parameters, {}, "x", "y", 1.0))


def test_rows_of_others_go_and_those_of_nobody_stay() -> None:
    table = pa.table({"agent_id": ["a", "b", None, "a"], "n": [1, 2, 3, 4]})
    assert narrow(result_of({"t": table}), {"a"}).table()["n"].to_pylist() == [1, 3, 4]
    assert narrow(result_of({"t": table}), {"a", "b"}).table()["n"].to_pylist() == [1, 2, 3, 4]
    assert narrow(result_of({"t": table.slice(0, 2)}), {"c"}).table().num_rows == 0


def test_others_beside_an_agent_are_blanked() -> None:
    table = pa.table({"agent_id": ["a", "b"], "inspector_id": ["q", "b"], "call_id": ["1", "2"], "business": ["x", "y"]})
    assert narrow(result_of({"t": table}), {"a"}).table().to_pylist() == [
        {"agent_id": "a", "inspector_id": None, "call_id": "1", "business": "x"}
    ]
    assert narrow(result_of({"t": table}), {"b"}).table()["inspector_id"].to_pylist() == ["b"]


@pytest.mark.parametrize(
    "columns",
    [
        {"inspector_id": ["q"]},
        {"trainer_id": ["q"], "n": [1]},
        {"call_id": ["1"]},
        {"inspection_id": ["1"], "item": ["x"]},
        {"agent_id": ["a"], "mentor": ["b"]},
        {"mentor": ["b"]},
        {"member": ["b"], "n": [1]},
        {"agent_id": pa.array([["a", "b"]])},
        {"agent_id": ["a"], "peers": pa.array([["b"]])},
    ],
    ids=",".join,
)
def test_tables_that_cannot_be_narrowed_are_left_out(columns: dict[str, Any]) -> None:
    harmless = pa.table({"business": ["x"], "n": [1]})
    seen = narrow(result_of({"t": pa.table(columns), "u": harmless}), {"a"})
    assert list(seen.tables) == ["u"] and "t" not in seen.tables and len(seen.tables) == 1
    assert seen.tables["u"] == harmless
    with pytest.raises(NothingToShow):
        seen.table("t")


def test_a_table_with_two_columns_of_one_name_is_left_out() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["agent_id", "agent_id"])
    assert not narrow(result_of({"t": table}), {"a"}).tables


def test_a_member_is_what_another_column_says() -> None:
    kinds = ["agent", "agent", "team", "team", "team", "business", "inspector", "mystery", None]
    members = ["a", "b", "一班", "二班", None, "x", "q", "?", "?"]
    result = result_of({"t": pa.table({"dimension": kinds, "member": members})})
    assert narrow(result, {"a"}).table()["member"].to_pylist() == ["a", None, "x"]
    assert narrow(result, set(), teams={"二班"}).table()["member"].to_pylist() == ["二班", None, "x"]


def test_rows_of_teams() -> None:
    result = result_of({"t": pa.table({"team": ["一班", "二班", None], "n": [1, 2, 3]})})
    assert narrow(result, {"a"}).table()["n"].to_pylist() == [3]
    assert narrow(result, {"a"}, {"一班"}).table()["n"].to_pylist() == [1, 3]


def test_values_checks_and_notes_that_may_name_somebody_are_left_out() -> None:
    result = result_of(
        {},
        values={"agents": 3, "share": 0.5, "first_day": "2026-03-01", "worst_agent": "b", "nothing": None},
        checks=(Check("c", True, 1.0, {"outcome": "resolved"}), Check("d", False, None, {"who": "b"})),
        notes=(
            Note("n", {"calls": 3, "day": date(2026, 3, 1)}),
            Note("one_inspector_only", {"inspector": "q"}),
            Note("o", {"list": ("b",)}),
        ),
    )
    seen = narrow(result, {"a"})
    assert dict(seen.values) == {"agents": 3, "share": 0.5, "first_day": "2026-03-01", "nothing": None}
    assert [check.code for check in seen.checks] == ["c"] and [note.code for note in seen.notes] == ["n"]


def test_an_example_of_an_item_is_not_an_example_of_a_person() -> None:
    notes = (Note("rare_faults_lower_alpha", {"items": 1, "example": "礼貌"}), Note("another", {"example": "b"}))
    assert [note.code for note in narrow(result_of({}, notes=notes), set()).notes] == ["rare_faults_lower_alpha"]


def test_a_result_about_one_other_agent_says_nothing(facts: Facts) -> None:
    one, other = simulated()["agents"]["agent_id"].to_pylist()[:2]
    result = run("capability.profile", facts, {"agent": other})
    seen = narrow(result, {one})
    assert dict(seen.values) == {} and seen.checks == () == seen.notes and seen.provenance.parameters["agent"] is None
    assert list(seen.tables) == ["profile"] and seen.table().num_rows == 0
    own = narrow(result, {other})
    assert own.provenance.parameters["agent"] == other and own.table().num_rows > 0 and own.values == result.values


def test_the_whole_result_is_untouched(results: Mapping[str, Result]) -> None:
    result = results["operations.hours"]
    rows = result.table().num_rows
    first = narrow(result, {"nobody"})
    assert first.table().num_rows == 0 and first.table() is first.table()
    assert result.table().num_rows == rows
