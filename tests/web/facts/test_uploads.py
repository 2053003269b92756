"""From a file as it was exported to rows of the lake, through the pages."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from coachline.centre import Centre
from coachline.errors import CoachlineError
from coachline.web.base.refusals import NoPermission
from coachline.web.facts import actions
from coachline.web.facts.models import SavedMap, Upload
from coachline.web.journal.models import Entry
from coachline.web.runs.execution import execute_here
from coachline.web.runs.models import Run
from tests.web.facts.exports import HEADERS, MENDED, NUMBER, ROWS, gb18030

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]


def received(content: bytes, name: str, by: Any) -> Upload:
    return actions.receive_upload(io.BytesIO(content), name, by=by)


def done(run: Run) -> Run:
    assert execute_here(str(run.pk)) == Run.State.DONE, Run.objects.get(pk=run.pk).error
    return Run.objects.get(pk=run.pk)


def fresh(upload: Upload) -> Upload:
    return Upload.objects.get(pk=upload.pk)


def calls(folder: Path) -> dict[str, dict[str, Any]]:
    with Centre(folder) as opened:
        table = opened.table("calls")
        rows = opened.facts().collect(table.filter(table.call_id.startswith("T"))).to_pylist()
    return {row["call_id"]: row for row in rows}


def test_a_file_with_two_bad_columns_is_mended_by_hand_and_loaded(client_of: ClientOf, own_centre: Path) -> None:
    client = client_of("administrator")
    answer = client.post("/facts/", {"file": SimpleUploadedFile("话单.csv", gb18030())})
    upload = Upload.objects.get()
    assert answer.headers["Location"] == f"/facts/uploads/{upload.pk}/"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "怎么结束的" in page and upload.preview["layout"]["encoding"] == "gb18030"
    assert NUMBER not in page
    assert upload.preview["missing"] == ["outcome"] and upload.preview["bad_rows"] == 4

    form = as_form(upload) | {"h:outcome": "怎么结束的", "format:arrived_at": "%y.%m.%d %H:%M"}
    client.post(f"/facts/uploads/{upload.pk}/map", form, headers={"HX-Request": "true"})
    upload = fresh(upload)
    words = [fault["examples"] for column in upload.preview["columns"] if column["name"] == "outcome" for fault in column["faults"]]
    assert sorted(words[0]) == ["接起来了", "等不及挂了"]
    form = as_form(upload) | {"word:outcome": ["接起来了", "等不及挂了"], "mean:outcome": ["answered", "abandoned"]}
    client.post(f"/facts/uploads/{upload.pk}/map", form, headers={"HX-Request": "true"})
    upload = fresh(upload)
    assert upload.state == Upload.State.MAPPED
    assert upload.mapping == MENDED

    before = len(calls(own_centre))
    client.post(f"/facts/uploads/{upload.pk}/check")
    assert fresh(upload).state == Upload.State.CHECKING
    done(Run.objects.get(kind="import_check"))
    upload = fresh(upload)
    assert (upload.state, upload.counts) == (Upload.State.CHECKED, {"accepted": 3, "replaced": 0, "unchanged": 0, "rejected": 1})
    assert len(calls(own_centre)) == before == 0
    page = client.get(f"/facts/uploads/{upload.pk}/").content.decode()
    assert (
        "满意度" in page and upload.reasons[0]["fault"] == "outside:rating" and upload.reasons[0]["examples"] == [{"row": 5, "text": "9"}]
    )

    client.post(f"/facts/uploads/{upload.pk}/load")
    file = upload.file
    assert file.exists()
    done(Run.objects.get(kind="import"))
    upload = fresh(upload)
    assert (upload.state, upload.counts["accepted"]) == (Upload.State.LOADED, 3)
    assert not file.exists() and not file.parent.exists()
    loaded = calls(own_centre)
    assert {key: row["outcome"] for key, row in loaded.items()} == {"T1": "answered", "T2": "answered", "T3": "abandoned"}
    assert loaded["T1"]["arrived_at"].isoformat() == "2026-03-01T00:05:00+00:00"
    assert loaded["T1"]["customer_id"].startswith("c_") and NUMBER not in str(loaded)
    rejects = b"".join(client.get(f"/facts/uploads/{upload.pk}/rejects.csv").streaming_content).decode("utf-8-sig")
    assert "T4" in rejects and "13700000002" not in rejects
    assert Run.objects.filter(kind="everything", state=Run.State.WAITING).exists()
    assert list(Entry.objects.filter(verb__startswith="facts.").order_by("pk").values_list("verb", flat=True)) == [
        "facts.upload",
        "facts.map",
        "facts.map",
        "facts.check",
        "facts.load",
        "facts.loaded",
        "facts.rejects",
    ]


def as_form(upload: Upload) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    preview = upload.preview
    form: dict[str, Any] = {
        "table": preview["table"] or "",
        "encoding": upload.mapping.get("encoding", ""),
        "source": "",
        "header_row": "1",
    }
    for column in preview["columns"]:
        recipe = column["recipe"] or {}
        form[f"h:{column['name']}"] = recipe.get("columns") or [""]
        if column["kind"] in ("instant", "day"):
            form[f"format:{column['name']}"] = recipe.get("format", "")
        if column["kind"] == "seconds":
            form[f"unit:{column['name']}"] = recipe.get("unit", "")
    return form


def test_a_form_sent_as_it_stands_decides_nothing(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    upload = received(gb18030(), "a.csv", user_of("administrator"))
    client_of("administrator").post(f"/facts/uploads/{upload.pk}/map", as_form(upload))
    assert fresh(upload).mapping == {}


def test_a_recognised_column_can_be_left_out_and_made_of_another_header(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    upload = received(gb18030(), "a.csv", user_of("administrator"))
    client = client_of("administrator")
    client.post(f"/facts/uploads/{upload.pk}/map", as_form(upload) | {"h:rating": "", "h:queue": "业务类型", "h:business": ""})
    mapping = fresh(upload).mapping
    assert mapping == {"ignore": ["满意度"], "columns": {"queue": {"columns": ["业务类型"]}}}
    supplied = {column["name"] for column in fresh(upload).preview["columns"] if column["recipe"]}
    assert "queue" in supplied and not {"rating", "business"} & supplied


def test_another_table_begins_a_map_anew(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    upload = received(gb18030(), "a.csv", user_of("administrator"))
    actions.set_mapping(upload, MENDED, by=user_of("administrator"))
    client_of("administrator").post(f"/facts/uploads/{upload.pk}/map", as_form(upload) | {"table": "agents"})
    assert fresh(upload).mapping == {"table": "agents", "columns": {}}


def test_the_next_file_with_these_headers_is_read_by_the_same_map(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    first = received(gb18030(), "话单_3月.csv", admin)
    actions.set_mapping(first, MENDED, by=admin)
    assert not SavedMap.objects.exists()
    done(actions.check(first, by=admin))
    done(actions.load(first, by=admin))
    assert SavedMap.objects.get().name == "话单_3月"
    second = received(gb18030([("T9", *ROWS[0][1:])]), "话单_4月.csv", admin)
    assert (second.state, second.mapping["columns"]) == (Upload.State.MAPPED, MENDED["columns"])
    assert "话单_3月" in client_of("administrator").get(f"/facts/uploads/{second.pk}/").content.decode()
    other = received(gb18030([("T9", "x", *ROWS[0][1:])], ("流水号", "另一列", *HEADERS[1:])), "别的.csv", admin)
    assert other.mapping == {} and other.saved_map is None
    actions.forget_map(SavedMap.objects.get(), by=admin)
    assert received(gb18030(), "话单_5月.csv", admin).mapping == {}


def test_what_was_loaded_twice_changes_nothing(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    for expected in ({"accepted": 3, "unchanged": 0}, {"accepted": 0, "unchanged": 3}):
        upload = received(gb18030(), "a.csv", admin)
        actions.set_mapping(upload, MENDED, by=admin)
        done(actions.check(upload, by=admin))
        done(actions.load(upload, by=admin))
        assert {key: fresh(upload).counts[key] for key in expected} == expected
        with pytest.raises(CoachlineError, match="cannot be worked on"):
            actions.load(upload, by=admin)
    assert len(calls(own_centre)) == 3


def test_the_same_file_again_says_so(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    first, second = received(gb18030(), "a.csv", admin), received(gb18030(), "b.csv", admin)
    page = client_of("administrator").get(f"/facts/uploads/{second.pk}/").content.decode()
    assert f"/facts/uploads/{first.pk}/" in page
    assert f'/facts/uploads/{second.pk}/"' not in client_of("administrator").get(f"/facts/uploads/{first.pk}/").content.decode()


def test_two_presses_of_a_button_are_one_run(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    assert actions.check(upload, by=admin).pk == actions.check(Upload.objects.get(pk=upload.pk), by=admin).pk


def test_a_map_changed_between_check_and_load_must_be_checked_again(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    done(actions.check(upload, by=admin))
    actions.set_mapping(upload, {**MENDED, "source": "other"}, by=admin)
    assert upload.counts == {}
    with pytest.raises(CoachlineError, match="cannot be worked on"):
        actions.load(upload, by=admin)


def test_a_file_that_changes_on_the_server_is_not_loaded(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    done(actions.check(upload, by=admin))
    upload.file.write_bytes(gb18030(ROWS[:1]))
    run = actions.load(upload, by=admin)
    assert execute_here(str(run.pk)) == Run.State.FAILED
    assert fresh(upload).error == {"code": "upload_changed", "facts": {"file": "a.csv"}}
    assert calls(own_centre) == {}


def test_a_load_killed_after_its_commit_is_finished_by_the_next_attempt(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    done(actions.check(upload, by=admin))
    run = actions.load(upload, by=admin)
    with Centre(own_centre) as opened:
        # The lake has the rows, and nothing else was written down.
        opened.import_file(upload.file, "calls", upload.mapping)
    done(run)
    upload = fresh(upload)
    assert (upload.state, upload.counts["unchanged"]) == (Upload.State.LOADED, 3)
    assert len(calls(own_centre)) == 3 and not upload.folder.exists()


def test_a_check_whose_worker_is_lost_can_be_asked_for_again(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    run = actions.check(upload, by=admin)
    Run.objects.filter(pk=run.pk).update(state=Run.State.LOST)
    assert fresh(upload).standing == Upload.State.FAILED
    assert client_of("administrator").get(f"/facts/uploads/{upload.pk}/").status_code == 200
    again = actions.check(fresh(upload), by=admin)
    assert again.pk != run.pk
    done(again)
    assert fresh(upload).state == Upload.State.CHECKED


def test_numbers_of_other_events_are_asked_about(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    admin, client = user_of("administrator"), client_of("administrator")
    rows = [(f"T{i}", "26.03.01 08:05", NUMBER, "邮政/查询", "80001", "65", "接起来了", "") for i in range(30)]
    for day, agent in (("01", "80001"), ("05", "80002")):
        upload = received(gb18030([(r[0], f"26.03.{day} 08:05", *r[2:4], agent, *r[5:]) for r in rows]), f"{day}.csv", admin)
        actions.set_mapping(upload, MENDED, by=admin)
        run = actions.check(upload, by=admin)
        if day == "01":
            done(run)
            done(actions.load(upload, by=admin))
    assert execute_here(str(run.pk)) == Run.State.FAILED
    assert fresh(upload).error["code"] == "keys_of_other_events"
    assert 'name="replace"' in client.get(f"/facts/uploads/{upload.pk}/").content.decode()
    client.post(f"/facts/uploads/{upload.pk}/check", {"replace": "1"})
    done(Run.objects.filter(kind="import_check").first())
    assert fresh(upload).counts["replaced"] == 30
    client.post(f"/facts/uploads/{upload.pk}/check", {"source": "二期系统"})
    done(Run.objects.filter(kind="import_check").first())
    assert fresh(upload).counts["accepted"] == 30
    assert fresh(upload).mapping["source"] == "二期系统"


def test_a_file_nobody_touches_for_a_week_is_deleted(user_of: UserOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    old, young = received(gb18030(), "old.csv", admin), received(gb18030(), "young.csv", admin)
    left = own_centre / "uploads" / str(uuid.uuid4())
    left.mkdir()
    Upload.objects.filter(pk=old.pk).update(changed_at=timezone.now() - timedelta(days=8))
    assert actions.discard_expired() == 1
    assert fresh(old).state == Upload.State.DISCARDED and not old.folder.exists()
    assert young.file.exists() and left.exists(), "somebody may be uploading it"
    shutil.rmtree(left)


def test_discarding_deletes_the_file_and_its_rejects(user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    done(actions.check(upload, by=admin))
    rejects = own_centre / "rejects" / fresh(upload).rejects
    assert rejects.exists()
    client_of("administrator").post(f"/facts/uploads/{upload.pk}/discard")
    assert not upload.folder.exists() and not rejects.exists()
    assert fresh(upload).state == Upload.State.DISCARDED
    assert client_of("administrator").get(f"/facts/uploads/{upload.pk}/").status_code == 200


@pytest.mark.parametrize(
    "role", ["director", "quality_head", "inspector", "trainer", "team_leader", "agent", "planner", "group_office", "auditor"]
)
def test_only_who_may_load_data_sees_files(role: str, user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    upload = received(gb18030(), "a.csv", user_of("administrator"))
    client = client_of(role)
    for path in ("/facts/", "/facts/maps/", "/facts/erase/", f"/facts/uploads/{upload.pk}/", f"/facts/uploads/{upload.pk}/map.toml"):
        assert client.get(path).status_code == 403, path
    assert client.get(f"/facts/uploads/{upload.pk}/rejects.csv").status_code == 403
    assert client.post("/facts/", {"file": SimpleUploadedFile("b.csv", gb18030())}).status_code == 403
    for action in ("map", "check", "load", "discard"):
        assert client.post(f"/facts/uploads/{upload.pk}/{action}").status_code == 403
    with pytest.raises(NoPermission):
        received(gb18030(), "b.csv", user_of(role))
    assert Upload.objects.count() == 1


def test_a_form_from_elsewhere_is_not_taken(user_of: UserOf, own_centre: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_of("administrator"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/facts/", {"file": SimpleUploadedFile("b.csv", gb18030())}).status_code == 403
    assert not Upload.objects.exists()


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    user_of: UserOf, client_of: ClientOf, own_centre: Path, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    admin, client = user_of("administrator"), client_of("administrator")
    received(gb18030(), "a.csv", admin)
    client.get("/facts/")
    with CaptureQueriesContext(connection) as few:
        client.get("/facts/")
    for i in range(5):
        received(gb18030(), f"{i}.csv", admin)
    with django_assert_num_queries(len(few)):
        assert client.get("/facts/").content.decode().count("/facts/uploads/") == 6


def test_the_map_can_be_taken_to_the_command_line(user_of: UserOf, client_of: ClientOf, own_centre: Path, tmp_path: Path) -> None:
    admin = user_of("administrator")
    upload = received(gb18030(), "a.csv", admin)
    actions.set_mapping(upload, MENDED, by=admin)
    file = tmp_path / "map.toml"
    file.write_bytes(client_of("administrator").get(f"/facts/uploads/{upload.pk}/map.toml").content)
    with Centre(own_centre) as opened:
        load = opened.import_file(upload.file, None, file, dry_run=True)
    assert (load.accepted, load.rejected) == (3, 1)
