"""What a reader of the lake can count on: new commits at once, and rows that lie in the order of time."""

from __future__ import annotations

import random
import shutil
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from coachline.centre import Centre
from coachline.engine import lake as lake_module
from coachline.engine.lake import Lake

HEADER = "call_id,arrived_at,agent_id,outcome,talk_s\n"


def write(path: Path, calls: range, minute: int = 0) -> Path:
    start = datetime(2026, 3, 1) + timedelta(minutes=minute)
    lines = [f"C{i},{start + timedelta(seconds=i):%Y-%m-%d %H:%M:%S},A1,answered,5\n" for i in calls]
    random.Random(5).shuffle(lines)
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre.create(tmp_path / "centre")


def rows(lake: Lake) -> int:
    snapshot = lake.snapshot("calls")
    return 0 if snapshot is None else snapshot.rows


def test_a_reader_sees_what_another_wrote_at_once(centre: Centre, tmp_path: Path) -> None:
    reader = Lake(centre.lake.folder)
    assert rows(reader) == 0
    for number in range(1, 4):
        centre.import_file(write(tmp_path / "a.csv", range(number * 10)))
        assert rows(reader) == number * 10
    centre.lake.delete("calls", "call_id = 'C3'", {})
    assert rows(reader) == 29


def test_an_unchanged_table_is_not_read_again(centre: Centre, tmp_path: Path) -> None:
    centre.import_file(write(tmp_path / "a.csv", range(10)))
    assert centre.lake.snapshot("calls") is centre.lake.snapshot("calls")
    assert centre.lake.snapshots()["calls"] is centre.lake.snapshot("calls")


def test_a_lake_that_was_put_in_the_place_of_another_is_read_anew(centre: Centre, tmp_path: Path) -> None:
    """A restored backup counts its commits from the same number on."""
    centre.import_file(write(tmp_path / "a.csv", range(10)))
    assert rows(centre.lake) == 10
    with Centre.create(tmp_path / "other") as other:
        other.import_file(write(tmp_path / "a.csv", range(25)))
    shutil.rmtree(centre.lake.folder)
    shutil.copytree(tmp_path / "other" / "lake", centre.lake.folder)
    assert rows(centre.lake) == 25


def test_threads_that_read_while_another_loads_never_see_a_step_back(centre: Centre, tmp_path: Path) -> None:
    centre.import_file(write(tmp_path / "a.csv", range(10)))
    ended, seen = threading.Event(), [list[int]() for _ in range(4)]

    def read(mine: list[int]) -> None:
        while not ended.is_set():
            mine.append(rows(centre.lake))

    threads = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    for number in range(2, 6):
        centre.import_file(write(tmp_path / "a.csv", range(number * 10)))
    ended.set()
    for thread in threads:
        thread.join()
    assert rows(centre.lake) == 50
    assert all(mine and mine == sorted(mine) for mine in seen)


def test_calls_lie_in_the_order_of_time(centre: Centre, tmp_path: Path) -> None:
    centre.import_file(write(tmp_path / "a.csv", range(4_000)))
    [file] = centre.lake.snapshot("calls").files
    moments = pq.read_table(file)["arrived_at"].to_pylist()
    assert len(moments) == 4_000
    assert moments == sorted(moments)


def test_a_corrected_file_has_groups_of_the_same_size(centre: Centre, tmp_path: Path) -> None:
    """Whoever reads one day must not have to read a million rows for it, whichever way they were written."""
    most = lake_module.ROWS_PER_GROUP
    start = datetime(2026, 3, 1)
    lines = [f"C{i},{start + timedelta(seconds=i):%Y-%m-%d %H:%M:%S},A1,answered,5\n" for i in range(most + 1000)]
    (tmp_path / "a.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    centre.import_file(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(HEADER + lines[0].replace(",5", ",6"), encoding="utf-8")
    assert centre.import_file(tmp_path / "b.csv").replaced == 1
    centre.lake.delete("calls", "call_id = 'C1'", {})
    groups = [
        metadata.row_group(i).num_rows
        for file in centre.lake.snapshot("calls").files
        if (metadata := pq.read_metadata(file))
        for i in range(metadata.num_row_groups)
    ]
    assert sum(groups) == most + 999
    assert max(groups) <= most
