"""The administrator adds a user, who signs in with a password of their own; the auditor reads that in the journal."""

from __future__ import annotations

from uuid import uuid4

from tests.journeys.conftest import Service, SignIn


def test_a_new_user_is_added_signs_in_and_stands_in_the_journal(sign_in: SignIn, service: Service) -> None:
    name = f"liu{uuid4().hex[:6]}"
    page = sign_in("admin")
    page.click("nav#menu >> text=用户")
    page.click("main a[href$='/users/new'], main a[href$='/users/new/']")
    page.fill("input[name=username]", name)
    page.fill("input[name=name]", "刘新")
    page.select_option("select[name=role]", "trainer")
    if page.locator("select[name=centre]").is_visible():
        page.locator("select[name=centre]").select_option(index=1)
    page.click("main form button[type=submit]")
    password = page.inner_text("#password")
    fresh = sign_in(name, password=password)
    # Nothing else opens before a password of one's own is chosen.
    fresh.wait_for_selector("input[name=oldpassword]")
    fresh.wait_for_timeout(1000)
    fresh.goto(service.address + "/capability/")
    assert fresh.url.endswith("/login/password/change/")
    own = "Blue-lantern-77"
    fresh.fill("input[name=oldpassword]", password)
    fresh.fill("input[name=password1]", own)
    if fresh.locator("input[name=password2]").count():
        fresh.fill("input[name=password2]", own)
    fresh.press("input[name=password1]", "Enter")
    fresh.wait_for_selector("nav#menu", state="attached")
    assert fresh.goto(service.address + "/capability/").status == 200
    assert fresh.goto(service.address + "/org/users/").status == 403

    auditor = sign_in("auditor")
    auditor.click("nav#menu >> text=操作日志")
    auditor.wait_for_selector("main table")
    assert name in auditor.inner_text("main table")
    assert password not in auditor.content()


def test_a_run_is_started_followed_and_read(sign_in: SignIn, service: Service) -> None:
    page = sign_in("quality")
    page.goto(service.address + "/analyses/quality.audit/")
    page.fill("input[name=since]", str(service.last_day.replace(day=1)))
    page.click("main form button[type=submit]")
    page.wait_for_url("**/runs/**")
    page.wait_for_selector("a[href*='/results/']", timeout=120_000)
    page.click("a[href*='/results/']")
    # The tables of the pictures are folded; those of the result are open.
    page.wait_for_selector("main table:visible")
    with page.expect_download() as taken:
        page.click("text=下载")
        page.click("text=Excel")
    assert taken.value.suggested_filename.endswith(".xlsx")
