"""Files on their way into the lake: received, mapped, checked, loaded."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.errors import CoachlineError
from coachline.rejects import reason
from coachline.report.terms import Terms
from coachline.web.base.centre_folder import folder
from coachline.web.base.downloads import file_download, named
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.facts import actions
from coachline.web.facts.forms import mapping as form
from coachline.web.facts.models import SavedMap, Upload
from coachline.web.facts.models.names import shown
from coachline.web.facts.queries import uploads as asked
from coachline.web.journal.actions import record
from coachline.web.runs import wording
from coachline.wording import Wording

COUNTS = ("accepted", "replaced", "unchanged", "rejected")
AT_ONCE = 20
"""Files that one form may bring."""


@require_http_methods(["GET", "POST"])
def upload_page(request: HttpRequest) -> HttpResponse:
    """Where files are dropped, with earlier ones and what the tables hold."""
    found = asked.uploads(request.user)
    if request.method == "POST":
        return _receive(request)
    state = request.GET.get("state", "")
    rows = found.filter(state=state) if state in Upload.State.values else found
    context = {
        "page": page_of(rows, request),
        "state": state,
        "states": Upload.State.values,
        "any": found.exists(),
        "holdings": asked.holdings(),
        "limit": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
        "maps": SavedMap.objects.count(),
    }
    return render(request, "facts/upload.html", context)


@require_GET
def upload_detail(request: HttpRequest, pk: Any) -> HttpResponse:
    """One file: its map while it can be mended, and what a check or load said."""
    return render(request, "facts/upload_detail.html", _context(request, _found(request, pk)))


@require_GET
def upload_state(request: HttpRequest, pk: Any) -> HttpResponse:
    """How far the check or load is; the page asks again until it has ended, then it is drawn anew."""
    found = _found(request, pk)
    response = render(request, "facts/upload_state.html", _context(request, found))
    if not found.busy:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def upload_map(request: HttpRequest, pk: Any) -> HttpResponse:
    """Read the file by the map that the form asks for, and show what comes of it."""
    found = _found(request, pk)
    refused = ""
    try:
        if request.POST.get("reset"):
            actions.set_mapping(found, {}, by=request.user)
        else:
            actions.set_mapping(found, form.entries(request.POST, found.preview, found.mapping), by=request.user)
    except CoachlineError as error:
        if not getattr(request, "htmx", False):
            raise
        refused = words()(f"error.{error.code}", **error.facts)
    if getattr(request, "htmx", False):
        return render(request, "facts/mapped.html", {**_context(request, found), "refused": refused})
    return redirect("facts:upload-detail", found.pk)


@require_POST
def upload_check(request: HttpRequest, pk: Any) -> HttpResponse:
    """Ask for the whole file to be checked; where another system has used the same numbers, after naming it or confirming corrections."""
    found = _found(request, pk)
    if source := request.POST.get("source", "").strip():
        actions.set_mapping(found, {**found.mapping, "source": source}, by=request.user)
    actions.check(found, by=request.user, replace_other_events=bool(request.POST.get("replace")))
    return redirect("facts:upload-detail", found.pk)


@require_POST
def upload_load(request: HttpRequest, pk: Any) -> HttpResponse:
    """Ask for the file to be loaded as it was checked."""
    found = _found(request, pk)
    actions.load(found, by=request.user)
    return redirect("facts:upload-detail", found.pk)


@require_POST
def upload_discard(request: HttpRequest, pk: Any) -> HttpResponse:
    """Give the file up."""
    found = _found(request, pk)
    actions.discard(found, by=request.user)
    messages.success(request, words()("web.facts.upload.discarded", name=found.name))
    return redirect("facts:upload")


@require_GET
def map_download(request: HttpRequest, pk: Any) -> HttpResponse:
    """The map as a file for the command line."""
    found = _found(request, pk)
    return named(HttpResponse(asked.map_file(found), content_type="application/toml; charset=utf-8"), f"{found.table or 'map'}.toml")


@require_GET
def rejects_download(request: HttpRequest, pk: Any) -> FileResponse:
    """The rejected rows of a check or load; customers are hashed in them."""
    found = _found(request, pk)
    say = words()
    if not found.rejects:
        raise CoachlineError("not_there", what=say("web.facts.upload.rejects"))
    record("facts.rejects", by=request.user, subject=found, rows=found.counts.get("rejected"))
    return file_download(folder() / "rejects" / found.rejects, say("web.facts.upload.rejects_file", name=found.name))


@require_GET
def map_list(request: HttpRequest) -> HttpResponse:
    """Maps that are remembered."""
    return render(request, "facts/maps.html", {"page": page_of(asked.saved_maps(request.user), request)})


@require_POST
def map_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a map something else, or forget it."""
    found = get_object_or_404(asked.saved_maps(request.user), pk=pk)
    if request.POST.get("forget"):
        actions.forget_map(found, by=request.user)
        messages.success(request, words()("web.facts.maps.forgotten", name=found.name))
    else:
        actions.name_map(found, request.POST.get("name", ""), by=request.user)
    return redirect("facts:maps")


