"""DuckDB and Spark give the same figures: counts exactly, sums to 1e-9."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coachline.engine.analyses import run
from coachline.engine.browsing import CallFilters, calls_count, calls_page, one_call, table_page
from coachline.engine.compute import DuckDBCompute, SparkCompute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.operations.period import Period
from coachline.engine.roster.plan.asking import asked
from coachline.engine.roster.plan.request import Limits, Request
from coachline.engine.roster.whatif.people import paces
from coachline.engine.tables import TABLES
from tests.conftest import Rows, as_fact_table
from tests.engine.capability.inspected import inspected_centre
from tests.engine.quality.heard_again import heard_again
from tests.engine.roster.plan.busy_centre import SICK, eventful_tables
from tests.engine.training.centre_in_need import everything_in_need
from tests.engine.two_centres import two_centres

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="Spark needs Java, and there is none"),
]

KEYS = {
    "date",
    "metric",
    "dimension",
    "member",
    "item",
    "coefficient",
    "form_version",
    "inspector_id",
    "scope",
    "centre",
    "starts_at",
    "business",
    "queue",
    "team",
    "agent_id",
    "outcome",
    "month",
    "period",
    "component",
    "kind",
    "measure",
    "other",
    "adjusted",
    "table",
    "column",
    "issue",
    "example",
    "group",
    "tag",
    "call_id",
    "exam_id",
    "paper",
    "source",
    "stratum",
    "training",
    "method",
    "plan",
    "quantity",
    "stage",
    "cost_source",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkCompute]:
    """Two workers of their own on this machine, so that code and data really travel; few partitions, for the data are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        # What a short life does not earn back: compiling for the long run, and a page to look at.
        quick = "-XX:TieredStopAtLevel=1"
        settings = {
            "spark.sql.shuffle.partitions": 2,
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.driver.extraJavaOptions": quick,
            "spark.executor.extraJavaOptions": quick,
            "spark.ui.enabled": "false",
        }
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
    ("capability.matrix", {}),
    ("capability.agents", {"half_life": "2"}),
    ("capability.businesses", {}),
    ("capability.trend", {"cells": True}),
    ("capability.profile", {}),
    (
        "capability.profile",
        {"since": "2026-01-20", "until": "2026-02-12", "tags": "a=not trained('查询', 20) or inspected('投诉'); b=mystery > 0.3"},
    ),
    ("quality.scores", {}),
    ("quality.severity", {}),
    ("quality.sample", {"since": "2026-01-20", "named_inspectors": "q1,q2,a03,q4", "conflicts": "q1:a05", "repeat_days": 3}),
    ("quality.items", {"since": "2026-01-10", "repeat_days": 3, "dissatisfied_to": 3}),
    ("quality.agreement", {"weighting": "linear", "fewest_calls": 5, "resamples": 50}),
    ("quality.audit", {"purposes": "score,coach"}),
    ("quality.mystery", {"centre": "山西"}),
    ("training.newcomers", {"draws": 40, "months": 3, "since": "2026-01-10"}),
    ("training.effect", {"window_weeks": 3, "fewest_weeks": 1, "selection_weeks": 1, "lead_weeks": 0, "repeat_days": 3}),
    ("roster.staffing", {"demand": "past", "since": "2026-02-02", "until": "2026-02-08", "method": "simulation", "level": 1}),
    ("roster.forecast", {"days": 7, "level": 1, "events": "促销=2026-02-02..2026-02-04"}),
    ("facts.quality", {"table": "calls"}),
]


@pytest.fixture(scope="module")
def views(spark: SparkCompute, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Facts, Facts]]:
    """The same facts on both engines. One view each serves all runs, for sums that several analyses need are kept with it."""
    here = DuckDBCompute()
    yield _on_both(here, spark, heard_again(inspected_centre()), tmp_path_factory.mktemp("facts"))
    here.close()


def _on_both(here: DuckDBCompute, spark: SparkCompute, tables: Mapping[str, Rows], folder: Path) -> tuple[Facts, Facts]:
    snapshots, zone = {}, ZoneInfo("Asia/Shanghai")
    for name, rows in tables.items():
        table = as_fact_table(name, rows)
        pq.write_table(table, folder / f"{name}.parquet")
        snapshots[name] = Snapshot(0, [str(folder / f"{name}.parquet")], table.num_rows)
    return Facts(here, snapshots, zone), Facts(spark, snapshots, zone)


@pytest.mark.parametrize(("name", "given"), RUNS, ids=[f"{name} {' '.join(map(str, given.values()))}" for name, given in RUNS])
def test_spark_gives_what_duckdb_gives(name: str, given: dict[str, Any], views: tuple[Facts, Facts]) -> None:
    here, there = (run(name, facts, given) for facts in views)

    assert there.provenance.engine.startswith("spark")
    assert there.values.keys() == here.values.keys()
    for code, value in here.values.items():
        assert there.values[code] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), code
    assert [note.code for note in here.notes] == [note.code for note in there.notes]
    assert [(check.code, check.ok) for check in here.checks] == [(check.code, check.ok) for check in there.checks]
    assert list(here.tables) == list(there.tables)
    for table in here.tables:
        _assert_same(here.polars(table).drop(APPROXIMATE, strict=False), there.polars(table).drop(APPROXIMATE, strict=False))


