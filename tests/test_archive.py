"""A backup that was tampered with is refused whole, on every Python."""

from __future__ import annotations

import io
import tarfile
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
