"""Every analysis through the API: what there is, asking for a run, and reading results."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from coachline.errors import CoachlineError
from coachline.outputs import plain_rows
from coachline.web.base.language import words
from coachline.web.base.schemas import Paging, Part, Text, refusals
from coachline.web.home.queries.contents import contents, run_of
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs import queries
from coachline.web.runs.actions import start_analysis
from coachline.web.runs.api import RunOut, shown

router = Router()


class ParameterOut(Schema):
    """What a setting may be."""

    name: str
    kind: str
    usual: str
    accepted: str
    about: str


class AnalysisOut(Schema):
    """An analysis of the table of contents."""

    name: str
    version: str
    title: str
    summary: str
    parameters: list[ParameterOut]


class AnalysisIn(Schema):
    """What is asked of an analysis; whatever is left out takes the centre's default."""

    parameters: dict[str, Any] = Field(default_factory=dict)
    centre: Text = ""


class TableOut(Schema):
    name: str
    columns: list[str]
    rows: int


class RemarkOut(Schema):
    code: str
    facts: dict[str, Any]


class CheckOut(RemarkOut):
    ok: bool
    figure: float | None


class ResultOut(Schema):
    """A result without its rows."""

    run: RunOut
    values: dict[str, Any]
    tables: list[TableOut]
    checks: list[CheckOut]
    notes: list[RemarkOut]


@router.get("", response={200: list[AnalysisOut], **refusals()})
def list_analyses(request: HttpRequest) -> list[dict[str, Any]]:
    """Analyses that the user may see."""
    say = words()
    return [
        {
            "name": entry.analysis.name,
            "version": entry.analysis.version,
            "title": say(entry.title),
            "summary": say(entry.summary),
            "parameters": [
                {"name": p.name, "kind": p.kind, "usual": p.default_text, "accepted": p.accepted, "about": say(f"parameter.{p.name}")}
                for p in entry.analysis.parameters
            ],
        }
        for entries in contents(request.user).values()
        for entry in entries
    ]


@router.post("/{name}/runs", response={202: RunOut, **refusals(404, 422)})
def ask(request: HttpRequest, name: str, given: AnalysisIn) -> Status[dict[str, Any]]:
    """Ask for a run; who asks for what is waiting already gets that run."""
    eyes = perspective(request.user, queries.verb_of(name), given.centre)
    return Status(202, shown(start_analysis(name, given.parameters, by=request.user, centre=eyes.centre)))


@router.get("/{name}/result", response={200: ResultOut, **refusals(404, 422)})
def newest_result(request: HttpRequest, name: str, centre: Text = "") -> dict[str, Any]:
    """The newest result with the centre's default parameters."""
    eyes = perspective(request.user, queries.verb_of(name), centre)
    run = queries.latest(name, {}, eyes.centre)
    if run is None:
        raise CoachlineError("not_calculated", analysis=words()(f"analysis.{name}.title"))
    return _result(run, eyes)


@router.get("/{name}/runs/{uuid:run_id}/result", response={200: ResultOut, **refusals(404, 422)})
def one_result(request: HttpRequest, name: str, run_id: UUID, centre: Text = "") -> dict[str, Any]:
    """The result of one run."""
    eyes = perspective(request.user, queries.verb_of(name), centre)
    return _result(run_of(name, run_id, eyes), eyes)


@router.get("/{name}/runs/{uuid:run_id}/tables/{table}", response={200: Part[dict[str, Any]], **refusals(404, 422)})
def rows(
    request: HttpRequest, name: str, run_id: UUID, table: str, paging: Annotated[Paging, Query()], centre: Text = ""
) -> dict[str, Any]:
    """Rows of one table of a result, as the user may see them."""
    eyes = perspective(request.user, queries.verb_of(name), centre)
    found = queries.result(run_of(name, run_id, eyes), eyes)
    if table not in found.tables:
        raise CoachlineError("not_there", what=table)
    whole = found.table(table)
    part = whole.slice((paging.page - 1) * paging.size, paging.size)
    return {"items": plain_rows(part), "total": whole.num_rows, "page": paging.page, "size": paging.size}


def _result(run: Any, eyes: Perspective) -> dict[str, Any]:
    found = queries.result(run, eyes)
    return {
        "run": shown(run),
        "values": dict(found.values),
        "tables": [{"name": t, "columns": found.table(t).schema.names, "rows": found.table(t).num_rows} for t in found.tables],
        "checks": [{"code": c.code, "facts": dict(c.facts), "ok": c.ok, "figure": c.figure} for c in found.checks],
        "notes": [{"code": n.code, "facts": dict(n.facts)} for n in found.notes],
    }
