"""Any result as blocks: every analysis of the table of contents, its registered pictures, its tables, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import polars as pl
import pyarrow as pa
import pytest

from coachline.centre import Centre
from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Check, Result
from coachline.engine.simulate.size import CentreSize
from coachline.report.blocks import Paragraph, Picture, Table
from coachline.report.page import Section, fragment
from coachline.report.registered import MOST_MOMENTS, MOST_PANELS, MOST_POINTS, MOST_SERIES, pictures
from coachline.report.result_page import result_blocks
from coachline.sample import load_exports, shorten_searches, simulate_files
from coachline.wording import LANGUAGES, Wording
from tests.chromium import CHROMIUM
from tests.report.strict_server import page_with, serving
from tests.report.test_browser import DRAWN


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("centre") / "c"
    exports = simulate_files(folder, CentreSize(agents=8, businesses=6, days=40, calls=4_000), 3, lambda step: None)
    load_exports(folder, "c", exports, lambda file, step: None)
    shorten_searches(folder, 1)
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


def test_every_column_and_sheet_of_every_analysis_has_a_name(results: dict[str, Result]) -> None:
    for language in LANGUAGES:
        words = Wording(language)
        for name in ANALYSES:
            for number, (table, rows) in enumerate(results[name].tables.items()):
                assert words.knows(f"analysis.{name}.title") if number == 0 else words.knows(f"report.sheet.{name}.{table}"), (name, table)
                # A column may be called otherwise in one analysis or in one of its tables.
                nameless = [
                    column
                    for column in rows.schema.names
                    if not any(words.knows(f"column.{own}{column}") for own in (f"{name}.{table}.", f"{name}.", ""))
                ]
                assert nameless == [], (name, table)


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


def test_what_a_picture_leaves_out_is_said(results: dict[str, Result], centre: Centre) -> None:
    """Most evidence, largest in size, latest, largest lines, further panels: each cut has its own sentence."""
    zone, words = centre.settings.zone, Wording("en")
    matrix = pictures(results["capability.matrix"], words, zone)
    assert f"The {MOST_POINTS} with most evidence of " in (matrix[0].caption or "")
    outcomes = results["capability.matrix"].polars()["outcome"].n_unique()
    assert f"Pictures of {MOST_PANELS} of {outcomes}; the tables below have all." in (matrix[0].caption or "")
    assert "Pictures of" not in (matrix[1].caption or "")
    (lines,) = pictures(results["operations.intervals"], words, zone)
    businesses = results["operations.intervals"].polars()["business"].n_unique()
    assert f"The {MOST_SERIES} largest lines of {businesses}." in (lines.caption or "")
    assert f"The latest {MOST_MOMENTS} of " in (lines.caption or "")
    assert len(lines.spec["names"]) == len(lines.spec["ticks"]) == MOST_MOMENTS


def test_of_cut_points_those_with_most_evidence_or_the_largest_stay(results: dict[str, Result], centre: Centre) -> None:
    zone, words = centre.settings.zone, Wording("en")
    rows = [
        {"inspector_id": f"q{at:02d}", "severity": (-1) ** at * float(at), "low": -50.0, "high": 50.0, "n": 100 - at} for at in range(50)
    ]
    told = results["quality.severity"]
    for columns, kept, sentence in (
        (("inspector_id", "severity", "low", "high", "n"), range(40), "The 40 with most evidence of 50."),
        (("inspector_id", "severity", "low", "high"), range(10, 50), "The 40 largest in size of 50."),
    ):
        table = pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])
        (picture,) = pictures(replace(told, tables={"severity": table}), words, zone)
        assert picture.spec["names"] == [f"q{at:02d}" for at in kept]
        assert picture.caption == sentence


def test_times_begin_with_the_newest(results: dict[str, Result], centre: Centre) -> None:
    months = results["quality.mystery"].polars()["month"].unique().sort(descending=True).to_list()
    assert [picture.title[:7] for picture in pictures(results["quality.mystery"], Wording("zh"), centre.settings.zone)] == months[
        :MOST_PANELS
    ]


def test_rows_without_a_name_are_named(results: dict[str, Result], centre: Centre) -> None:
    zone, words = centre.settings.zone, Wording("zh")
    changes = pictures(results["capability.trend"], words, zone)
    everybody = results["capability.trend"].polars("changes").filter(pl.col("agent_id").is_null() & pl.col("business").is_null())
    assert everybody.height and any("全部" in picture.spec["names"] for picture in changes)
    causes = results["operations.causes"]
    told = pa.Table.from_pylist([{"metric": "offered", "dimension": "business", "member": None, "change": 4.0}])
    (picture,) = pictures(replace(causes, tables={"causes": told}), words, zone)
    assert picture.spec["names"] == ["业务类型 · （未记录）"]


def test_columns_of_the_data_are_called_by_their_names(results: dict[str, Result], centre: Centre) -> None:
    (picture,) = pictures(results["facts.quality"], Wording("zh"), centre.settings.zone)
    assert all(re.match("[\u4e00-\u9fff]", name) for name in picture.spec["names"])


class TestInTheBrowser:
    pytestmark: ClassVar = [
        pytest.mark.browser,
        pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
    ]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_registered_chart_is_drawn_with_its_whole_intervals(
        self, language: str, results: dict[str, Result], centre: Centre, browser: Any
    ) -> None:
        words, zone = Wording(language), centre.settings.zone
        drawn = {name: pictures(result, words, zone) for name, result in results.items()}
        # Where a small centre gives nothing to draw, such as a group of people to train, there is no picture.
        to_draw = {
            name: [chart for chart in row.charts if results[name].polars(chart.table)[chart.y].count()] for name, row in ANALYSES.items()
        }
        assert [name for name, found in drawn.items() if not found] == [name for name, charts in to_draw.items() if not charts]
        built = [Section(name, found) for name, found in drawn.items()]
        inner = fragment(built, words=words, passports=frozenset(), headings=False).__html__()
        said: list[str] = []
        with serving({"/": page_with(inner)}) as address:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(address)
            page.wait_for_function(f"{DRAWN}.length === {sum(map(len, drawn.values()))} && {DRAWN}.every(n => n > 3)")
            cut_off = page.evaluate(CUT_OFF)
            page.close()
        assert said == []
        assert cut_off == []


CUT_OFF = """coachline.drawn.filter(({ chart, spec }) => {
  if (spec.form === 'line') return false;
  const [from, to] = chart.getModel().getComponent('xAxis').axis.scale.getExtent(), [one] = spec.series;
  return [...one.values, ...(one.low || []), ...(one.high || [])].some((value) => value !== null && (value < from || value > to));
}).map(({ holder }) => holder.getAttribute('aria-label'))"""
"""Pictures in which a mark or the end of an interval lies beyond the axis."""
