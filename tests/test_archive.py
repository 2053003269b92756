"""A backup that was tampered with is refused whole, on every Python."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from coachline.archive import backup, restore
from coachline.centre import Centre
from coachline.errors import CoachlineError


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "strange",
    [
        entry("../outside.txt"),
        entry("lake/../../outside.txt"),
        entry("/outside.txt"),
        entry("lake/calls", tarfile.SYMTYPE, "../.."),
        entry("lake/calls", tarfile.LNKTYPE, "../centre.toml"),
        entry("lake/pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member.name} {member.type.decode()}",
)
def test_a_backup_with_a_way_out_is_refused(tmp_path: Path, strange: tarfile.TarInfo) -> None:
    Centre.create(tmp_path / "centre").close()
    file = tmp_path / "backup.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(tmp_path / "centre" / "centre.toml", "centre.toml")
        archive.addfile(strange, io.BytesIO())
    with pytest.raises(CoachlineError, match="backup") as refused:
        restore(file, tmp_path / "restored")
    assert refused.value.code == "backup_damaged"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "centre"]


def test_what_comes_into_being_by_itself_is_not_saved(tmp_path: Path) -> None:
    centre = Centre.create(tmp_path / "centre")
    for kept in ("results/one/result.json", ".cache/page", ".static/vendor/htmx.js", ".scratch/run/spill"):
        (centre.folder / kept).parent.mkdir(parents=True)
        (centre.folder / kept).write_text("x")
    backup(centre, tmp_path / "backup.tar.gz")
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        names = set(archive.getnames())
    assert "results/one/result.json" in names
    assert not [name for name in names if name.startswith((".cache", ".static", ".scratch"))]


def test_what_is_being_written_is_not_saved(tmp_path: Path) -> None:
    centre = Centre.create(tmp_path / "centre")
    for file in ("results/.7.part/tables/main.parquet", "results/7/result.json", "uploads/u1/calls.csv", "reports/.report.html.part"):
        (centre.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (centre.folder / file).write_text("x")
    backup(centre, tmp_path / "backup.tar.gz")
    with restore(tmp_path / "backup.tar.gz", tmp_path / "again") as again:
        saved = {path.relative_to(again.folder).as_posix() for path in again.folder.rglob("*") if path.is_file()}
    assert saved >= {"results/7/result.json", "uploads/u1/calls.csv"}
    assert not [name for name in saved if ".part" in name]


def test_what_goes_while_a_backup_is_written_does_not_stop_it(tmp_path: Path) -> None:
    """Results are tidied away at any moment; here as soon as the backup has begun."""
    centre = Centre.create(tmp_path / "centre")
    results = centre.folder / "results"
    results.mkdir()
    for number in range(400):
        (results / f"{number:04}").mkdir()
        (results / f"{number:04}" / "result.json").write_text("x" * 20_000)
    target = tmp_path / "backup.tar.gz"

    def tidy() -> None:
        while not target.with_name("backup.tar.gz.part").exists() and not target.exists():
            time.sleep(0.0005)
        for folder in sorted(results.iterdir(), reverse=True):
            shutil.rmtree(folder)

    tidying = threading.Thread(target=tidy)
    tidying.start()
    backup(centre, target)
    tidying.join()
    restore(target, tmp_path / "again").close()


def test_a_lake_on_another_disk_is_saved(tmp_path: Path) -> None:
    centre = Centre.create(tmp_path / "centre")
    (tmp_path / "calls.csv").write_text("call_id,arrived_at,outcome\nC1,2026-03-01 08:00,answered\n", encoding="utf-8")
    centre.import_file(tmp_path / "calls.csv")
    (centre.folder / "lake").rename(tmp_path / "elsewhere")
    (centre.folder / "lake").symlink_to(tmp_path / "elsewhere")
    backup(centre, tmp_path / "backup.tar.gz")
    with restore(tmp_path / "backup.tar.gz", tmp_path / "again") as again:
        assert again.facts().rows("calls") == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_database_elsewhere_is_told(tmp_path: Path, language: str) -> None:
    Centre.create(tmp_path / "centre").close()

    def said(*command: object, **variables: str) -> str:
        environment = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "COACHLINE_LANG": language,
            **variables,
        }
        asked = [sys.executable, "-m", "coachline", *map(str, command)]
        return subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout

    here = said("backup", tmp_path / "a.tar.gz", "--centre", tmp_path / "centre")
    assert "DATABASE_URL" not in here
    elsewhere = {"DATABASE_URL": "postgres://somewhere/coachline"}
    assert "pg_dump" in said("backup", tmp_path / "b.tar.gz", "--centre", tmp_path / "centre", **elsewhere)
    assert "pg_restore" in said("restore", tmp_path / "b.tar.gz", "--centre", tmp_path / "again", **elsewhere)
