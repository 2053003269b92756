"""Any result as blocks: every analysis of the table of contents, its registered pictures, its tables, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coachline.centre import Centre
from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Check, Result
from coachline.engine.simulate.size import CentreSize
from coachline.report.blocks import Paragraph, Picture, Table
from coachline.report.page import Section, fragment
from coachline.report.registered import MOST_PANELS, MOST_POINTS, pictures
from coachline.report.result_page import result_blocks
from coachline.sample import load_exports, simulate_files
from coachline.wording import LANGUAGES, Wording


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("centre") / "c"
    exports = simulate_files(folder, CentreSize(agents=8, businesses=6, days=40, calls=4_000), 3, lambda step: None)
    load_exports(folder, "c", exports, lambda file, step: None)
    with Centre(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(centre: Centre) -> dict[str, Result]:
    return {name: centre.run(name) for name in ANALYSES}


@pytest.mark.parametrize("name", ANALYSES)
def test_a_registered_chart_names_what_the_result_has(name: str, results: dict[str, Result]) -> None:
    result = results[name]
    for chart in ANALYSES[name].charts:
        there = set(result.table(chart.table).schema.names)
        assert there >= {c for c in (*chart.x, chart.y, chart.low, chart.high, chart.series, chart.panel) if c}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ANALYSES)
def test_every_result_can_be_shown(name: str, language: str, results: dict[str, Result], centre: Centre) -> None:
    words = Wording(language)
    blocks = result_blocks(results[name], words, centre.settings.zone)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables) == len(results[name].tables)
    assert [table.total for table in tables] == [table.num_rows for table in results[name].tables.values()]
    drawn = fragment([Section(name, blocks)], words=words, passports=frozenset(), headings=False)
    left = re.findall(r">\s*((?:column|report|note|check|analysis|outcome|metric)\.[a-z_.]+)\s*<", drawn.html)
    assert not left


def test_only_what_is_amiss_is_said_to_be(centre: Centre, results: dict[str, Result]) -> None:
    words = Wording("en")
    told = results["quality.severity"]
    checks = (Check("severity_settled", True, 0.0), Check("severity_told_from_skill", False, 0.5))
    source = Result(told.values, told.tables, checks, (), told.provenance)
    said = [(block.tone, block.text) for block in result_blocks(source, words, centre.settings.zone) if isinstance(block, Paragraph)]
    assert [tone for tone, _ in said] == ["look", "quiet", "quiet"]
    assert said[1][1] == "Assumptions tested: 2; of these 1 hold."


def test_names_lead_to_their_pages(centre: Centre, results: dict[str, Result]) -> None:
    blocks = result_blocks(results["capability.trend"], Wording("zh"), centre.settings.zone)
    html = fragment(
        [Section("x", blocks)], words=Wording("zh"), passports=frozenset(), links={"agent": "/a/{name}/", "business": "/b/{name}/"}
    ).html
    assert f'<a href="/a/{results["capability.trend"].polars()["agent_id"].drop_nulls()[0]}/">' in html
    assert '"/a//"' not in html and '"/b//"' not in html


def test_pictures_stay_small(results: dict[str, Result], centre: Centre) -> None:
    for result in results.values():
        drawn = pictures(result, Wording("zh"), centre.settings.zone)
        assert len(drawn) <= MOST_PANELS * max(len(ANALYSES[result.provenance.analysis].charts), 1)
        for picture in drawn:
            assert isinstance(picture, Picture)
            for series in picture.spec["series"]:
                assert len(series["values"]) == len(picture.spec["names"])
            if picture.spec["form"] != "line":
                assert len(picture.spec["names"]) <= MOST_POINTS


def test_the_points_with_most_evidence_are_kept(results: dict[str, Result], centre: Centre) -> None:
    matrix = results["capability.matrix"]
    first = pictures(matrix, Wording("zh"), centre.settings.zone)[0]
    rows = matrix.polars("matrix").filter(outcome=matrix.polars("matrix")["outcome"][0]).sort("n", descending=True)
    if rows.height > MOST_POINTS:
        largest = rows.row(0, named=True)
        assert f"{largest['agent_id']} · {largest['business']}" in first.spec["names"]
        assert first.caption is not None
