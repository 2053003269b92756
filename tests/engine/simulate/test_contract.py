"""The simulated tables keep the contract: columns, types, keys, limits and every rule."""

from __future__ import annotations

import ibis
import polars as pl
import pyarrow.compute as pc
import pytest

from coachline.engine.simulate import SimulatedCentre
from coachline.engine.tables import TABLES
from coachline.engine.tables.kinds import Choice


def test_every_table_of_the_contract_is_there_and_holds_rows(centre: SimulatedCentre) -> None:
    assert list(centre.tables) == list(TABLES)
    assert all(table.num_rows > 0 for table in centre.tables.values())


@pytest.mark.parametrize("name", TABLES)
def test_columns_and_types(centre: SimulatedCentre, name: str) -> None:
    assert list(centre.tables[name].schema) == [f for f in TABLES[name].schema if f.name not in ("source", "loaded_at")]


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique_and_required_columns_full(centre: SimulatedCentre, name: str) -> None:
    table, declared = centre.tables[name], TABLES[name]
    key = [k for k in declared.key if k != "source"]
    assert pl.DataFrame(table.select(key)).is_duplicated().sum() == 0
    for column in declared.columns:
        if column.required and column.name != "source":
            assert table[column.name].null_count == 0, column.name


@pytest.mark.parametrize("name", TABLES)
def test_no_value_is_impossible_or_doubtful(centre: SimulatedCentre, name: str) -> None:
    table = centre.tables[name]
    for column in TABLES[name].columns:
        for limits in filter(None, (column.limits, column.plausible)):
            # Rules about rows decide whether a talk time of 0 is doubtful: an abandoned call has one.
            if column.name == "talk_s":
                continue
            low, high = pc.min(table[column.name]).as_py(), pc.max(table[column.name]).as_py()
            assert limits.low is None or low is None or low >= limits.low, column.name
            assert limits.high is None or high is None or high <= limits.high, column.name
        if isinstance(column.kind, Choice):
            assert set(table[column.name].unique().to_pylist()) <= {*column.kind.codes, None}


@pytest.mark.parametrize(("name", "code"), [(name, rule.code) for name, table in TABLES.items() for rule in table.rules])
def test_every_rule_holds(centre: SimulatedCentre, name: str, code: str) -> None:
    rule = next(r for r in TABLES[name].rules if r.code == code)
    rows = ibis.memtable(centre.tables[name].select(list(rule.columns)))
    assert rows.filter(~rule.holds(rows)).count().execute() == 0


def test_references_between_tables_lead_somewhere(centre: SimulatedCentre) -> None:
    known = {
        "agent_id": set(centre.tables["agents"]["agent_id"].to_pylist()),
        "business": set(centre.tables["businesses"]["business"].to_pylist()),
        "call_id": set(centre.tables["calls"]["call_id"].to_pylist()),
        "inspection_id": set(centre.tables["inspections"]["inspection_id"].to_pylist()),
        "trainer_id": set(centre.tables["agents"]["agent_id"].to_pylist()),
    }
    for name, table in centre.tables.items():
        for column in set(table.column_names) & set(known):
            assert set(table[column].drop_null().to_pylist()) <= known[column], (name, column)