@pytest.mark.parametrize(
    ("name", "given"), [("training.exams", {}), ("training.cycle", {"keep": 0.3}), ("training.paper", {"papers": 1, "length": 6})]
)
def test_spark_finds_the_same_exams_papers_and_cycle(name: str, given: dict[str, Any], views: tuple[Facts, Facts]) -> None:
    """Some tables of these are empty where nothing is amiss or nothing fades."""
    found, again = (run(name, facts, given) for facts in views)
    for code, value in found.values.items():
        assert again.values[code] == (pytest.approx(value, rel=1e-8) if isinstance(value, float) else value), code
    assert [note.code for note in found.notes] == [note.code for note in again.notes]
    for table in found.tables:
        assert found.polars(table).schema == again.polars(table).schema
        if found.tables[table].num_rows or again.tables[table].num_rows:
            _assert_same(found.polars(table), again.polars(table))


def test_spark_finds_the_same_needs_groups_and_mentors(spark: SparkCompute, tmp_path: Path) -> None:
    compute = DuckDBCompute()
    here, there = _on_both(compute, spark, everything_in_need(), tmp_path)
    for name, given in (("training.needs", {"focus": "储蓄=2", "least_cases": 4}), ("training.groups", {"focus": "储蓄=2"})):
        found, again = (run(name, facts, given) for facts in (here, there))
        assert [note.code for note in found.notes] == [note.code for note in again.notes]
        for table in found.tables:
            _assert_same(found.polars(table), again.polars(table))
    # Nobody is left out here, and nothing demanded that could not be had.
    found, again = (run("training.plan", facts, {"trainers": "T:*"}) for facts in (here, there))
    for table in ("plan", "reasons", "alternatives"):
        _assert_same(found.polars(table), again.polars(table))
    compute.close()


def test_spark_asks_for_the_same_roster(spark: SparkCompute, tmp_path: Path) -> None:
    compute = DuckDBCompute()
    both = _on_both(compute, spark, eventful_tables(), tmp_path)
    here, there = (asked(facts, SICK, Limits()) for facts in both)
    for field in dataclasses.fields(Request):
        one, other = (getattr(question.request, field.name) for question in (here, there))
        assert np.allclose(one, other, rtol=1e-9, atol=1e-9) if isinstance(one, np.ndarray) else one == other, field.name
    assert [note.code for note in here.notes] == [note.code for note in there.notes]
    # What `roster.whatif` asks for beside that.
    assert np.allclose(*(paces(facts, Period(), here.request.people) for facts in both), rtol=1e-9)
    compute.close()


def test_spark_leaves_out_the_same_rows_of_other_centres(spark: SparkCompute, tmp_path: Path) -> None:
    compute = DuckDBCompute()
    here, there = (facts.of_centre("甲", default="甲") for facts in _on_both(compute, spark, two_centres(), tmp_path))
    assert there.calls_of_no_centre == here.calls_of_no_centre > 0
    for name, table in TABLES.items():
        # The order of rows is the engine's own, as is the zone in which an instant comes back.
        key = [column for column in table.key if pa.types.is_string(table.schema.field(column).type)]
        rows, again = (sorted(map(repr, facts.collect(facts.table(name).select(*key)).to_pylist())) for facts in (here, there))
        assert rows == again and len(rows) == here.rows(name) == there.rows(name) > 0, name
    _assert_same(*(run("operations.daily", facts, {}).polars() for facts in (here, there)))
    _assert_same(*(run("quality.mystery", facts, {}).polars("agents").select("member", "calls", "share") for facts in (here, there)))
    compute.close()


def test_spark_pages_what_duckdb_pages(spark: SparkCompute, tmp_path: Path) -> None:
    compute = DuckDBCompute()
    tables = heard_again(inspected_centre())
    here, there = _on_both(compute, spark, {name: tables[name] for name in ("calls", "agents", "inspections")}, tmp_path)
    someone = here.collect(here.table("calls").agent_id.name("who").as_table().filter(lambda t: t.who.notnull()).limit(1))["who"][0].as_py()
    for filters in (CallFilters(), CallFilters(repeat=True, agents=(someone,))):
        page, again = (calls_page(facts, filters, calls_page(here, filters, None, 15).next, 15) for facts in (here, there))
        assert page.rows.num_rows > 0
        assert page.rows.equals(again.rows)
        assert (page.next, page.previous) == (again.next, again.previous)
        assert calls_page(there, filters, again.previous, 15).rows.equals(calls_page(here, filters, None, 15).rows)
    assert calls_count(there, CallFilters(repeat=False)) == calls_count(here, CallFilters(repeat=False))
    row = calls_page(here, CallFilters(agents=(someone,)), None, 1).rows.to_pylist()[0]
    one, same = (one_call(facts, row["source"], row["call_id"], arrived_at=row["arrived_at"]) for facts in (here, there))
    assert one is not None and same is not None
    assert one.call == same.call and one.around.to_pylist() == same.around.to_pylist()
    assert one.inspections["inspection_id"].to_pylist() == same.inspections["inspection_id"].to_pylist()
    place = table_page(here, "inspections", None, 4).next
    second, same_again = (table_page(facts, "inspections", place, 4).rows["inspection_id"].to_pylist() for facts in (here, there))
    assert second == same_again and len(second) == 4
    compute.close()


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
