"""Many users from a table: upload, look at what would happen, confirm."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.core import signing
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.errors import CoachlineError
from coachline.outputs import as_csv
from coachline.web.accounts.roles import ROLES
from coachline.web.base.downloads import rows_download
from coachline.web.base.language import words
from coachline.web.org import actions
from coachline.web.org.forms import UserFileForm
from coachline.web.org.permissions import require_everything

MANAGE = "accounts.manage"
SALT = "org.import_users."
OPEN_S = 3600
"""How long a preview can be confirmed."""
SHOWN = 200
"""Rows of a preview."""
COLUMNS = ("username", "name", "role", "centre", "team", "agent")


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take the file and show what each row would do."""
    require_everything(request.user, MANAGE)
    form = UserFileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return render(request, "org/import.html", {"form": form, "roles": list(ROLES)}, status=422 if form.is_bound else 200)
    file: TemporaryUploadedFile = form.cleaned_data["file"]
    rows = actions.read_users(Path(file.temporary_file_path()), file.name or "")
    planned = actions.plan_import(rows, by=request.user)
    wrong = [each for each in planned if each.errors]
    right = [each for each in planned if not each.errors]
    say = words()
    facts = {
        "name": file.name,
        "total": len(planned),
        "create": sum(each.does == "create" for each in right),
        "give": sum(each.does == "role" for each in right),
        "nothing": sum(each.does == "nothing" for each in right),
        "wrong": len(wrong),
        "shown": [(each, [say(f"web.org.import.error.{code}", **said) for code, said in each.errors]) for each in [*wrong, *right][:SHOWN]],
        "more": max(0, len(planned) - SHOWN),
        "rows": signing.dumps(rows, salt=_salt(request), compress=True),
    }
    return render(request, "org/import_preview.html", facts)


@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Do what the preview said; the passwords are given this once."""
    require_everything(request.user, MANAGE)
    try:
        rows = signing.loads(request.POST.get("rows", ""), salt=_salt(request), max_age=OPEN_S)
    except signing.BadSignature:
        raise CoachlineError("import_stale") from None
    done = actions.confirm_import(rows, by=request.user)
    say = words()
    headers = [*(say(f"web.org.{column}") for column in COLUMNS), say("web.org.password")]
    made = [
        [each.username, each.name, say(f"role.{each.code}"), each.centre, each.team, each.agent_id, password]
        for each, password in done.made
    ]
    table = pa.table({header: pa.array([row[i] for row in made], pa.string()) for i, header in enumerate(headers)})
    # The file travels inside the page, so that passwords are stored nowhere.
    csv = base64.b64encode(b"\xef\xbb\xbf" + as_csv(table).encode()).decode()
    return render(request, "org/import_done.html", {"made": len(made), "given": done.given, "csv": csv})


@require_GET
def sample(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty table with the headers that are understood, and a row for each role."""
    require_everything(request.user, MANAGE)
    say = words()
    headers = [say(f"web.org.{column}") for column in COLUMNS]
    rows: list[list[Any]] = [
        [
            f"user{i}",
            "",
            say(f"role.{role}"),
            "",
            say("web.org.import.sample_team") if far == "team" else "",
            "80001" if role == "agent" else "",
        ]
        for i, (role, far) in enumerate(ROLES.items(), 1)
    ]
    return rows_download(headers, rows, say("web.org.import.sample_name"), kind)


def _salt(request: HttpRequest) -> str:
    # Only whoever saw the preview can confirm it.
    return f"{SALT}{request.user.pk}"
