"""Places on a scale, and sentences about a cell."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from coachline.report.capability import measure
from coachline.report.figures import Figures
from coachline.web.capability.charts.cells import meaning
from coachline.web.capability.charts.profile import profile_of
from coachline.web.capability.charts.strips import Scale
from coachline.wording import Wording

SHOW = Figures(Wording("zh"), ZoneInfo("Asia/Shanghai"))


def test_a_strip_has_its_ends_where_the_scale_has_them() -> None:
    strip = Scale(0.5, 0.9).strip(0.7, 0.5, 0.9, standard=0.8, band=(0.6, 0.65), verdict="below")
    assert (strip.at, strip.low, strip.high, strip.standard) == ("50.00%", "3.00%", "97.00%", "73.50%")
    assert strip.band == ("26.50%", "11.75%")
    assert strip.look and not strip.unsure


def test_what_lies_outside_the_scale_stays_on_the_picture() -> None:
    strip = Scale(0.5, 0.9).strip(0.1, -1.0, 2.0, verdict="unknown")
    assert (strip.at, strip.low, strip.high) == ("3.00%", "3.00%", "97.00%")
    assert strip.unsure and not strip.look
    assert Scale.of(None, None) == Scale(0.0, 1.0)
    assert Scale(0.5, 0.5).strip(0.5, 0.5, 0.5).at == "3.00%"


@pytest.mark.parametrize(
    ("verdict", "n", "own", "said"),
    [
        ("below", 40, False, "先安排辅导"),
        ("below", 40, True, "可以先练这一项"),
        ("strong", 40, True, "强项"),
        ("unknown", 3, False, "证据不足：这 3 次"),
        ("meets", 0, False, "没有办过"),
        ("meets", 0, True, "您还没有办过"),
    ],
)
def test_what_a_cell_means_is_said_kindly_to_oneself(verdict: str, n: int, own: bool, said: str) -> None:
    row = {"verdict": verdict, "n": n, "p_below": 0.93}
    assert said in meaning(measure("resolved", alike=False), row, SHOW, own=own)


def test_where_nobody_is_judged_no_verdict_is_put_into_words() -> None:
    row = {"verdict": "below", "n": 40, "p_below": 0.93}
    assert "没有可分辨的差异" in meaning(measure("resolved", alike=True), row, SHOW, own=False)
    assert "不作评判" in meaning(measure("ticketed", alike=False), row, SHOW, own=False)


def test_a_profile_writes_each_tag_in_its_unit() -> None:
    blank = {"business": None, "value": None, "number": None, "n": None}
    found = profile_of(
        [
            {**blank, "group": "basics", "tag": "night_share", "number": 0.076, "n": 1740},
            {**blank, "group": "basics", "tag": "largest_share", "number": 0.4, "n": 1000, "business": "报刊/资费"},
            {**blank, "group": "basics", "tag": "学历", "value": "大专"},
            {**blank, "group": "training", "tag": "training_hours", "number": 8.0},
            {**blank, "group": "training", "tag": "trained", "number": 1.0, "business": "报刊/资费"},
            {**blank, "group": "skill", "tag": "days_since_call", "value": "stale", "number": 70.0, "business": "函件/查询"},
            {**blank, "group": "tag", "tag": "needs_support", "value": "weaknesses >= 3"},
        ],
        SHOW,
    )
    assert found.tags == ["需要帮带"]
    assert found.stale == ["函件/查询"]
    assert dict(found.groups) == {
        "基本信息": [("夜班占比", "7.6%"), ("最大业务及占比", "报刊/资费 40.0%"), ("学历", "大专")],
        "培训": [("培训学时", "8.0")],
    }
    assert not profile_of([], SHOW)
