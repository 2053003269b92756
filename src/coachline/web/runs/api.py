"""Background work through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.language import words
from coachline.web.base.schemas import Paging, Part, Text, part_of, refusals
from coachline.web.runs.actions import cancel
from coachline.web.runs.models import Run
from coachline.web.runs.queries import visible_to
from coachline.web.runs.wording import error as error_text

router = Router()

VIEW = "runs.view"


class RunOut(Schema):
    """A piece of work."""

    id: UUID
    kind: str
    name: str
    parameters: dict[str, Any]
    centre: str | None
    state: str
    share: float | None
    error: str | None
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lake: dict[str, int]


def shown(run: Run) -> dict[str, Any]:
    """A run as the API tells of it."""
    plain = ("id", "kind", "name", "parameters", "state", "share", "asked_at", "started_at", "finished_at", "lake")
    centre = run.centre.name if run.centre else None
    return {**{name: getattr(run, name) for name in plain}, "centre": centre, "error": error_text(run, words()) or None}


class RunsWanted(Paging):
    """Which runs are asked for."""

    state: Text = ""
    kind: Text = ""


def found(request: HttpRequest, run_id: UUID) -> Run:
    """A run that the user may see: with a token that starts runs, their own ones, too.

    Raises
    ------
    CoachlineError
        ``not_there``.
    NoPermission
    """
    if not any(request.user.has_perm(verb) for verb in ("runs.start", "facts.upload")):
        require(request.user, VIEW)
    run = visible_to(request.user).select_related("centre").filter(pk=run_id).first()
    if run is None:
        raise CoachlineError("not_there", what=str(run_id))
    return run


@router.get("", response={200: Part[RunOut], **refusals(422)})
def list_runs(request: HttpRequest, wanted: Annotated[RunsWanted, Query()]) -> dict[str, Any]:
    """Runs that the user may see, the newest first."""
    require(request.user, VIEW)
    rows = visible_to(request.user).select_related("centre")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return part_of(rows, wanted, shown)


@router.get("/{uuid:run_id}", response={200: RunOut, **refusals(404)})
def one_run(request: HttpRequest, run_id: UUID) -> dict[str, Any]:
    """How far a run is."""
    return shown(found(request, run_id))


@router.post("/{uuid:run_id}/cancel", response={200: RunOut, **refusals(404)})
def cancel_run(request: HttpRequest, run_id: UUID) -> dict[str, Any]:
    """Call a run off; one that has ended stays as it is."""
    if not request.user.has_perm("facts.upload"):
        # Whoever loads files may call that off; for everything else, a token must be one that starts runs.
        require(request.user, "runs.start")
    run = found(request, run_id)
    cancel(run, by=request.user)
    run.refresh_from_db()
    return shown(run)
