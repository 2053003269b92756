"""A centre with one call, and a way to write export files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from coachline.centre import Centre

WriteCsv = Callable[..., Path]

CALLS = "通话编号,呼入时间,坐席工号,呼叫结果,通话时长,主叫号码\n"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with Centre.create(tmp_path / "centre") as made:
        yield made


@pytest.fixture
def write(tmp_path: Path) -> WriteCsv:
    """``write("a.csv", "header\\n", ["row", ...], encoding="gb18030")`` -> path."""

    def made(name: str, header: str, rows: Sequence[str] = (), encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes((header + "".join(row + "\n" for row in rows)).encode(encoding))
        return path

    return made
