"""Charts of one analysis, for notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from coachline.centre import Centre
from coachline.errors import CoachlineError

CALLS = "call_id,arrived_at,agent_id,business,outcome,talk_s,wait_s\n" + "".join(
    f"C{i},2026-03-{1 + i % 28:02} 09:{i % 60:02}:00,A{i % 3},<b>查询</b>,{'abandoned' if i % 9 == 0 else 'answered'},{0 if i % 9 == 0 else 99},{i % 30}\n"
    for i in range(560)
)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    made = Centre.create(tmp_path / "centre")
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    made.import_file(tmp_path / "calls.csv")
    return made


def test_an_analysis_shows_its_own_chapters_only(centre: Centre, tmp_path: Path) -> None:
    shown = centre.show("operations.intervals", language="zh")
    assert 'id="intervals"' in shown.page and 'id="trust"' not in shown.page
    assert shown._repr_html_().startswith("<iframe srcdoc=") and "<b>查询" not in shown._repr_html_()
    assert shown.save(tmp_path / "x" / "charts.html").read_text(encoding="utf-8") == shown.page


def test_what_cannot_be_shown_says_why(centre: Centre) -> None:
    with pytest.raises(CoachlineError, match="Shifts"):
        centre.show("operations.hours")
    with pytest.raises(CoachlineError, match=r"operations\.daily"):
        centre.show("operations.weekly")
