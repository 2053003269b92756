"""The page of the capability matrix in a real browser: 300 agents on 200 businesses, every cell with evidence.

``python -m bench.run --only capability_map`` makes a centre with such a result, serves it by two processes as in production, and measures in Chromium how
long it takes until the map is drawn, and how evenly it scrolls. Needs Chromium and playwright, as the journeys do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from bench.measure import Line
from coachline.centre import Centre as CentreFolder
from coachline.engine.capability.matrix import CELLS
from coachline.engine.capability.weak_cells import WEAK
from coachline.engine.result import Findings, Provenance, Result
from tests.chromium import CHROMIUM, QUIET

AGENTS, BUSINESSES, FAMILIES = 300, 200, 20
OUTCOMES = ("index", "resolved")
VISITS = 7
PORT = 8397
DRAWN = "#map[data-drawn]"
MARK = "() => performance.getEntriesByName('map-drawn')[0].startTime"
SCROLL = """async ([dx, dy]) => {
  const map = document.getElementById("map"), frames = [];
  map.scrollTo(0, 0);
  for (let last = performance.now(), step = 0; step < 120; step += 1) {
    map.scrollBy(dx, dy);
    await new Promise((done) => requestAnimationFrame(done));
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return frames;
}"""


def dense() -> Result:
    """A matrix in which every cell has evidence."""
    random = np.random.default_rng(7)
    agents = [f"8{number:04d}" for number in range(AGENTS)]
    businesses = [f"业务大类{number % FAMILIES}/第{number}项" for number in range(BUSINESSES)]
    names = pl.DataFrame({"agent_id": agents}).join(pl.DataFrame({"business": businesses}), how="cross")
    parts = []
    for outcome in OUTCOMES:
        scale, middle = (10.0, 50.0) if outcome == "index" else (0.1, 0.8)
        estimate = middle + scale * random.normal(size=names.height)
        half = scale * random.uniform(0.2, 1.2, names.height)
        verdict = np.where(estimate + half < middle, "below", np.where(estimate - half > middle, "strong", "unknown"))
        parts.append(
            names.with_columns(
                outcome=pl.lit(outcome), n=pl.Series(random.poisson(20, names.height) + 1), successes=pl.lit(None), raw=pl.lit(None),
                estimate=pl.Series(estimate), low=pl.Series(estimate - half), high=pl.Series(estimate + half), standard=pl.lit(middle),
                p_below=pl.Series(random.uniform(size=names.height)), verdict=pl.Series(verdict), certainty=pl.Series(random.uniform(0.2, 0.95, names.height)),
            ).select(CELLS.names()).cast(CELLS)
        )  # fmt: skip
    found = Findings({"matrix": pl.concat(parts).to_arrow(), "weak": pl.DataFrame(schema=WEAK).to_arrow()})
    return Result.of(found, Provenance("capability.matrix", "1", {"fdr": 0.1}, {}, "bench", "2026-03-01T08:00:00+08:00", 0.0))


def prepare(folder: Path) -> str:
    """A centre with that result and a director; gives the session of the director."""
    CentreFolder.create(folder, "测速中心").close()
    os.environ |= {"COACHLINE_CENTRE": str(folder), "DJANGO_SETTINGS_MODULE": "coachline.web.config.settings"}
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from coachline.stored import save_result
    from coachline.web.accounts.models import User
    from coachline.web.base.centre_folder import centre_settings
    from coachline.web.org.models import Agent, Centre, Grant
    from coachline.web.runs.keys import key_of, settled
    from coachline.web.runs.models import Run

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    centre = Centre.objects.create(name="测速中心", is_default=True)
    Agent.objects.bulk_create(Agent(agent_id=f"8{number:04d}", name=f"坐席{number}", centre=centre) for number in range(AGENTS))
    user = User.objects.create_user("director", password=None)
    Grant.objects.create(user=user, role="director", centre=centre)
    parameters = settled("capability.matrix", {}, centre_settings())
    run = Run(
        kind="analysis", name="capability.matrix", parameters=parameters, key=key_of("analysis", "capability.matrix", parameters, None)
    )
    run.state, run.finished_at = Run.State.DONE, timezone.now()
    save_result(dense(), run.folder)
    run.save(force_insert=True)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


@contextmanager
def served() -> Iterator[str]:
    """The application behind two processes, at an address of this machine."""
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "2", "-b", f"127.0.0.1:{PORT}", "coachline.web.config.wsgi"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def measure() -> list[Line]:
    """Milliseconds until the map stands, for a new and for a known browser, and between two frames while it scrolls."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="coachline-bench-") as scratch:
        session = prepare(Path(scratch) / "centre")
        with served() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            new: list[float] = []
            known: list[float] = []
            frames: dict[str, list[float]] = {"usual": [], "small": []}
            for _ in range(VISITS + 1):
                context = browser.new_context(viewport={"width": 1366, "height": 768})
                context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
                page = context.new_page()
                for drawn in (new, known):
                    page.goto(f"{address}/capability/")
                    page.wait_for_selector(DRAWN)
                    drawn.append(page.evaluate(MARK))
                for size, seen in frames.items():
                    page.goto(f"{address}/capability/?size={size}")
                    page.wait_for_selector(DRAWN)
                    seen += _frames(page)
                context.close()
            browser.close()
    # The first visit of all also starts the server's processes, which nobody waits for in the morning.
    lines = [
        Line("matrix page 300 x 200, new browser, until drawn", median(new[1:]) / 1000, "s", 1.0),
        Line("matrix page 300 x 200, known browser, until drawn", median(known[1:]) / 1000, "s", 1.0),
    ]
    return [
        *lines,
        *(
            Line(f"matrix page 300 x 200, {size} cells, 95 % of frames within", float(np.quantile(seen, 0.95)), "ms", 50.0)
            for size, seen in frames.items()
        ),
    ]


def _frames(page: Any) -> list[float]:
    found: list[float] = []
    for direction in ([0, 40], [40, 0], [30, 40]):
        found += page.evaluate(SCROLL, direction)
    return found
