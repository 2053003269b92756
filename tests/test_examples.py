"""The maps in ``examples/maps``, on the real data for which they were written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coachline.centre import SETTINGS_FILE, Centre

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
MAPS = ROOT / "examples" / "maps"
WEDNESDAY = [6.75, 1.75, 1.25, 0, 0.5, 0.25, 4.75, 39.5, 97.25, 107.5, 124, 110.25, 95.5, 203.5, 115.75, 115.5, 67.75, 75, 88.75, 85.5, 68, 61.5, 57.5, 44.25]  # fmt: skip


def imported(folder: Path, file: Path, map_file: str, zone: str) -> Centre:
    if not file.exists():
        pytest.skip(f"{file.name} is real data that lies beside the repository, not in it")
    made = Centre.create(folder)
    settings = folder / SETTINGS_FILE
    settings.write_text(settings.read_text(encoding="utf-8").replace("Asia/Shanghai", zone), encoding="utf-8")
    centre = Centre(folder)
    load = centre.import_file(file, mapping=MAPS / map_file)
    assert (load.replaced, load.unchanged, load.rejected, load.unknown) == (0, 0, 0, ())
    made.close()
    return centre


def issues(centre: Centre) -> dict[tuple[str, str], int]:
    return {(row["column"], row["issue"]): row["rows"] for row in centre.run("facts.quality").table().to_pylist()}


def test_the_banks_february(tmp_path: Path) -> None:
    centre = imported(tmp_path / "bank", DATA / "calls_bank_1999_02" / "calls.tsv", "bank-1999-02.toml", "Asia/Jerusalem")
    calls = centre.table("calls")
    outcomes = calls.group_by("outcome").agg(n=calls.count()).to_pyarrow().to_pylist()
    assert {row["outcome"]: row["n"] for row in outcomes} == {"answered": 27_162, "abandoned": 5_904, "ignored": 278}
    daily = centre.run("operations.daily").polars()
    assert daily.filter(pl.col("metric") == "answered")["value"].sum() == 27_162
    assert daily.filter(pl.col("metric") == "abandoned")["value"].sum() == 5_904
    hours = centre.run("operations.intervals", minutes=60, by="none").polars()
    wednesdays = (
        hours.filter(pl.col("starts_at").dt.weekday() == 3)
        .group_by(pl.col("starts_at").dt.hour().alias("hour"))
        .agg(pl.col("offered").mean())
    )
    assert wednesdays.sort("hour")["offered"].to_list() == WEDNESDAY
    found = issues(centre)
    assert found["ivr_s", "negative"] == 25
    assert found["agent_id", "answered_has_agent"] == 491
    assert found["talk_s", "answered_has_talk"] == 85
    stored = set(calls.agent_id.name("a").as_table().distinct().to_pyarrow()["a"].to_pylist())
    assert all(agent is None or agent.startswith("s_") for agent in stored) and len(stored - {None}) == 24


def test_the_telecom_workbook(tmp_path: Path) -> None:
    centre = imported(tmp_path / "telecom", DATA / "calls_telecom_null" / "calls.xlsx", "telecom-2021.toml", "Asia/Shanghai")
    calls = centre.table("calls")
    assert calls.count().execute() == 5_000
    answered = calls.filter(calls.outcome == "answered")
    assert (answered.count().execute(), answered.rating.count().execute(), answered.resolved.count().execute()) == (4_054, 4_054, 4_054)
    assert 60 < answered.talk_s.mean().execute() < 400
    assert not [row for row in centre.run("facts.quality").table().to_pylist() if row["severity"] == "high"]
    # Its outcomes are drawn at random: nobody differs from anybody, and nobody may be said to.
    service = centre.run("capability.correlation")
    assert set(service.polars()["sure_quadrant"]) == {"not_enough_evidence"}
    assert set(service.polars("correlation")["verdict"]) == {"not_enough_evidence"}


def test_the_agents_share_in_the_banks_service_times(tmp_path: Path) -> None:
    centre = imported(tmp_path / "bank", DATA / "calls_bank_1999_02" / "calls.tsv", "bank-1999-02.toml", "Asia/Jerusalem")
    # 9.6 %: the intraclass correlation of ln(service time) with the type of call as given; lme4 says 0.0964.
    assert centre.run("capability.matrix", outcome="handle_time").values["agent_share_handle_time"] == pytest.approx(0.0964, abs=0.0005)


def test_nobody_of_the_telecom_workbook_is_named(tmp_path: Path) -> None:
    centre = imported(tmp_path / "telecom", DATA / "calls_telecom_null" / "calls.xlsx", "telecom-2021.toml", "Asia/Shanghai")
    matrix = centre.run("capability.matrix")
    assert set(matrix.polars()["verdict"]) == {"meets", "unknown"} and matrix.polars("weak").height == 0
    assert set(centre.run("capability.agents").polars()["verdict"]) == {"meets", "unknown"}
    assert set(centre.run("capability.businesses").polars()["verdict"]) == {"unknown"}
    assert not set(centre.run("capability.trend").polars("changes")["verdict"]) & {"rising", "falling"}
    [note] = [n for n in matrix.notes if n.code == "nothing_to_tell_apart"]
    assert note.facts["outcomes"] == "resolved, satisfied, rating, handle_time"
