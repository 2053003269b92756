"""Fragments of the report on a page that allows no inline style and no inline script, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.report.blocks import Picture, Table
from coachline.report.chapter import Desk
from coachline.report.chapters import CHAPTERS, weak_cells
from coachline.report.page import Fragment, Section, fragment
from coachline.report.registered import pictures
from coachline.report.writer import sections
from coachline.wording import Wording
from tests.chromium import CHROMIUM
from tests.report import capability_results as made
from tests.report.conftest import ZONE, run_on
from tests.report.strict_server import page_with, serving
from tests.report.test_browser import DRAWN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]

LINKS = {"agent": "/capability/agents/{name}", "business": "/capability/businesses/{name}"}
PASSPORT = "/operations/passports/{metric}"
ODD = "a/b ü?#<i>&'\""
SHOWN_TIP = """number => {
  const tip = document.querySelector(`[data-picture='${number}'] > div:nth-child(2)`), style = tip && getComputedStyle(tip);
  return tip && style.visibility === 'visible' && style.display !== 'none' && tip.innerText.trim();
}"""
SHOWS_A_TIP = f"""({{ chart, holder }}) => {{
  const marks = [0, 1, 2].flatMap(seriesIndex => [0, 1, 2, 40].map(dataIndex => ({{ type: 'showTip', seriesIndex, dataIndex }})));
  return marks.some(mark => {{ chart.dispatchAction(mark); return ({SHOWN_TIP})(holder.dataset.picture); }});
}}"""


def whole(centre: Facts) -> Fragment:
    """Every chapter: what the small centre allows, and capability as written down here, which by chance alone it has not."""
    people, businesses = ("80001", "80002", ODD), ("寄递/查询", "寄递/投诉", "汇款/查询")
    cells = [
        made.cell(name, business, estimate=0.7 + 0.1 * at + 0.02 * k, low=0.6, high=0.95)
        for at, name in enumerate(people)
        for k, business in enumerate(businesses)
    ]
    lines = [*({"agent_id": name} for name in (*people, None)), {"business": businesses[0]}]
    points = [{**line, "period": month} for line in lines for month in ("2026-01", "2026-02")]
    moved = {"change": 0.05, "low": 0.01, "high": 0.09, "p_change": 0.99, "verdict": "rising"}
    written = {
        "capability.matrix": made.matrix(cells, weak=[made.weak("80002", businesses[0])]),
        "capability.agents": made.agents([{"agent_id": name} for name in people]),
        "capability.businesses": made.businesses([{"business": business} for business in businesses]),
        "capability.trend": made.trend(points, [{**moved, "agent_id": "80001"}, {**moved, "business": businesses[0]}]),
    }
    real = run_on(centre)

    def run(name: str, **parameters: Any) -> Result:
        return written[name] if name in written else real(name, **parameters)

    desk = Desk(run, centre, Wording("zh"), None, None, datetime(2026, 3, 2, 8, tzinfo=ZONE))
    built = sections(desk, CHAPTERS)
    # Of inspectors month by month the small centre has too few.
    months = {"kind": "months", "series": [{"name": "q1", "said": "+1", "months": ["1", "2"], "e": [1, 2], "l": [0, 1], "h": [2, 3]}]}
    built.append(Section("months", [Picture("months", months, Table.of("months", [], []), height=0)]))
    hours = pictures(real("operations.hours"), desk.words, ZONE)
    built.append(Section("registered", hours))
    passports = frozenset(desk.units)
    return fragment(built, words=desk.words, passports=passports, passport_link=PASSPORT, links=LINKS, stores=desk.stores, headings=False)


def small(centre: Facts, agent: str) -> Fragment:
    """A table that leads to people and businesses."""
    desk = made.desk_over(centre, made.matrix([made.cell(agent, "甲/乙"), made.cell("b", "甲/乙")], weak=[made.weak(agent, "甲/乙")]))
    return fragment(sections(desk, [weak_cells.CHAPTER]), words=desk.words, passports=frozenset(), links=LINKS, stores=desk.stores)


@pytest.fixture(scope="module")
def address(centre: Facts) -> Iterator[str]:
    pages = {
        "/whole": page_with(whole(centre).__html__()),
        "/empty": page_with(""),
        "/part": whole(centre).__html__(),
        "/small": page_with(small(centre, ODD).__html__()),
    }
    with serving(pages) as found:
        yield found


@pytest.fixture
def shown(browser: Any, address: str) -> Iterator[Any]:
    """``shown("/whole")``: that page; the browser may have nothing to say about it."""
    said: list[str] = []
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    def open_page(path: str) -> Any:
        page.goto(address + path)
        return page

    yield open_page
    page.close()
    assert said == []


def drawn(page: Any) -> Any:
    page.wait_for_function(f"{DRAWN}.length > 0 && {DRAWN}.every(n => n > 3)")
    return page


def test_every_kind_of_picture_is_drawn_and_no_rule_is_broken(shown: Any) -> None:
    page = drawn(shown("/whole"))
    kinds = page.evaluate("[[...coachline.shown].sort(), [...Object.keys(coachline.kinds), ...Object.keys(coachline.made)].sort()]")
    assert kinds[0] == kinds[1]
    heights = page.evaluate("[...document.querySelectorAll('.picture')].map(p => [p.offsetHeight, Number(p.dataset.height)])")
    assert heights and all(height == wanted for height, wanted in heights)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_tooltips_come(shown: Any) -> None:
    page = drawn(shown("/whole"))
    # A picture of which nothing is known has no marks, and with that no tooltips.
    kinds = page.evaluate(f"[...new Set(coachline.drawn.filter(d => d.chart).filter({SHOWS_A_TIP}).map(d => d.spec.kind))]")
    assert set(kinds) == set(page.evaluate("Object.keys(coachline.kinds)"))
    heat = page.locator(".picture").nth(page.evaluate("coachline.drawn.filter(d => d.chart).findIndex(d => d.spec.kind === 'heat')"))
    heat.hover()
    page.wait_for_function(SHOWN_TIP, arg=heat.get_attribute("data-picture"))
    page.locator("table.matrix tbody td").first.hover()
    assert page.locator(".tip").first.is_visible()


def test_pictures_follow_the_theme_of_the_page(shown: Any) -> None:
    page = drawn(shown("/whole"))
    colours = "[...new Set([...document.querySelectorAll('.picture svg path')].map(p => p.getAttribute('stroke')))].sort().join()"
    light = page.evaluate(colours)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    page.wait_for_function(f"{colours} !== '{light}'")
    assert page.evaluate("getComputedStyle(document.querySelector('.report')).color") == "rgb(229, 234, 240)"
    page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
    page.wait_for_function(f"{colours} === '{light}'")


def test_what_comes_later_is_drawn_and_what_goes_is_forgotten(shown: Any) -> None:
    page = shown("/empty")
    put = """async () => {
      document.getElementById('place').innerHTML = await (await fetch('/part')).text();
      document.getElementById('place').firstChild.dispatchEvent(new Event('htmx:load', { bubbles: true }));
    }"""
    page.evaluate(put)
    drawn(page)
    first = page.evaluate("(window.first = coachline.drawn.map(d => d.chart).filter(Boolean)).length")
    page.evaluate(put)
    drawn(page)
    page.evaluate("coachline.start()")
    assert page.evaluate("coachline.drawn.map(d => d.chart).filter(Boolean).length") == first
    assert page.evaluate("window.first.every(chart => chart.isDisposed())")
    assert page.evaluate("coachline.drawn.length === document.querySelectorAll('[data-picture]').length")
    page.evaluate("document.getElementById('place').replaceChildren()")
    page.evaluate("coachline.start()")
    assert page.evaluate("[coachline.drawn.length, Object.keys(coachline.books).length]") == [0, 0]


def test_names_lead_to_their_pages_and_figures_to_their_passports(shown: Any) -> None:
    page = shown("/small")
    links = page.evaluate(
        "[...document.querySelectorAll('.report tbody tr:first-child a')].map(a => [a.textContent, a.getAttribute('href')])"
    )
    quoted = "a%2Fb%20%C3%BC%3F%23%3Ci%3E%26%27%22"
    assert [ODD, f"/capability/agents/{quoted}"] in links
    assert ["甲/乙", "/capability/businesses/%E7%94%B2%2F%E4%B9%99"] in links
    page = drawn(shown("/whole"))
    assert page.locator('a.passport[href="/operations/passports/connect_rate"]').count() > 0
    inside = page.evaluate("[...document.querySelectorAll('.report a')].map(a => a.getAttribute('href')).filter(h => !h.startsWith('/'))")
    assert inside == []
    assert page.evaluate("document.querySelector('table.matrix tbody a').getAttribute('href')").startswith("/capability/agents/")
    ours = page.locator("#place tr", has=page.locator("a", has_text="80001")).locator("td", has_text="全部业务")
    assert ours.count() > 0
    assert ours.locator("a").count() == 0


def test_the_rest_of_the_page_is_left_as_it_is(shown: Any) -> None:
    page = shown("/whole")
    style = "(one => [one.fontSize, one.marginTop])(getComputedStyle(document.querySelector('body > h1')))"
    assert page.evaluate(style) == ["32px", "21.44px"]
    assert page.evaluate("getComputedStyle(document.querySelector('#theirs td')).padding") == "1px"
    assert page.evaluate("getComputedStyle(document.body).margin") == "8px"
