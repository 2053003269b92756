"""A file that nobody else writes is mended by hand and loaded; the next morning's report names the fall and its cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Service, SignIn, until

HEADERS = ("流水号", "来电时间", "主叫号码", "业务类型", "坐席工号", "通话时长", "怎么结束的")
"""Times and outcomes are written as in no other export: these two columns must be mended."""
LOST = "等不及挂了"
TAKEN = "接起来了"
ROWS = 40
"""Enough to be seen among the calls of one day, and few enough that the other businesses are still most of it."""
LONGEST_S = 240


def bad_day(service: Service, target: Path) -> str:
    """A GB18030 export of the last day on which almost everybody who asked about one business gave up; returns that business."""
    import coachline

    with coachline.open(service.folder) as centre:
        calls = centre.table("calls")
        counted = calls.filter(calls.business.notnull()).group_by("business").size()
        business = str(centre.facts().collect(counted)["business"][0])
        agents = centre.facts().collect(calls.filter(calls.agent_id.notnull()).select("agent_id").distinct())["agent_id"].to_pylist()
    rows = [HEADERS]
    begin = datetime.combine(service.last_day, datetime.min.time()) + timedelta(hours=9)
    for number in range(ROWS):
        lost = number % 10 != 0
        at = begin + timedelta(seconds=600 * number)
        agent, talk = ("", "0") if lost else (agents[number % len(agents)], "75")
        rows.append((f"X{number:05d}", f"{at:%y.%m.%d %H:%M:%S}", f"138{number:08d}", business, agent, talk, LOST if lost else TAKEN))
    target.write_bytes("\n".join(",".join(row) for row in rows).encode("gb18030"))
    return business


@contextmanager
def _mapped_again(page: Any) -> Iterator[None]:
    """What is done within changes the map; go on when the form that answers it stands in the old one's place and listens."""
    page.evaluate("document.querySelector('#mapping').dataset.old = ''")
    yield
    until(page, "!document.querySelector('#mapping[data-old], .htmx-settling')")


@pytest.fixture(scope="session")
def fallen(service: Service, sign_in_once: SignIn, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """The bad day, loaded through the browser; (business, counts that the page told)."""
    file = tmp_path_factory.mktemp("export") / "话单补充.csv"
    business = bad_day(service, file)
    page = sign_in_once("admin")
    page.click("nav#menu >> text=导入数据")
    page.set_input_files("input[type=file]", str(file))
    if page.locator("#upload-form button[type=submit]").is_visible():
        page.click("#upload-form button[type=submit]")
    page.wait_for_url("**/facts/uploads/**")
    assert "gb18030" in page.inner_text("#mapping").lower() or page.locator("#map-encoding option").first.inner_text()
    # Both columns are named as those that cannot be read.
    assert page.locator("fieldset.map-row.wrong").count() >= 1
    with _mapped_again(page):
        page.fill("#f-arrived_at", "%y.%m.%d %H:%M:%S")
        page.press("#f-arrived_at", "Tab")
    for word, meaning in ((TAKEN, "answered"), (LOST, "abandoned")):
        select = page.locator(f"select[aria-label*='{word}']")
        if select.count() == 0:
            # The header of the outcome is unknown, too: choose it first.
            with _mapped_again(page):
                page.select_option("#h-outcome-1", "怎么结束的")
        with _mapped_again(page):
            select.select_option(meaning)
    until(page, "document.querySelectorAll('fieldset.map-row.wrong').length === 0")
    page.click("form[action$='/check'] button")
    page.wait_for_selector("form[action$='/load'] button", timeout=LONGEST_S * 1000)
    page.click("form[action$='/load'] button")
    until(page, "/已载入/.test(document.querySelector('main').innerText)", LONGEST_S)
    told = page.inner_text("main")
    return business, told


def test_a_file_with_two_bad_columns_is_mended_and_loaded(fallen: tuple[str, Any]) -> None:
    assert str(ROWS) in fallen[1]


def test_the_same_file_again_is_known(fallen: tuple[str, Any], sign_in: SignIn, service: Service, tmp_path: Path) -> None:
    file = tmp_path / "again.csv"
    bad_day(service, file)
    page = sign_in("admin")
    page.goto(service.address + "/facts/")
    page.set_input_files("input[type=file]", str(file))
    if page.locator("#upload-form button[type=submit]").is_visible():
        page.click("#upload-form button[type=submit]")
    page.wait_for_url("**/facts/uploads/**")
    # The map of the first file fits the same headers: nothing is to be mended again.
    page.wait_for_selector("#mapping, main")
    assert page.locator("fieldset.map-row.wrong").count() == 0


def test_the_director_reads_the_fall_and_its_cause(fallen: tuple[str, Any], sign_in: SignIn, service: Service) -> None:
    business = fallen[0]
    page = sign_in("director")
    page.goto(service.address + "/operations/")
    # Everything is calculated again once the file is loaded; the page then says so itself.
    fallen_text = "document.querySelector('.finding') && document.querySelector('.finding').innerText.includes('接通率')"
    name = business.rsplit("/", 1)[-1]
    for _ in range(LONGEST_S // 2):
        finding = page.locator(".finding").first.inner_text() if page.locator(".finding").count() else ""
        if name in finding:
            break
        page.wait_for_timeout(2000)
        page.reload()
    until(page, fallen_text)
    assert "低" in finding
    assert name in finding
    until(page, "[...document.querySelectorAll('[data-picture]')].every(p => p.querySelectorAll('svg path, svg text, td').length > 3)")
    passport = page.locator("a.passport").first
    passport.click()
    page.wait_for_selector("text=公式")
