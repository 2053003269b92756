"""What tests of the pages of capability have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from django.utils import timezone

from coachline.engine.result import Note, Result
from coachline.stored import load_result, save_result
from coachline.web.org.models import Agent, Centre
from coachline.web.runs.keys import key_of
from coachline.web.runs.models import Run


@pytest.fixture
def cells(in_service: Path) -> pl.DataFrame:
    """The matrix as it was calculated for everybody."""
    return stored("capability.matrix").polars("matrix")


@pytest.fixture
def team(in_service: Path) -> frozenset[str]:
    """Agents of the team leader's team."""
    return frozenset(Agent.objects.filter(team__grants__user__username="team_leader").values_list("agent_id", flat=True))


@pytest.fixture
def everybody(in_service: Path) -> frozenset[str]:
    """All agents, those of whom only the results know included."""
    seen = stored("capability.matrix").polars("matrix")["agent_id"].unique().to_list()
    return frozenset(seen) | frozenset(Agent.objects.values_list("agent_id", flat=True))


@pytest.fixture
def self_id(in_service: Path) -> str:
    """The number of the agent who signs in as ``agent``."""
    return Agent.objects.get(user__username="agent").agent_id


@pytest.fixture
def business(cells: pl.DataFrame, self_id: str) -> str:
    """A business that the agent has handled."""
    own = cells.filter((pl.col("agent_id") == self_id) & (pl.col("n") > 0) & (pl.col("outcome") != "index"))
    return str(own.sort("n", descending=True)["business"][0])


def newest(analysis: str) -> Run:
    return Run.objects.filter(kind="analysis", name=analysis, state=Run.State.DONE, centre=None).latest("finished_at")


def stored(analysis: str) -> Result:
    return load_result(newest(analysis).folder)


def keep(analysis: str, result: Result, centre: Centre | None = None) -> Run:
    """Enter a result as the newest of an analysis. Its folder must be one that the test may write to."""
    like = newest(analysis)
    key = key_of("analysis", analysis, like.parameters, centre.pk if centre else None)
    run = Run(kind="analysis", name=analysis, parameters=like.parameters, key=key, centre=centre, state=Run.State.DONE)
    run.finished_at, run.lake, run.summary = timezone.now(), like.lake, like.summary
    save_result(result, run.folder)
    run.save(force_insert=True)
    return run


@pytest.fixture
def changed(own_centre: Path) -> Callable[..., Run]:
    """``changed("capability.matrix", weak=frame)``: the result with other tables is now the newest."""

    def enter(analysis: str, *, centre: Centre | None = None, notes: tuple[Note, ...] | None = None, **tables: pl.DataFrame) -> Run:
        old = stored(analysis)
        kept = {name: old.table(name) for name in old.tables}
        new = replace(old, tables={**kept, **{name: frame.to_arrow() for name, frame in tables.items()}})
        return keep(analysis, new if notes is None else replace(new, notes=notes), centre)

    return enter