def _receive(request: HttpRequest) -> HttpResponse:
    """Take in the files of a form. A script that sends them one by one, to show how far each is, is answered in JSON."""
    say = words()
    by_script = "application/json" in request.headers.get("Accept", "")
    taken: list[Upload] = []
    refused: list[str] = []
    files = request.FILES.getlist("file")[:AT_ONCE]
    for file in files:
        try:
            taken.append(actions.receive_upload(file, file.name or "", by=request.user))
        except CoachlineError as error:
            refused.append(say("web.facts.upload.refused", name=shown(file.name or ""), reason=say(f"error.{error.code}", **error.facts)))
    if not files:
        refused.append(say("web.facts.upload.no_file"))
    if by_script:
        answer = {"refused": refused, "taken": [{"name": u.name, "address": reverse("facts:upload-detail", args=[u.pk])} for u in taken]}
        return JsonResponse(answer, status=422 if refused else 200)
    for message in refused:
        messages.error(request, message)
    if len(taken) == 1 and not refused:
        return HttpResponseRedirect(reverse("facts:upload-detail", args=[taken[0].pk]))
    if taken:
        messages.success(request, say("web.facts.upload.received", count=len(taken)))
    return redirect("facts:upload")


def _found(request: HttpRequest, pk: Any) -> Upload:
    found: Upload = get_object_or_404(asked.upload(request.user), pk=pk)
    return found


def _lost(found: Upload, say: Wording) -> str:
    """Why a check or load is not going on, where nobody could write it down."""
    return wording.error(found.run, say) if found.standing == Upload.State.FAILED and found.run is not None else ""


def _context(request: HttpRequest, found: Upload) -> dict[str, Any]:
    """What the page of an upload shows."""
    say = words()
    preview, error = found.preview or {}, found.error or {}
    groups = form.groups(preview) if not found.ended else []
    for column in preview.get("columns", ()):
        for fault in column["faults"]:
            fault["text"] = reason(found.table, fault["code"], say)
    return {
        "upload": found,
        "preview": preview,
        "layout": preview.get("layout") or {},
        "groups": groups,
        "wrong": sum(len(group.rows) for group in groups if group.code == "wrong"),
        "row_faults": [{**fault, "text": reason(found.table, fault["code"], say)} for fault in preview.get("faults", ())],
        "reasons": [{**entry, "text": reason(found.table, entry["fault"], say)} for entry in found.reasons],
        "notes": [Terms(say).said("note", note["code"], note["facts"]) for note in found.notes],
        "problems": [say(f"error.{problem['code']}", **problem["facts"]) for problem in preview.get("problems", ())],
        "error": say(f"error.{error['code']}", **error["facts"]) if error else _lost(found, say),
        "other_events": error.get("code") == "keys_of_other_events",
        "tables": form.tables(preview),
        "encodings": form.ENCODINGS,
        "units": form.UNITS,
        "unknown_word": form.UNKNOWN,
        "same": asked.same_content(found) if not found.ended else None,
        "steps": (Upload.State.MAPPED, Upload.State.CHECKED, Upload.State.LOADED),
        "counts": [(name, found.counts[name]) for name in COUNTS if name in found.counts],
        "mendable": not found.busy and not found.ended,
        "ready": found.standing in (Upload.State.MAPPED, Upload.State.CHECKED, Upload.State.FAILED) and bool(found.table),
    }
