"""A stored result is the result: nothing lost on the way, whole or not there."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal

from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Findings, Note, Provenance, Result
from coachline.errors import CoachlineError
from coachline.stored import load_result, save_result
from tests.stored.odd_results import PROVENANCE, results


def assert_same(one: Result, other: Result) -> None:
    # NaN is not itself, but reads the same; what a mapping is made of does not matter, its kinds do.
    assert repr(dict(one.values)) == repr(dict(other.values))
    assert list(one.tables) == list(other.tables)
    for name, table in one.tables.items():
        assert other.tables[name].schema == table.schema
        assert repr(other.tables[name].to_pylist()) == repr(table.to_pylist())
        assert other.tables[name].num_rows == table.num_rows
    for checks in zip(one.checks, other.checks, strict=True):
        assert len({(check.code, bool(check.ok), repr(check.figure), repr(dict(check.facts))) for check in checks}) == 1
    assert repr(one.notes) == repr(other.notes)
    assert repr(one.provenance) == repr(other.provenance)


@given(results())
def test_any_result_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, result: Result) -> None:
    folder = tmp_path_factory.mktemp("results") / "中心 1"
    save_result(result, folder)
    assert_same(result, load_result(folder))
    assert {path.name for path in folder.parent.iterdir()} == {folder.name}


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_comes_back_as_it_was(simulated_results: Mapping[str, Result], tmp_path: Path, name: str) -> None:
    found = simulated_results[name]
    save_result(found, tmp_path / "run")
    stored = load_result(tmp_path / "run")
    assert dict(stored.values) == dict(found.values)
    assert stored.checks == found.checks and stored.notes == found.notes and stored.provenance == found.provenance
    assert list(stored.tables) == list(found.tables)
    for table in found.tables:
        assert stored.table(table).schema == found.table(table).schema
        assert_frame_equal(stored.polars(table), found.polars(table))


def stored(tmp_path: Path) -> Path:
    parameters = {
        "since": date(2026, 3, 1),
        "weights": {"resolved": 0.5},
        "tags": {"新人": "tenure_days < 90"},
        "until": None,
        "by_month": True,
    }
    provenance = Provenance("a.b", "2", parameters, {"calls": 1}, "duckdb", "2026-03-01T08:00:00+08:00", 1.0, "甲")
    tables = {"main": pa.table({"a": range(1000), "b": ["x"] * 1000}), "second": pa.table({"a": [1.0]})}
    findings = Findings(tables, {"n": np.int64(3), "share": np.float64(0.5)}, notes=(Note("n", {"weights": {"a": np.float64(1)}}),))  # type: ignore[dict-item]
    save_result(Result.of(findings, provenance), tmp_path / "run")
    return tmp_path / "run"


def test_parameters_come_back_as_what_they_were(tmp_path: Path) -> None:
    read = load_result(stored(tmp_path)).provenance
    assert read.parameters["since"] == date(2026, 3, 1) and read.parameters["weights"] == {"resolved": 0.5}
    assert read.parameters["by_month"] is True and read.parameters["until"] is None and read.centre == "甲"


def test_a_table_is_read_when_it_is_asked_for_and_then_kept(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    result = load_result(folder)
    for file in (folder / "tables").iterdir():
        file.rename(file.with_suffix(".elsewhere"))
    assert list(result.tables) == ["main", "second"] and len(result.tables) == 2 and "main" in result.tables and "x" not in result.tables
    with pytest.raises(CoachlineError) as damaged:
        result.table()
    assert damaged.value.code == "result_damaged"
    for file in (folder / "tables").iterdir():
        file.rename(file.with_suffix(".parquet"))
    first = result.table()
    assert result.table("main") is first and first.num_rows == 1000
    with pytest.raises(KeyError, match="main, second"):
        result.table("x")


def test_many_readers_get_one_table(tmp_path: Path) -> None:
    result, got = load_result(stored(tmp_path)), []
    readers = [threading.Thread(target=lambda: got.append(result.table("main"))) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(got) == 8 and len({id(table) for table in got}) == 1


def test_a_later_result_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    save_result(Result.of(Findings({"only": pa.table({"a": [1]})}), PROVENANCE), folder)
    assert list(load_result(folder).tables) == ["only"] and {file.name for file in (folder / "tables").iterdir()} == {"only.parquet"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_cannot_be_stored_leaves_the_earlier_result(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    with pytest.raises(TypeError, match="object"):
        save_result(Result.of(Findings({}, {"x": object()}), PROVENANCE), folder)  # type: ignore[dict-item]
    assert load_result(folder).table().num_rows == 1000
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CoachlineError) as refused:
        save_result(Result.of(Findings({}), PROVENANCE), tmp_path / "file" / "run")
    assert refused.value.code == "cannot_write"


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _text_for(key: str, value: object) -> object:
    def change(folder: Path) -> None:
        content = json.loads((folder / "result.json").read_text())
        content[key] = value
        (folder / "result.json").write_text(json.dumps(content))

    return change


DAMAGE = {
    "no folder": lambda folder: folder.rename(folder.with_name("elsewhere")),
    "no account": lambda folder: (folder / "result.json").unlink(),
    "cut account": lambda folder: _cut(folder / "result.json"),
    "other text": lambda folder: (folder / "result.json").write_text("[]"),
    "a later format": _text_for("format", 2),
    "no values": _text_for("values", None),
    "strange values": _text_for("values", {"a": {"$what": 1}}),
    "strange notes": _text_for("notes", [{"code": "x"}]),
    "strange provenance": _text_for("provenance", {"analysis": "x"}),
    "a way out": _text_for("tables", [["a", "../result.json", 1]]),
    "no table": lambda folder: (folder / "tables" / "second.parquet").unlink(),
    "cut table": lambda folder: _cut(folder / "tables" / "main.parquet"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_said(tmp_path: Path, what: str) -> None:
    folder = stored(tmp_path)
    DAMAGE[what](folder)  # type: ignore[operator]
    with pytest.raises(CoachlineError, match="run") as damaged:
        load_result(folder)
    assert damaged.value.code == "result_damaged"


def test_a_flipped_byte_in_a_table_is_found_when_it_is_read(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    file = folder / "tables" / "main.parquet"
    content = bytearray(file.read_bytes())
    content[200] ^= 0xFF
    file.write_bytes(content)
    result = load_result(folder)
    assert result.table("second").num_rows == 1
    with pytest.raises(CoachlineError) as damaged:
        result.table("main")
    assert damaged.value.code == "result_damaged"
