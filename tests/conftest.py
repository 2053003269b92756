"""Fixtures that more than one test folder needs: facts from plain rows, on the engine that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from coachline.engine.analyses import ANALYSES, run
from coachline.engine.compute import Compute, DuckDBCompute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.result import Result
from coachline.engine.tables import TABLES

# Machines are noisy: what a test shows must not depend on how long it took.
settings.register_profile("coachline", deadline=None, max_examples=40)
settings.load_profile("coachline")

Rows = Sequence[Mapping[str, Any]] | pa.Table
FactsOf = Callable[..., Facts]


TOGETHER = {
    "tests/web/": "the application",
    "tests/engine/test_one_centre.py": "every analysis",
    "tests/stored/": "every analysis",
}
"""What rests on a fixture that takes long to make is done by one worker of the test run, so that it is made once. Other files are each a unit of their own."""
FIRST = ("the application", "tests/engine/test_engines_agree.py", "every analysis", "tests/cli/test_commands.py")
"""The longest units, which begin first: none is left over for one worker alone at the end."""


def unit_of(test: str) -> str:
    """Which tests one worker does one after the other: those of the same unit as the node `test`."""
    file = test.partition("::")[0]
    if file.startswith("tests/journeys/"):
        return "postgresql" if "postgresql" in test else "sqlite"
    return next((unit for place, unit in TOGETHER.items() if file.startswith(place)), file)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Units in the order in which they begin."""
    units: dict[str, list[pytest.Item]] = {unit: [] for unit in FIRST}
    for item in items:
        units.setdefault(unit_of(item.nodeid), []).append(item)
    items[:] = [item for unit in units.values() for item in unit]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several workers share the test run out by units. (xdist's own groups are not minded by this pytest: it hands out single tests then.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    return Units(config, log)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read messages in English unless they ask for Chinese."""
    monkeypatch.setenv("COACHLINE_LANG", "en")


def as_fact_table(name: str, rows: Rows) -> pa.Table:
    """Plain rows completed to the stored schema of table `name`; naive times count as UTC."""
    schema = TABLES[name].schema
    if isinstance(rows, pa.Table):
        given = {field.name: rows[field.name] for field in rows.schema}
        length = rows.num_rows
    else:
        names = {key for row in rows for key in row}
        given = {key: [row.get(key) for row in rows] for key in names}
        length = len(rows)
    assert set(given) <= set(schema.names), set(given) - set(schema.names)
    given.setdefault("source", ["test"] * length)
    given.setdefault("loaded_at", [datetime(2026, 1, 1, tzinfo=UTC)] * length)
    columns = []
    for field in schema:
        values = given.get(field.name, [None] * length)
        columns.append(values.cast(field.type) if isinstance(values, pa.ChunkedArray) else pa.array(values, field.type))
    return pa.table(columns, schema=schema)


@pytest.fixture(scope="session")
def simulated_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """The small simulated centre, alone in its lake."""
    from tests.engine.simulated_facts import lay_down, simulated

    compute = DuckDBCompute()
    yield lay_down(tmp_path_factory.mktemp("simulated"), simulated(), compute)
    compute.close()


class Answers(Mapping[str, Result]):
    """What each analysis finds, run when it is first asked for."""

    def __init__(self, facts: Facts, given: Mapping[str, Mapping[str, Any]]) -> None:
        self.facts, self.given = facts, given
        self.known: dict[str, Result] = {}

    def __getitem__(self, name: str) -> Result:
        if name not in self.known:
            self.known[name] = run(name, self.facts, self.given.get(name, {}))
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ANALYSES)

    def __len__(self) -> int:
        return len(ANALYSES)


@pytest.fixture(scope="session")
def simulated_results(simulated_facts: Facts) -> Mapping[str, Result]:
    """What every analysis finds there, given `tests.engine.simulated_facts.GIVEN`."""
    from tests.engine.simulated_facts import GIVEN

    return Answers(simulated_facts, GIVEN)


@pytest.fixture
def facts_of(tmp_path: Path) -> Iterator[FactsOf]:
    """``facts_of({"calls": rows, ...}, zone="Asia/Shanghai", compute=None)`` -> Facts over real Parquet files."""
    opened: list[Compute] = []

    def build(tables: Mapping[str, Rows], zone: str = "Asia/Shanghai", compute: Compute | None = None) -> Facts:
        if compute is None:
            compute = DuckDBCompute()
            opened.append(compute)
        snapshots = {}
        for name, rows in tables.items():
            table = as_fact_table(name, rows)
            file = tmp_path / f"{name}-{len(opened)}-{id(rows)}.parquet"
            pq.write_table(table, file)
            snapshots[name] = Snapshot(0, [str(file)], table.num_rows)
        return Facts(compute, snapshots, ZoneInfo(zone))

    yield build
    for compute in opened:
        compute.close()
