"""The capability chapters in a real browser: colours, keys, choices, addresses, and what must not be shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.report.chapters import agent_pages, business_pages, trend, weak_cells
from coachline.report.chapters import matrix as matrix_chapter
from coachline.report.page import page as page_of
from coachline.report.writer import sections
from tests.chromium import CHROMIUM
from tests.report import capability_results as made

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]

SCRIPT = "<script>alert(1)</script>"
PEOPLE = ("80001", "80002", "80003", "80004", "80005", SCRIPT)
BUSINESSES = ("寄递/查询/挂号信查询", "寄递/投诉/挂号信投诉", "汇款/查询/普通汇款查询")
CELL = "table.matrix tbody tr:not(.group) td"


def cells() -> list[dict[str, Any]]:
    """80001 is strong and sure on the first business, 80002 short of it and sure, 80003 as strong but unsure; 80004 never handled the last."""
    told: dict[str, dict[str, Any]] = {
        "80001": {"estimate": 0.95, "low": 0.94, "high": 0.96, "certainty": 0.9, "verdict": "strong", "n": 900},
        "80002": {"estimate": 0.6, "low": 0.55, "high": 0.65, "certainty": 0.9, "verdict": "below", "n": 400, "p_below": 0.999},
        "80003": {"estimate": 0.95, "low": 0.7, "high": 0.99, "certainty": 0.3, "verdict": "unknown", "n": 4},
    }
    rows = []
    for outcome in ("resolved", "transferred"):
        for name in PEOPLE:
            for number, business in enumerate(BUSINESSES):
                figures = told.get(name, {}) if number == 0 and outcome == "resolved" else {"verdict": "meets"}
                if name == "80004" and number == 2:
                    figures = {"n": 0, "verdict": "unknown"}
                rows.append(made.cell(name, business, outcome=outcome, **figures))
    return rows


def overall() -> list[dict[str, Any]]:
    ranks = {"80001": (1, 2), "80002": (5, 6), "80003": (2, 4)}
    return [
        {"agent_id": name, "outcome": outcome, "rank_low": ranks.get(name, (3, 6))[0], "rank_high": ranks.get(name, (3, 6))[1]}
        for name in PEOPLE
        for outcome in ("resolved", "transferred")
    ]


@pytest.fixture(scope="module", params=["zh"])
def file(request: pytest.FixtureRequest, centre: Facts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    points = [{"agent_id": name, "period": month} for name in (*PEOPLE, None) for month in ("2026-01", "2026-02")]
    results = (
        made.matrix(cells(), weak=[made.weak("80002", BUSINESSES[0])]),
        made.agents(overall()),
        made.businesses([{"business": business} for business in BUSINESSES]),
        made.trend(points, [{"agent_id": "80001", "change": 0.05, "low": 0.01, "high": 0.09, "p_change": 0.99, "verdict": "rising"}]),
    )
    desk = made.desk_over(centre, *results, language=request.param)
    built = sections(desk, [chapter.CHAPTER for chapter in (matrix_chapter, weak_cells, agent_pages, business_pages, trend)])
    assert desk.left_out == []
    text = page_of(title="中心", finding="", facts=[], sections=built, passports=frozenset(), words=desk.words, stores=desk.stores)
    out = tmp_path_factory.mktemp("capability") / "page.html"
    out.write_text(text, encoding="utf-8")
    return out


@pytest.fixture
def shown(browser: Any, file: Path) -> Iterator[Any]:
    """``shown(address="", width=1366, scheme="light")``: the page; nothing may go wrong in it."""
    opened, said = [], []

    def open_page(address: str = "", width: int = 1366, scheme: str = "light") -> Any:
        page = browser.new_page(viewport={"width": width, "height": 768}, color_scheme=scheme)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri() + address)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.close()
    assert said == []


def cell_of(page: Any, agent: str, business: str) -> Any:
    """The cell of the heat map, found by what it says."""
    return page.locator(CELL + f'[aria-label^="{agent} {business.rsplit("/", 1)[-1]};"]')


def colour(page: Any, agent: str, business: str) -> tuple[float, ...]:
    """Red, green, blue and depth of a cell."""
    text = cell_of(page, agent, business).evaluate("cell => getComputedStyle(cell).backgroundColor")
    parts = [float(part) for part in text[text.index("(") + 1 : -1].split(",")]
    return (*parts[:3], parts[3] if len(parts) > 3 else 1.0)


def test_hue_says_above_or_below_and_depth_says_how_sure(shown: Any) -> None:
    page = shown()
    strong, weak, unsure = (colour(page, agent, BUSINESSES[0]) for agent in ("80001", "80002", "80003"))
    assert strong[2] > strong[0] + 60  # blue
    assert weak[0] > weak[2] + 60  # orange
    assert unsure[:3] == strong[:3]
    assert unsure[3] < 0.5 < strong[3]


def test_what_is_not_known_is_hatched_and_said(shown: Any) -> None:
    page = shown()
    hatched = {name: cell_of(page, name, business).evaluate("cell => getComputedStyle(cell).backgroundImage") != "none"
               for name, business in (("80001", BUSINESSES[0]), ("80003", BUSINESSES[0]), ("80004", BUSINESSES[2]))}  # fmt: skip
    assert hatched == {"80001": False, "80003": True, "80004": True}
    assert "没有办过" in cell_of(page, "80004", BUSINESSES[2]).get_attribute("aria-label")
    assert "证据不足" in cell_of(page, "80003", BUSINESSES[0]).get_attribute("aria-label")


def test_a_cell_says_everything_that_is_known_of_it(shown: Any) -> None:
    said = cell_of(shown(), "80002", BUSINESSES[0]).get_attribute("aria-label")
    for part in ("解决 估计 60%（55% – 65%）", "n = 400", "待提升", "标准 75.0%", "不及标准的可能 > 99%", "把握 90%"):
        assert part in said, part


def test_another_outcome_can_be_chosen(shown: Any) -> None:
    page = shown()
    page.locator("#matrix select").select_option("转接")
    assert "转接 估计" in cell_of(page, "80001", BUSINESSES[0]).get_attribute("aria-label")
    # The same share of transfers above the standard is worse, where of resolved calls it was better.
    assert colour(page, "80001", BUSINESSES[0])[0] > colour(page, "80001", BUSINESSES[0])[2]


def test_the_map_is_walked_with_the_keys(shown: Any) -> None:
    page = shown()
    start = page.locator(CELL + "[tabindex='0']")
    assert start.count() == 1
    start.focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[document.activeElement.cellIndex, document.activeElement.parentElement.rowIndex]") != [1, 0]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first
    assert page.locator(".tip").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == first


def test_an_address_opens_the_page_of_an_agent(shown: Any) -> None:
    page = shown("#agent-80002")
    head = page.locator("#agents h4")
    assert head.inner_text().startswith("80002")
    assert 0 <= page.locator("#agents figure").bounding_box()["y"] < 300
    page.evaluate("location.hash = '#agent-80005'")
    page.wait_for_function("document.querySelector('#agents h4').textContent.startsWith('80005')")
    page.locator("#agents").get_by_role("button", name="下一个").click()
    assert head.inner_text().startswith(SCRIPT)
    assert page.evaluate("decodeURIComponent(location.hash)") == f"#agent-{SCRIPT}"


def test_an_address_of_nobody_is_told(shown: Any) -> None:
    page = shown("#agent-99999")
    assert "这里没有「99999」" in page.locator("#agents [role=status]").inner_text()
    assert shown("#agent-%E0%A4%A").locator("#agents [role=status]").inner_text() != ""


def test_names_in_the_list_lead_to_their_pages(shown: Any) -> None:
    page = shown()
    page.locator("#weak_cells tbody a", has_text="80002").click()
    page.wait_for_function("document.querySelector('#agents h4').textContent.startsWith('80002')")
    page.locator("#agents .strips a", has_text="普通汇款查询").first.click()
    page.wait_for_function("document.querySelector('#businesses h4').textContent.startsWith('汇款/查询/普通汇款查询')")


def test_what_to_do_stands_before_what_is_amiss(shown: Any) -> None:
    advice = shown("#agent-80002").locator("#agents .advice section").first.inner_text()
    told = [advice.index(part) for part in ("先听两三通好录音", "挂号信查询：解决升到 75.0%", "现在估计 60%", "距标准 15 个百分点")]
    assert told == sorted(told)


def test_a_rank_is_a_range_and_never_below_the_middle(shown: Any) -> None:
    page = shown("#agent-80001")
    assert "第 1–2 名（共 6 人）" in page.locator("#agents").inner_text()
    for name in ("80002", "80003", "80004"):
        page.evaluate(f"location.hash = '#agent-{name}'")
        page.wait_for_function(f"document.querySelector('#agents h4').textContent.startsWith('{name}')")
        assert "名（共" not in page.locator("#agents article").inner_text(), name


def test_a_page_of_an_agent_names_no_colleague(shown: Any) -> None:
    text = shown("#agent-80002").locator("#agents article").inner_text()
    assert [name for name in PEOPLE if name in text] == ["80002"]


def test_a_business_names_who_is_surely_strong_and_whom_to_coach(shown: Any) -> None:
    page = shown("#business-" + BUSINESSES[0].replace("/", "%2F"))
    lines = page.locator("#businesses .named").inner_text().split("\n")
    assert lines == ["可以确认擅长（1 人）", "80001", "待提升，先安排辅导（1 人）", "80002", "证据不足", f"{len(PEOPLE) - 2} 人"]
    strips = page.locator("#businesses .strips").nth(1)
    assert [row.inner_text() for row in strips.locator("tbody th").all()][:2] == ["80001", "80002"]  # most calls first


def test_among_very_many_agents_one_searches(browser: Any, centre: Facts, tmp_path: Path) -> None:
    people = [f"8{number:04d}" for number in range(130)]
    results = (
        made.matrix([made.cell(name, "甲") for name in people]),
        made.agents([{"agent_id": name} for name in people]),
        made.trend([]),
    )
    desk = made.desk_over(centre, *results)
    built = sections(desk, [agent_pages.CHAPTER])
    text = page_of(title="中心", finding="", facts=[], sections=built, passports=frozenset(), words=desk.words, stores=desk.stores)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    search, head, said = page.locator("#agents input"), page.locator("#agents h4"), page.locator("#agents [role=status]")
    for typed, found in (("80077", "80077"), (" 0128 ", "80128")):
        search.fill(typed)
        search.press("Enter")
        assert head.inner_text().startswith(found)
        assert (search.input_value(), said.inner_text()) == (found, "")
    search.fill("90001")
    search.press("Enter")
    assert "这里没有「90001」" in said.inner_text()
    assert page.locator("#agents datalist option").count() == len(people)
    page.close()


def test_a_real_change_is_drawn_with_its_months(shown: Any) -> None:
    page = shown()
    assert page.locator(".changes li").count() == 1
    assert "2026-01" in page.locator(".changes svg").text_content()


@pytest.mark.parametrize(("width", "scheme"), [(1366, "dark"), (390, "light"), (320, "dark")])
def test_nothing_sticks_out_of_a_narrow_screen(shown: Any, width: int, scheme: str) -> None:
    page = shown("#agent-80002", width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.locator("#agents .strips").first.bounding_box()
    assert drawn["x"] >= 0
    assert drawn["x"] + drawn["width"] <= width


@pytest.mark.parametrize("width", [320, 899, 901, 1159, 1161, 1366])
def test_the_largest_map_stays_within_the_page(browser: Any, centre: Facts, tmp_path: Path, width: int) -> None:
    rows = [made.cell(f"p{a}", f"寄递/查询/很长的业务名称{k:02d}", estimate=0.7 + 0.1 * a) for a in range(3) for k in range(40)]
    desk = made.desk_over(centre, made.matrix(rows))
    built = sections(desk, [matrix_chapter.CHAPTER])
    text = page_of(title="中心", finding="", facts=[], sections=built, passports=frozenset(), words=desk.words, stores=desk.stores)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 768})
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator(CELL).count() == 120
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(CELL).last.bounding_box()["width"] >= 15
    page.close()


def test_dark_and_paper_have_colours_of_their_own(shown: Any) -> None:
    light, dark = (colour(shown(scheme=scheme), "80001", BUSINESSES[0]) for scheme in ("light", "dark"))
    assert light != dark
    page = shown(scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert colour(page, "80001", BUSINESSES[0]) == light
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert colour(page, "80001", BUSINESSES[0]) == dark
