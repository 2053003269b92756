"""The tag profile in a workbook: codes in words, names of the centre as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.outputs import write_result
from coachline.report.terms import Terms
from coachline.wording import Wording
from tests.engine.operations.rows import at, call


@pytest.mark.parametrize(
    ("language", "worded"),
    [
        ("zh", {("基本信息", "通话量", None), ("技能", "距上次通话天数", "近期办过"), ("标签", "忙", "calls > 0"), ("培训", "集中培训", None)}),
        ("en", {("Basics", "Calls handled", None), ("Skills", "Days since the last call", "fresh"), ("Tags", "忙", "calls > 0"), ("Training", "Class", None)}),
    ],
)  # fmt: skip
def test_codes_are_worded_and_own_names_stay(
    language: str, worded: set[tuple[str, str, str | None]], facts_of: Callable[..., Facts], tmp_path: Path
) -> None:
    tables = {
        "calls": [call("2026-03-02 10:00", agent_id="a1", business="查询")],
        "trainings": [{"training_id": "t", "agent_id": "a1", "method": "class", "started_at": at("2026-03-02 09:00"), "hours": 1.0}],
    }
    result = run("capability.profile", facts_of(tables), {"tags": "忙=calls > 0"})
    write_result(result, tmp_path / "profile.xlsx", ZoneInfo("Asia/Shanghai"), language)
    sheet, rules = (CalamineWorkbook.from_path(tmp_path / "profile.xlsx").get_sheet_by_index(n).to_python() for n in (0, 1))
    places = [sheet[0].index(Wording(language)(f"column.{name}")) for name in ("group", "tag", "value")]
    assert worded <= {tuple(row[place] or None for place in places) for row in sheet[1:]}
    assert rules[1] == ["忙", "calls > 0", 1, 0]


def test_a_note_names_the_table_in_words() -> None:
    said = [Terms(Wording(language)).said("note", "facts_after_the_end", {"table": "trainings", "rows": 2}) for language in ("zh", "en")]
    assert said[0].startswith("培训中有 2 行")
    assert said[1].startswith("2 rows of Trainings are dated")
