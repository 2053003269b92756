"""Every page that the menu names, as each role, wide and on a phone, in both languages: nothing sticks out, nothing is English in Chinese, axe finds no serious fault."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Service, SignIn, until

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SPOKEN = [("sqlite", "en"), ("postgresql", "zh")]
"""The pages are the same on either database, so each is asked for one language; the other journeys are gone on both."""
WIDE, PHONE = 1366, 390
DRAWN_ANEW = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
AXE_RUN = "(only) => axe.run(document, {resultTypes: ['violations'], ...(only ? {runOnly: only} : {})}).then(r => r.violations)"
SETTLED_MS = 300
OF_COLOURS = ["color-contrast"]
"""The one rule of axe that asks for colours; whatever else it finds is the same in light and in dark."""
ROLES = ("director", "quality", "inspector", "trainer", "leader", "agent", "planner", "group", "auditor", "admin")
ENGLISH = re.compile(r"\b[A-Za-z]{4,}(?: [A-Za-z]{2,}){2,}")
"""Three words in a row are a sentence that nobody translated; names of files, formats and codes are shorter."""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("service", "language"), SPOKEN, indirect=["service"])
def test_every_page_of_the_menu(role: str, language: str, sign_in: SignIn, service: Service) -> None:
    """Opened on a phone in Chinese, for then it has least room, and on a wide screen in English; in Chinese the phone then becomes a wide screen."""
    first = PHONE if language == "zh" else WIDE
    page = sign_in(role, width=first, language=language)
    addresses = [link.get_attribute("href") for link in page.locator("nav#menu a.nav-link").all()]
    assert addresses
    for address in addresses:
        assert page.goto(service.address + address).status == 200, address
        _is_whole(page, address, first, language)
        if first != WIDE:
            page.set_viewport_size({"width": WIDE, "height": 768})
            page.evaluate(DRAWN_ANEW)
            _is_whole(page, address, WIDE, language)
            page.set_viewport_size({"width": PHONE, "height": 844})


def _is_whole(page: Any, address: str, width: int, language: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    text = page.inner_text("main")
    assert not re.search(r"\b(web|error|verb|role|report|journal)\.[a-z_.]{3,}", text), address
    if language == "zh":
        assert not ENGLISH.search(text), (address, ENGLISH.search(text))


@pytest.mark.parametrize("role", ["director", "admin", "agent"])
@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_axe_finds_no_serious_fault(role: str, sign_in: SignIn, service: Service) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make install")
    page = sign_in(role)
    addresses = [link.get_attribute("href") for link in page.locator("nav#menu a.nav-link").all()]
    source = AXE.read_text(encoding="utf-8")
    serious = {}
    for address in addresses:
        page.goto(service.address + address)
        page.evaluate(source)
        for scheme, only in (("light", None), ("dark", OF_COLOURS)):
            page.emulate_media(color_scheme=scheme)
            until(page, f"document.documentElement.dataset.bsTheme === '{scheme}'")
            # Colours of links take a moment to change.
            page.wait_for_timeout(SETTLED_MS)
            found = page.evaluate(AXE_RUN, only)
            bad = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
            if bad:
                serious[address, scheme] = bad
        page.emulate_media(color_scheme="light")
    assert not serious
