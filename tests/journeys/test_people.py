"""Who sees whom: the team leader opens one of their own, the agent sees only themselves."""

from __future__ import annotations

import re

from tests.journeys.conftest import Service, SignIn, until

AGENT = re.compile(r"\b80\d{3}\b")


def test_a_team_leader_opens_an_agent(sign_in: SignIn, service: Service) -> None:
    page = sign_in("leader")
    page.click("nav#menu >> text=客服专员")
    rows = page.locator("main table a[href*='/capability/agents/']")
    assert 0 < rows.count() < 12
    name = rows.first.inner_text()
    rows.first.click()
    page.wait_for_url("**/capability/agents/*/")
    assert AGENT.search(name)
    assert AGENT.search(name)[0] in page.inner_text("h1")  # type: ignore[index]
    until(page, "document.querySelectorAll('main svg').length > 0")


def test_an_agent_sees_only_themselves_on_a_phone(sign_in: SignIn, service: Service) -> None:
    page = sign_in("agent", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("text=我的进步")
    page.wait_for_url("**/capability/agents/*/")
    own = AGENT.search(page.url)
    assert own
    assert set(AGENT.findall(page.content())) == {own[0]}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "差" not in re.sub("差(异|距|别)", "", page.inner_text("main"))
    other = next(f"80{number:03d}" for number in range(1, 13) if f"80{number:03d}" != own[0])
    assert page.goto(f"{service.address}/capability/agents/{other}/").status == 404
    for path in ("/operations/", "/capability/weak/", "/facts/calls/", "/org/", "/journal/", "/runs/"):
        assert page.goto(service.address + path).status in (403, 404), path
    assert "没有权限" in page.inner_text("main")
