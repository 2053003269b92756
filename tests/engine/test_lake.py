"""The lake under what happens to lakes: loads at once, death half-way, erasure, earlier versions, full disks."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coachline.centre import Centre
from coachline.engine import lake as lake_module
from coachline.engine.sources.importing import Load
from coachline.errors import CoachlineError

HEADER = "call_id,arrived_at,agent_id,outcome,talk_s,customer_id,recording\n"


def write(path: Path, rows: list[str]) -> Path:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def rows(first: int, last: int, talk: int = 5, customer: str = "13800001111") -> list[str]:
    return [f"C{i},2026-03-01 08:00:00,A1,answered,{talk},{customer},r{i}.wav" for i in range(first, last)]


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre.create(tmp_path / "centre")


def count(centre: Centre) -> int:
    return int(centre.table("calls").count().execute())


def test_two_processes_loading_overlapping_files_at_once(centre: Centre, tmp_path: Path) -> None:
    files = [write(tmp_path / "a.csv", rows(0, 3000)), write(tmp_path / "b.csv", rows(2000, 5000))]
    command = [sys.executable, "-m", "coachline", "import", "--centre", str(centre.folder)]
    loads = [subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, text=True) for file in files]
    printed = [load.communicate(timeout=120)[0] for load in loads]
    assert [load.returncode for load in loads] == [0, 0], printed
    assert count(centre) == 5000
    keys = centre.table("calls").call_id.nunique().execute()
    assert keys == 5000
    accepted = sum(int(line.split("accepted=")[1].split()[0]) for line in printed)
    assert accepted == 5000


def test_killed_at_any_moment_the_last_complete_version_stands(centre: Centre, tmp_path: Path) -> None:
    centre.import_file(write(tmp_path / "a.csv", rows(0, 1000)))
    file = write(tmp_path / "b.csv", rows(500, 60_000, talk=9))
    for pause in (0.0, 0.4, 0.8, 1.2, 1.8):
        load = subprocess.Popen(
            [sys.executable, "-m", "coachline", "import", "--centre", str(centre.folder), str(file)], stdout=subprocess.DEVNULL
        )
        # The interpreter needs about a second to start: the later pauses fall into reading and writing.
        time.sleep(1.0 + pause)
        load.send_signal(signal.SIGKILL)
        load.wait()
        assert count(centre) in (1000, 60_000), "half a load can be seen"
    load = centre.import_file(file)
    assert (load.accepted, load.replaced) in ((59_000, 500), (0, 0))
    assert count(centre) == 60_000


def test_a_first_load_that_died_leaves_nothing_in_the_way(centre: Centre, tmp_path: Path) -> None:
    folder = centre.lake.folder / "calls"
    folder.mkdir(parents=True)
    (folder / "part-00001-orphan.parquet").write_bytes(b"PAR1")
    assert centre.lake.snapshot("calls") is None
    assert centre.import_file(write(tmp_path / "a.csv", rows(0, 3))).accepted == 3


def test_earlier_versions_can_be_read(centre: Centre, tmp_path: Path) -> None:
    centre.import_file(write(tmp_path / "a.csv", rows(0, 10)))
    centre.import_file(write(tmp_path / "b.csv", rows(5, 20, talk=7)))
    assert [centre.table("calls", version=v).count().execute() for v in (0, 1)] == [10, 20]
    assert centre.table("calls", version=0).talk_s.sum().execute() == 50
    history = centre.lake.history("calls")
    assert [(entry.version, entry.what["loaded"]) for entry in history if "loaded" in entry.what] == [(1, "b.csv"), (0, "a.csv")]
    with pytest.raises(CoachlineError, match="version 9"):
        centre.table("calls", version=9)


def test_erasing_a_customer_leaves_no_trace_in_any_file(centre: Centre, tmp_path: Path) -> None:
    other = [f"D{i},2026-03-01 08:00:00,A1,answered,5,13900002222,s{i}.wav" for i in range(5)]
    centre.import_file(write(tmp_path / "a.csv", [*rows(0, 5), *other, "E1,never,A1,answered,5,13800001111,x.wav"]))
    (tmp_path / "t.csv").write_text("call_id,turn,role,text\nC1,1,customer,我住在和平路八号\nD1,1,customer,你好\n", encoding="utf-8")
    centre.import_file(tmp_path / "t.csv")
    (tmp_path / "q.csv").write_text(
        "inspection_id,call_id,agent_id,score,customer_problem\nI1,C1,A1,90,老王的包裹\nI2,D1,A1,95,别的\n", encoding="utf-8"
    )
    centre.import_file(tmp_path / "q.csv")
    (centre.folder / "uploads" / "waiting").mkdir(parents=True)
    (centre.folder / "uploads" / "waiting" / "more.csv").write_text("13800001111")
    erased = centre.erase_customer("138-0000-1111")
    assert erased == {"calls": 5, "transcripts": 1, "inspections": 1, "inspection_items": 0, "rejects": 1, "uploads": 1}
    assert not list((centre.folder / "uploads").iterdir())
    assert count(centre) == 5
    pseudonym = centre.pseudonymiser.of("13800001111")
    traces = [pseudonym, "C1", "r1.wav", "我住在和平路八号", "老王的包裹"]
    for file in centre.lake.folder.rglob("*.parquet"):
        table = pa.parquet.read_table(file)
        texts = {str(value) for column in table.columns for value in column.to_pylist()}
        assert not texts & {t for t in traces if t != "C1" or "inspections" not in str(file)}, file
    assert pseudonym not in "".join(f.read_text("utf-8-sig") for f in (centre.folder / "rejects").iterdir())
    assert centre.table("inspections").score.sum().execute() == 185
    with pytest.raises(CoachlineError, match="erased"):
        centre.table("calls", version=0)
    assert centre.erase_customer("13800001111")["calls"] == 0


def test_a_full_disk_is_said_and_changes_nothing(centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    centre.import_file(write(tmp_path / "a.csv", rows(0, 3)))
    before = centre.lake.snapshot("calls")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # A disk cannot be filled here: the system's refusal is what the library would pass on.
    monkeypatch.setattr(lake_module, "write_deltalake", full)
    with pytest.raises(CoachlineError, match="disk is full"):
        centre.import_file(write(tmp_path / "b.csv", rows(3, 6)))
    assert centre.lake.snapshot("calls") == before


def test_a_busy_lake_is_said(centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_module, "LONGEST_WAIT_S", 0.2)
    caught: list[str] = []

    def load() -> None:
        try:
            centre.import_file(write(tmp_path / "a.csv", rows(0, 3)))
        except CoachlineError as error:
            caught.append(error.code)

    with Centre(centre.folder).lake.writing():
        thread = threading.Thread(target=load)
        thread.start()
        thread.join()
    assert caught == ["lake_busy"]


# Fifteen sequences are some two hundred rows, each a real load; what a single load does to a key, tests/engine/sources shows one by one.
@settings(max_examples=15)
@given(st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=8), min_size=1, max_size=3))
def test_any_sequence_of_loads_ends_like_a_dictionary(tmp_path_factory: pytest.TempPathFactory, loads: list[list[tuple[int, int]]]) -> None:
    folder = tmp_path_factory.mktemp("lake")
    expected: dict[str, float] = {}
    with Centre.create(folder / "centre") as centre:
        for number, content in enumerate(loads):
            load: Load = centre.import_file(write(folder / f"{number}.csv", [rows(key, key + 1, talk)[0] for key, talk in content]))
            final = {f"C{key}": float(talk) for key, talk in content}
            new = final.keys() - expected.keys()
            changed = {key for key in final.keys() & expected.keys() if final[key] != expected[key]}
            expected |= final
            assert (load.accepted, load.replaced) == (len(new), len(changed))
            assert load.accepted + load.replaced + load.unchanged + load.rejected == len(content)
            found = centre.table("calls").select("call_id", "talk_s").to_pyarrow().to_pylist()
            assert {row["call_id"]: row["talk_s"] for row in found} == expected
