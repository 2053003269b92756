"""Files on their way into the lake: sent, mapped, checked, loaded or given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, File, Query, Router, Schema, Status, UploadedFile

from coachline.errors import CoachlineError
from coachline.rejects import reason
from coachline.web.base.language import words
from coachline.web.base.schemas import Paging, Part, Refusal, Text, part_of, refusals
from coachline.web.facts import actions
from coachline.web.facts.models import Upload
from coachline.web.facts.queries import uploads as asked
from coachline.web.runs.api import RunOut
from coachline.web.runs.api import shown as run_shown

router = Router()


class UploadOut(Schema):
    """A file and how far it is. `counts` are rows accepted, replaced, unchanged, rejected: of the check, then of the load."""

    id: UUID
    name: str
    size: int
    sha256: str
    state: str
    table: str
    counts: dict[str, int]
    error: Refusal | None
    run: UUID | None
    at: datetime
    changed_at: datetime


class ReasonOut(Schema):
    """Why rows were rejected."""

    fault: str
    text: str
    rows: int


class UploadDetail(UploadOut):
    """The same with how the file is read: what was set, and what its first rows look like under that. Customers' numbers are masked."""

    mapping: dict[str, Any]
    preview: dict[str, Any]
    reasons: list[ReasonOut]


class MapIn(Schema):
    """Entries as in a map file; what is left out is recognised."""

    mapping: dict[str, Any] = Field(default_factory=dict)


class CheckIn(Schema):
    """Whether rows under known numbers are corrections, though time and person differ."""

    replace_other_events: bool = False


class UploadsWanted(Paging):
    """Which files are asked for."""

    state: Text = ""


@router.get("", response={200: Part[UploadOut], **refusals(422)})
def list_uploads(request: HttpRequest, wanted: Annotated[UploadsWanted, Query()]) -> dict[str, Any]:
    """Files, the newest first."""
    found = asked.uploads(request.user)
    return part_of(found.filter(state=wanted.state) if wanted.state else found, wanted, _shown)


@router.post("", response={201: UploadDetail, **refusals(413, 422, 503)})
def send_upload(request: HttpRequest, file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Send a file; it is stored and looked at, and nothing of it is loaded yet."""
    return Status(201, _detail(actions.receive_upload(file, file.name or "", by=request.user)))


@router.get("/{uuid:upload_id}", response={200: UploadDetail, **refusals(404)})
def one_upload(request: HttpRequest, upload_id: UUID) -> dict[str, Any]:
    """One file."""
    return _detail(_found(request, upload_id))


@router.put("/{uuid:upload_id}/map", response={200: UploadDetail, **refusals(404, 422, 503)})
def map_upload(request: HttpRequest, upload_id: UUID, given: MapIn) -> dict[str, Any]:
    """Say how the file is to be read."""
    found = _found(request, upload_id)
    return _detail(actions.set_mapping(found, given.mapping, by=request.user))


@router.post("/{uuid:upload_id}/check", response={202: RunOut, **refusals(404, 422)})
def check_upload(request: HttpRequest, upload_id: UUID, given: CheckIn) -> Status[dict[str, Any]]:
    """Have the whole file read and compared with what is loaded, without writing anything."""
    found = _found(request, upload_id)
    return Status(202, run_shown(actions.check(found, by=request.user, replace_other_events=given.replace_other_events)))


@router.post("/{uuid:upload_id}/load", response={202: RunOut, **refusals(404, 422)})
def load_upload(request: HttpRequest, upload_id: UUID) -> Status[dict[str, Any]]:
    """Have the file loaded as it was checked."""
    return Status(202, run_shown(actions.load(_found(request, upload_id), by=request.user)))


@router.post("/{uuid:upload_id}/discard", response={200: UploadDetail, **refusals(404, 422)})
def discard_upload(request: HttpRequest, upload_id: UUID) -> dict[str, Any]:
    """Give the file up: it is deleted, the account of it stays."""
    found = _found(request, upload_id)
    actions.discard(found, by=request.user)
    return _detail(found)


def _found(request: HttpRequest, upload_id: UUID) -> Upload:
    found: Upload | None = asked.upload(request.user).filter(pk=upload_id).first()
    if found is None:
        raise CoachlineError("not_there", what=str(upload_id))
    return found


def _shown(upload: Upload) -> dict[str, Any]:
    plain = ("id", "name", "size", "sha256", "table", "counts", "at", "changed_at")
    error = upload.error and {"code": upload.error["code"], "message": words()(f"error.{upload.error['code']}", **upload.error["facts"])}
    return {**{name: getattr(upload, name) for name in plain}, "state": upload.standing, "error": error, "run": upload.run_id}


def _detail(upload: Upload) -> dict[str, Any]:
    say = words()
    reasons = [
        {"fault": entry["fault"], "text": reason(upload.table, entry["fault"], say), "rows": entry["rows"]} for entry in upload.reasons
    ]
    return {**_shown(upload), "mapping": upload.mapping, "preview": upload.preview, "reasons": reasons}
