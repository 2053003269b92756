"""The files of the repository as a fresh clone would have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "coachline"


def _ignored() -> frozenset[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip("/") for line in lines if line and not line.startswith("#")) | {".git"}


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file below `folder` that git would keep."""
    ignored = _ignored()
    for path in sorted(folder.iterdir()):
        if path.name in ignored or path.relative_to(ROOT).as_posix() in ignored or path.suffix == ".pyc":
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def modules() -> Iterator[Path]:
    return (path for path in files(SOURCE) if path.suffix == ".py")
