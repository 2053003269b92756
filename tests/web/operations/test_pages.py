"""The daily report, the half-hours and the passports as pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from coachline.web.operations.actions.raising import raise_alerts
from coachline.web.operations.models import Rule
from coachline.web.operations.queries.day_end import _end, day_end
from coachline.web.operations.queries.intervals import Wanted, slots
from coachline.web.operations.queries.moves import moved
from coachline.web.org.queries import Perspective
from coachline.web.runs.days import Days
from coachline.web.runs.models import Run
from coachline.web.runs.queries import latest, result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_service")]

ClientOf = Callable[[str], Client]
MakeRule = Callable[..., Rule]
EVERYBODY = Perspective(None)


def text(client: Client, path: str, status: int = 200, **headers: Any) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == status, path
    return response.content.decode()


def test_the_daily_report_says_what_moved_and_who_was_told(client_of: ClientOf, make_rule: MakeRule) -> None:
    Rule.objects.all().delete()
    director = client_of("director")
    page = text(director, "/operations/")
    found = moved(EVERYBODY, Days())
    assert found is not None
    assert str(found.day) in page
    assert page.index('class="finding"') < page.index('id="moves-title"') < page.index('class="tiles"')
    assert page.count('<tr><th scope="row" class="') == len(found.unusual)
    assert "没有与您有关的预警" in page
    make_rule(roles=["director", "planner"])
    raise_alerts()
    page = text(director, "/operations/")
    assert "底线" in page
    assert "测试director" in page
    assert "测试planner" in page
    assert "底线" not in text(client_of("quality_head"), "/operations/")


def test_what_moved_on_the_last_day_stands_above_the_daily_report_alone(client_of: ClientOf) -> None:
    client = client_of("director")
    assert client.get("/operations/").context["drawn"].finding
    for address in ("/operations/service/", "/operations/intervals/", "/quality/"):
        assert client.get(address).context["drawn"].finding == ""


def test_a_past_day_says_when_it_has_not_been_calculated(client_of: ClientOf) -> None:
    found = moved(EVERYBODY, Days())
    assert found is not None
    page = text(client_of("director"), f"/operations/?until={found.day - timedelta(days=3)}")
    assert "开始计算" in page
    assert 'id="moves-title"' not in page


def test_no_page_starts_a_calculation(client_of: ClientOf) -> None:
    before = Run.objects.count()
    for path in ("", "service/", "intervals/", "intervals/?by=queue", "passports/offered/", "alerts/"):
        text(client_of("director"), f"/operations/{path}")
    assert Run.objects.count() == before


def half_hours(days: dict[date, int]) -> pl.DataFrame:
    """A call at ten each day, and the last one in the half-hour that starts then."""
    from datetime import datetime, time

    from coachline.web.base.centre_folder import centre_settings

    zone = centre_settings().zone
    moments = [datetime.combine(day, time(hour), tzinfo=zone) for day, last in days.items() for hour in (10, last)]
    return pl.DataFrame({"starts_at": moments, "offered": [1] * len(moments)})


@pytest.mark.parametrize(("last", "early"), [(20, False), (19, False), (18, True), (11, True)])
def test_a_day_whose_calls_end_early_is_not_over(last: int, early: bool) -> None:
    day = date(2026, 3, 5)
    end = _end(half_hours({day: last, **{day - timedelta(weeks=back): 20 for back in range(1, 5)}, day - timedelta(days=1): 12}), day)
    assert end is not None
    assert end.early is early
    assert (end.last_text, end.usual_text) == (f"{last}:30", "20:30")


def test_too_few_weeks_say_nothing_of_the_end_of_a_day() -> None:
    day = date(2026, 3, 5)
    assert _end(half_hours({day: 12, day - timedelta(weeks=1): 20}), day) is None


def test_the_end_of_the_day_is_read_from_the_stored_half_hours() -> None:
    found = moved(EVERYBODY, Days())
    assert found is not None
    assert day_end(EVERYBODY, found.day) is not None


def test_the_workbook_and_the_csv_of_these_days(client_of: ClientOf) -> None:
    director = client_of("director")
    book = CalamineWorkbook.from_filelike(io.BytesIO(director.get("/operations/download.xlsx").content))
    assert book.sheet_names[0] == "运营日报"
    assert len(book.sheet_names) >= 4
    run = latest("operations.daily", {}, None)
    assert run is not None
    rows = director.get("/operations/download.csv").content.decode("utf-8-sig").strip().splitlines()
    assert len(rows) == result(run, EVERYBODY).table().num_rows + 1
    assert director.get("/operations/download.exe").status_code == 422
    assert director.get("/operations/download.csv?until=2020-01-01").status_code == 422


def test_half_hours_of_a_day_are_those_that_are_stored() -> None:
    run = latest("operations.intervals", {"minutes": 30, "by": "business"}, None)
    assert run is not None
    stored = result(run, EVERYBODY).polars()
    found = slots(Wanted(by="business"), Days(), EVERYBODY)
    assert found is not None
    assert found.day is not None
    of_day = stored.filter(pl.col("starts_at").dt.date() == found.day)
    assert found.rows["offered"].sum() == of_day["offered"].sum()
    one = found.members[0]
    alone = slots(Wanted(by="business", member=one, shape="each"), Days(), EVERYBODY)
    assert alone is not None
    assert alone.rows["offered"].sum() == stored.filter(pl.col("business") == one)["offered"].sum()


def test_the_mean_of_a_weekday_is_that_of_its_days() -> None:
    run = latest("operations.intervals", {"minutes": 30, "by": "none"}, None)
    assert run is not None
    stored = result(run, EVERYBODY).polars().filter(pl.col("starts_at").dt.weekday() == 1)
    found = slots(Wanted(shape="weekday", weekday=0), Days(), EVERYBODY)
    assert found is not None
    mondays = stored["starts_at"].dt.date().n_unique()
    assert found.days == mondays
    assert found.rows["offered"].sum() == pytest.approx(stored["offered"].sum() / mondays)
    ten = found.rows.filter(pl.col("when") == 600).row(0, named=True)
    same = stored.filter((pl.col("starts_at").dt.hour() == 10) & (pl.col("starts_at").dt.minute() == 0)).drop_nulls("service_level")
    weighed = (same["service_level"] * same["offered"]).sum() / same["offered"].sum()
    assert ten["service_level"] == pytest.approx(weighed)


def test_the_list_of_half_hours_is_paged_and_can_be_taken_along(client_of: ClientOf) -> None:
    director = client_of("director")
    page = text(director, "/operations/intervals/?shape=each&by=business")
    assert page.count('<th scope="row">') >= 50
    assert "page=2" in page
    rows = director.get("/operations/intervals/?shape=each&by=business&download=csv").content.decode("utf-8-sig").strip().splitlines()
    found = slots(Wanted(by="business", shape="each"), Days(), EVERYBODY)
    assert found is not None
    assert len(rows) == found.rows.height + 1
    assert "业务类型" in rows[0]


def test_a_dimension_that_is_not_calculated_is_offered(client_of: ClientOf) -> None:
    Run.objects.filter(name="operations.intervals", parameters__by="queue").delete()
    director = client_of("director")
    assert "开始计算" in text(director, "/operations/intervals/?by=queue")
    assert "开始计算" not in text(client_of("inspector"), "/operations/intervals/?by=queue").partition('id="slots"')[2]
    answer = director.post("/operations/intervals/calculate", {"by": "queue", "shape": "day"})
    assert answer["Location"].endswith("?shape=day&by=queue")
    run = Run.objects.get(name="operations.intervals", state=Run.State.WAITING)
    assert run.parameters["by"] == "queue"
    assert str(run.pk) in text(director, "/operations/intervals/?by=queue")
    assert client_of("inspector").post("/operations/intervals/calculate", {"by": "team"}).status_code == 403


def test_every_metric_has_a_passport_and_no_other(client_of: ClientOf) -> None:
    from coachline.engine.operations.metrics import METRICS

    director = client_of("director")
    for metric in METRICS:
        page = text(director, f"/operations/passports/{metric}/")
        assert "不计入的联络" in page, metric
        assert 'id="report-data"' in page or "还没有计算出数值" in page, metric
    assert "没有名为 nothing 的指标" in text(director, "/operations/passports/nothing/", status=404)


def test_a_passport_for_the_dialog_has_no_frame(client_of: ClientOf) -> None:
    part = text(client_of("director"), "/operations/passports/connect_rate/", hx_request="true")
    assert "<html" not in part
    assert 'id="passport-title"' in part


def test_the_passport_is_a_plain_link_where_figures_stand(client_of: ClientOf) -> None:
    page = text(client_of("director"), "/operations/")
    assert 'href="/operations/passports/connect_rate/"' in page or 'href="/operations/passports/connect_rate"' in page


def test_before_anything_is_calculated_it_is_said(client_of: ClientOf, own_centre: Path) -> None:
    Run.objects.all().delete()
    director = client_of("director")
    assert "开始计算" in text(director, "/operations/")
    text(director, "/operations/passports/connect_rate/", status=422)
    text(director, "/operations/download.xlsx", status=422)
    assert "还没有预警" in text(director, "/operations/alerts/")
