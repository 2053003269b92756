"""DuckDB and Spark give the same figures: counts exactly, sums to 1e-9."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.compute import SparkCompute
from coachline.engine.facts import Facts
from tests.engine.capability.inspected import inspected_centre

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="Spark needs Java, and there is none"),
]

KEYS = {
    "date",
    "metric",
    "dimension",
    "member",
    "starts_at",
    "business",
    "queue",
    "team",
    "agent_id",
    "outcome",
    "month",
    "measure",
    "other",
    "adjusted",
    "table",
    "column",
    "issue",
    "example",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkCompute]:
    """Two workers of their own on this machine, so that code and data really travel; few partitions, for the data are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        settings = {"spark.sql.shuffle.partitions": 2, "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false"}
        patch.setenv("PYSPARK_SUBMIT_ARGS", " ".join(f"--conf {name}={value}" for name, value in settings.items()) + " pyspark-shell")
        compute = SparkCompute(master="local-cluster[2,1,1024]")
        yield compute
        compute.close()


APPROXIMATE = ("distinct", "median")
"""Columns of `facts.quality` that say of themselves that they are near, not exact."""

RUNS: list[tuple[str, dict[str, Any]]] = [
    ("operations.daily", {"since": "2026-01-20", "until": "2026-02-03", "answer_within": 15, "repeat_days": 3, "satisfied_from": 5}),
    ("operations.intervals", {"minutes": 60, "by": "team"}),
    ("operations.passports", {}),
    ("operations.causes", {"since": "2026-02-02", "until": "2026-02-12"}),
    ("operations.hours", {"cap_h": 120}),
    ("capability.cells", {"since": "2026-01-20", "until": "2026-02-12", "repeat_days": 3, "satisfied_from": 5}),
    ("capability.cells", {"by_month": "true"}),
    ("capability.correlation", {"repeat_days": 3, "at_least": 2}),
    ("facts.quality", {"table": "calls"}),
]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, Any]]]:
    return inspected_centre()


@pytest.mark.parametrize(("name", "given"), RUNS, ids=[f"{name} {' '.join(map(str, given.values()))}" for name, given in RUNS])
def test_spark_gives_what_duckdb_gives(
    name: str, given: dict[str, Any], rows: dict[str, Any], facts_of: Callable[..., Facts], spark: SparkCompute
) -> None:
    here = run(name, facts_of(rows), given)
    there = run(name, facts_of(rows, compute=spark), given)

    assert there.provenance.engine.startswith("spark")
    assert dict(here.values) == dict(there.values)
    assert [note.code for note in here.notes] == [note.code for note in there.notes]
    assert [(check.code, check.ok) for check in here.checks] == [(check.code, check.ok) for check in there.checks]
    assert list(here.tables) == list(there.tables)
    for table in here.tables:
        _assert_same(here.polars(table).drop(APPROXIMATE, strict=False), there.polars(table).drop(APPROXIMATE, strict=False))


def _assert_same(here: pl.DataFrame, there: pl.DataFrame) -> None:
    assert here.height > 0
    assert here.schema == there.schema
    keys = [column for column in here.columns if column in KEYS]
    here, there = here.sort(keys), there.sort(keys)
    for column in here.columns:
        if here[column].dtype == pl.Float64:
            assert here[column].is_null().equals(there[column].is_null()), column
            # Sums in another order differ in the last digits; a change may be nothing but such digits.
            assert here[column].drop_nulls().to_list() == pytest.approx(there[column].drop_nulls().to_list(), rel=1e-9, abs=1e-9), column
        else:
            assert here[column].equals(there[column]), column
