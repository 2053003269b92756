"""A whole report of real calls in which people, businesses and cells do not differ: nobody may be named."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from coachline.centre import Centre
from tests.report.reading import pictures, read

ROOT = Path(__file__).parents[2]
CALLS = ROOT.parent / "shared" / "data" / "calls_telecom_null" / "calls.xlsx"


@pytest.mark.skipif(not CALLS.exists(), reason="real data that lie beside the repository, not in it")
def test_a_centre_without_differences_names_nobody(tmp_path: Path) -> None:
    Centre.create(tmp_path / "centre")
    with Centre(tmp_path / "centre") as centre:
        centre.import_file(CALLS, mapping=ROOT / "examples" / "maps" / "telecom-2021.toml")
        files = centre.report(tmp_path / "report.html", language="zh")
    page = read(files.html)
    assert page.text.count("没有可分辨的差异") >= 2
    assert "没有一条的变化超出偶然" in page.text
    assert "没有能确认偏难的业务" in page.text
    assert pictures(page, "matrix") == pictures(page, "changes") == []
    outcomes = page.data["stores"]["capability"]["outcomes"]
    assert all(part["alike"] for part in outcomes.values() if part["sign"])
    assert not set("sb") & {verdict for part in outcomes.values() for verdict in part.get("v", "")}
    (people,) = pictures(page, "agent_pages")
    assert not set("sb") & {verdict for part in people["overall"].values() for verdict in part["v"]}
    assert len(CalamineWorkbook.from_path(files.xlsx).get_sheet_by_name("待提升名单").to_python()) == 1
