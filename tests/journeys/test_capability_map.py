"""The capability matrix as a map: with the keyboard, with the mouse, and by its address."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.journeys.conftest import Service, SignIn, until

DRAWN = "Boolean(document.querySelector('#map[data-drawn]'))"
OPEN = "Boolean(document.querySelector('#map-panel .cell'))"
INK = """() => {
  const canvas = document.getElementById("map-canvas"), data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data, seen = new Set();
  for (let at = 0; at < data.length; at += 4) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  return seen.size;
}"""
"""How many colours are on the canvas."""


def opened(sign_in: SignIn, service: Service, query: str = "", **given: Any) -> Any:
    page = sign_in("director", **given)
    page.goto(f"{service.address}/capability/{query}")
    until(page, DRAWN)
    return page


def test_a_cell_is_reached_and_opened_with_the_keyboard_alone(sign_in: SignIn, service: Service) -> None:
    page = opened(sign_in, service)
    assert page.evaluate(INK) > 20
    page.focus("#map")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    agent, cell = page.inner_text("#map-agent").split()[0], page.inner_text("#map-cell")
    page.keyboard.press("Enter")
    until(page, OPEN)
    head = page.inner_text("#map-panel h2")
    assert agent in head
    assert cell.split(";")[0] in head
    assert page.evaluate("document.activeElement.id") == "map-panel"
    page.keyboard.press("Escape")
    assert page.is_hidden("#map-panel")
    assert page.evaluate("document.activeElement.id") == "map"


def test_the_mouse_opens_the_cell_that_it_points_at(sign_in: SignIn, service: Service) -> None:
    page = opened(sign_in, service)
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 260, box["y"] + 220)
    until(page, "!document.getElementById('map-tip').hidden")
    said = page.inner_text("#map-tip strong")
    page.mouse.click(box["x"] + 260, box["y"] + 220)
    until(page, OPEN)
    assert said.split()[0] in page.inner_text("#map-panel h2")


def test_filters_narrow_the_map_and_stand_in_the_address(sign_in: SignIn, service: Service) -> None:
    page = opened(sign_in, service)
    page.focus("#map")
    page.keyboard.press("ArrowDown")
    agent = page.inner_text("#map-agent").split()[0]
    page.fill("[name=q]", agent)
    until(page, "document.getElementById('map').getAttribute('aria-rowcount') <= 2")
    assert f"q={agent}" in page.url
    assert f"q={agent}" in page.get_attribute(".page-header a[data-follows-filters]", "href")
    other = opened(sign_in, service, f"?q={agent}")
    assert re.search(r"显示 1 人", other.inner_text("#map-shown"))
    page.fill("[name=q]", "没有这个人")
    until(page, "document.getElementById('map-shown').textContent.includes('没有符合条件')")


def test_another_outcome_brings_its_own_cells_and_finding(sign_in: SignIn, service: Service) -> None:
    page = opened(sign_in, service)
    codes = page.eval_on_selector_all("#map-filters [name=outcome] option", "options => options.map((option) => option.value)")
    assert len(codes) > 1
    before = page.inner_text("#map-finding")
    page.select_option("#map-filters [name=outcome]", codes[1])
    until(page, f"document.getElementById('map-finding').textContent !== {json.dumps(before)}")
    assert f"outcome={codes[1]}" in page.url
