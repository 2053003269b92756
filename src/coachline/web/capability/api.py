"""Cells of the capability matrix through the API, as they were stored; nothing is estimated here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import polars as pl
from django.http import HttpRequest
from ninja import Query, Router, Schema

from coachline.errors import CoachlineError
from coachline.outputs import plain_rows
from coachline.report.chapters.weak_cells import expected_wrong
from coachline.web.base.language import words
from coachline.web.base.schemas import Paging, Part, Text, refusals
from coachline.web.capability.permissions import VIEW, require_overview
from coachline.web.capability.queries import cells, sources, weak
from coachline.web.capability.queries.people import people
from coachline.web.capability.queries.sources import Source, measures_of
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.org.queries import Perspective, perspective

router = Router()


class CellOut(Schema):
    """An agent on a business by one outcome: counts, estimate with its interval, standard, and the verdict."""

    agent_id: str
    business: str
    outcome: str
    n: int
    successes: float | None
    raw: float | None
    estimate: float | None
    low: float | None
    high: float | None
    standard: float | None
    p_below: float | None
    verdict: str


class WeakOut(Schema):
    """A cell that is surely below its standard; `lost` are the outcomes that the gap costs."""

    agent_id: str
    business: str
    outcome: str
    n: int
    estimate: float | None
    standard: float | None
    gap: float | None
    p_below: float
    lost: float | None


class Cells(Part[CellOut]):
    """Cells, and when they were calculated."""

    as_of: datetime


class WeakCells(Part[WeakOut]):
    """Weak cells, when they were calculated, and how many of all of them are expected to reach their standard after all."""

    as_of: datetime
    expected_wrong: float


class CellsWanted(Paging):
    """Which cells are asked for. `business` is one of them or a level above; without `outcome` the first that tells people apart is meant."""

    agent: Text = ""
    business: Text = ""
    outcome: Text = ""
    team: Text = ""
    centre: Text = ""


@router.get("/cells", response={200: Cells, **refusals(404, 422)})
def list_cells(request: HttpRequest, wanted: Annotated[CellsWanted, Query()]) -> dict[str, Any]:
    """Cells with evidence, those with most of it first."""
    eyes, found = _matrix(request, wanted.centre)
    judged = [measure for measure in measures_of(found) if measure.judged]
    measure = next((each for each in judged if each.code == wanted.outcome), None) if wanted.outcome else next(iter(judged), None)
    if measure is None:
        raise CoachlineError("not_there", what=wanted.outcome or words()("analysis.capability.matrix.title"))
    listed = _of_agent(cells.cells(found, measure, _wish(wanted), people(request.user, eyes)), wanted)
    return {**_part(listed, wanted, CellOut), "as_of": found.as_of}


@router.get("/weak", response={200: WeakCells, **refusals(422)})
def list_weak_cells(request: HttpRequest, wanted: Annotated[CellsWanted, Query()]) -> dict[str, Any]:
    """Weak cells of every outcome, or of one, the costliest first."""
    eyes, found = _matrix(request, wanted.centre)
    listed = _of_agent(weak.weak(found, _wish(wanted), people(request.user, eyes)), wanted)
    return {**_part(listed, wanted, WeakOut), "as_of": found.as_of, "expected_wrong": expected_wrong(listed)}


def _matrix(request: HttpRequest, centre: str) -> tuple[Perspective, Source]:
    require_overview(request.user)
    eyes = perspective(request.user, VIEW, centre)
    found = sources.source(sources.MATRIX, eyes)
    if found is None:
        raise CoachlineError("not_calculated", analysis=words()("analysis.capability.matrix.title"))
    return eyes, found


def _wish(wanted: CellsWanted) -> Wanted:
    return Wanted(outcome=wanted.outcome, team=wanted.team, family=wanted.business)


def _of_agent(listed: pl.DataFrame, wanted: CellsWanted) -> pl.DataFrame:
    return listed.filter(pl.col("agent_id") == wanted.agent) if wanted.agent else listed


def _part(listed: pl.DataFrame, wanted: CellsWanted, shape: type[Schema]) -> dict[str, Any]:
    part = listed.select(list(shape.model_fields)).slice((wanted.page - 1) * wanted.size, wanted.size)
    return {"items": plain_rows(part.to_arrow()), "total": listed.height, "page": wanted.page, "size": wanted.size}
