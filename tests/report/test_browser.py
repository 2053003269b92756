"""The page in a real browser: every picture is drawn, nothing is asked of the network, nothing sticks out."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.report.conftest import Report
from tests.report.reading import read

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]

DRAWN = "[...document.querySelectorAll('[data-picture]')].map(p => p.querySelectorAll('svg path, svg text, td').length)"
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize(("width", "scheme", "language"), [(1366, "light", "zh"), (320, "dark", "zh"), (768, "light", "en")])
def test_every_picture_is_drawn_and_nothing_goes_wrong(browser, report: Report, width: int, scheme: str, language: str) -> None:  # type: ignore[no-untyped-def]
    file = report(language).html
    said, asked = [], []
    page = browser.new_page(viewport={"width": width, "height": 768}, color_scheme=scheme)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function(f"{DRAWN}.every(n => n > 3)")
    assert said == []
    assert asked == [file.as_uri()]
    assert len(page.evaluate(DRAWN)) == len(read(file).data["pictures"])
    assert page.evaluate(WIDTH) <= width
    page.hover("[data-picture='0']")
    page.close()


def test_on_paper_pictures_take_the_papers_width_and_come_back(browser, report: Report) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1366, "height": 768}, color_scheme="dark")
    page.goto(report("zh").html.as_uri())
    page.wait_for_function(f"{DRAWN}.every(n => n > 3)")
    sizes = "[...document.querySelectorAll('[data-picture]:not(.made) svg')].map(s => [s.getAttribute('viewBox'), s.getAttribute('width')])"
    before = page.evaluate(sizes)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert all(box in {f"0 0 {width} {box.split()[3]}" for width in (324, 676)} for box, _ in page.evaluate(sizes))
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(sizes) == before
    assert len(page.pdf(prefer_css_page_size=True)) > 50_000
    page.close()
