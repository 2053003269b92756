"""One DuckDB for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coachline.engine.compute import DuckDBCompute


@pytest.fixture(scope="module")
def compute() -> Iterator[DuckDBCompute]:
    opened = DuckDBCompute()
    yield opened
    opened.close()
