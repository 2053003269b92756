"""Every page that the menu names, as each role, wide and on a phone, in both languages: nothing sticks out, nothing is English in Chinese, axe finds no serious fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journeys.conftest import Service, SignIn

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# The pages are the same on either database; the other journeys are gone on both.
pytestmark = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
ROLES = ("director", "quality", "inspector", "trainer", "leader", "agent", "planner", "group", "auditor", "admin")
ENGLISH = re.compile(r"\b[A-Za-z]{4,}(?: [A-Za-z]{2,}){2,}")
"""Three words in a row are a sentence that nobody translated; names of files, formats and codes are shorter."""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("width", "language"), [(1366, "zh"), (390, "zh"), (1366, "en")])
def test_every_page_of_the_menu(role: str, width: int, language: str, sign_in: SignIn, service: Service) -> None:
    page = sign_in(role, width=width, language=language)
    addresses = [link.get_attribute("href") for link in page.locator("nav#menu a.nav-link").all()]
    assert addresses
    for address in addresses:
        assert page.goto(service.address + address).status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        text = page.inner_text("main")
        assert not re.search(r"\b(web|error|verb|role|report|journal)\.[a-z_.]{3,}", text), address
        if language == "zh":
            assert not ENGLISH.search(text), (address, ENGLISH.search(text))


@pytest.mark.parametrize("role", ["director", "admin", "agent"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(role: str, scheme: str, sign_in: SignIn, service: Service) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make install")
    page = sign_in(role, scheme=scheme)
    addresses = [link.get_attribute("href") for link in page.locator("nav#menu a.nav-link").all()]
    source = AXE.read_text(encoding="utf-8")
    serious = {}
    for address in addresses:
        page.goto(service.address + address)
        page.wait_for_timeout(300)
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        bad = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
        if bad:
            serious[address] = bad
    assert not serious
