"""Engines that cannot be had are said so, in a line."""

from __future__ import annotations

import pytest

from coachline.engine.compute import SparkCompute
from coachline.errors import CoachlineError


@pytest.mark.parametrize(("remote", "code"), [(None, "spark_without_cluster"), ("sc://127.0.0.1:1", "spark_unreachable")])
def test_a_cluster_that_is_not_there(remote: str | None, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(CoachlineError) as caught:
        SparkCompute(remote=remote)
    assert caught.value.code == code
    assert "duckdb" in str(caught.value) or "SPARK_REMOTE" in str(caught.value)
