"""The fit of capability beside its peers, on worlds whose truth is known: error, calibration, decisions, time and memory.

Peers that take minutes run with ``--slow`` only; their figures are kept in ``bench/peers/slow_figures.json`` and shown with their date.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench import capability_metrics as metrics
from bench import capability_reference, sample
from bench.capability_page import (
    LANGUAGES,
    REASONS,
    WORDS,
    Comparison,
    Row,
    calibration_table,
    decisions_table,
    inserted,
    methods_table,
    others_table,
    reference_table,
    say,
    without_headings,
)
from bench.capability_processes import Method, Run, run
from bench.capability_record import Record
from bench.measure import Line
from coachline.engine.simulate.crossed_world import CrossedWorld, crossed_world

PAGES = Path(__file__).parents[1] / "docs"

LIMIT_S = 180
SLOW_LIMIT_S = 900
FDR = (10, 20)
LISTED = ("beta_binomial", "lme4", "glmmTMB_cell", "glmmTMB_full", "gpboost_cell", "coachline")
"""Whose P(below) makes lists of weak cells."""


@dataclass(frozen=True)
class Size:
    """A world to draw; `slow` names the methods that take minutes on it."""

    name: str
    agents: int
    businesses: int
    calls: int
    teams: int
    families: int
    mean: float = 0.8626
    seed: int = 1

    def draw(self) -> CrossedWorld:
        return crossed_world(
            self.agents, self.businesses, self.calls, teams=self.teams, families=self.families, mean=self.mean, seed=self.seed
        )


LARGE = Size("L", 2_000, 200, 5_000_000, 100, 20)
SMALL = Size("S", 200, 50, 60_000, 10, 10)
OTHERS = (
    Size("L, seed 2", 2_000, 200, 5_000_000, 100, 20, seed=2),
    Size("L, seed 3", 2_000, 200, 5_000_000, 100, 20, seed=3),
    Size("L, 97.8 %", 2_000, 200, 5_000_000, 100, 20, mean=0.9777, seed=4),
)
HUGE = Size("XL, 20,000 × 1,000", 20_000, 1_000, 100_000_000, 1_000, 40)

OWN = Method("coachline")
PLAIN = tuple(Method(name) for name in ("raw", "jeffreys", "agent_mean", "business_mean", "beta_binomial"))
ADDITIVE = (Method("lme4", "lme4"), Method("gpboost", "gpboost"))
WITH_CELL = tuple(Method(f"{program}_cell", program, ("cell",)) for program in ("lme4", "glmmTMB", "gpboost"))
FULL = tuple(Method(f"{program}_full", program, ("agent_family", "cell")) for program in ("glmmTMB", "gpboost"))
METHODS = (*PLAIN, *ADDITIVE, *WITH_CELL, *FULL, OWN)
SLOW = {LARGE.name: {method.name for method in (*WITH_CELL, *FULL)}}

BOUNDS = {
    "rmse": 0.040,
    "excess": 0.0035,
    "off_coverage": 0.02,
    "cpu_s": 3.0,
    "peak_gb": 1.0,
    "false_share": 0.11,
    "missed": 0.71,
    "apart": 0.001,
    "huge_cpu_s": 60.0,
}
"""Bounds of Coachline's figures, on the large world unless they say otherwise; `off_coverage` is how far from 90 % any of the three coverages may be.

Time is bounded by seconds of all cores: that minds other work on the machine less, and on an idle one the clock shows no more.
"""


SAME_ESTIMATOR = ("InstEval",)
"""Published data on which lme4 solves the very same problem, so that the figures must agree."""


def measure(*, slow: bool, quick: bool) -> list[Line]:
    """All tables, printed and, unless `quick`, written to the pages; the lines hold Coachline's figures to their bounds.

    Parameters
    ----------
    slow : bool
        Whether peers that take minutes run; otherwise their recorded figures stand in the tables.
    quick : bool
        The small world only, and no page is written.
    """
    sample.DATA.mkdir(exist_ok=True)
    load = os.getloadavg()[0]
    compared = [] if quick else capability_reference.compare()
    sections = [tables(SMALL, slow=slow)] if quick else [tables(LARGE, slow=slow), tables(SMALL, slow=slow), others(), reference(compared)]
    text = {language: "\n\n".join(section.text[language] for section in sections) for language in LANGUAGES}
    print(text["en"], flush=True)
    if not quick:
        for language in LANGUAGES:
            measured = machine(sections, load, language)
            head = f"# {say(WORDS['title'], language)}\n\n{say(WORDS['written'], language)}\n\n{measured}"
            (PAGES / f"bench-capability.{language}.md").write_text(f"{head}\n\n{text[language]}\n", encoding="utf-8")
            method_page = PAGES / "methods" / f"capability.matrix.{language}.md"
            if method_page.exists():
                large = without_headings(sections[0].text[language])
                method_page.write_text(inserted(method_page.read_text(encoding="utf-8"), f"{measured}\n\n{large}"), encoding="utf-8")
    if quick:
        return []
    return [
        *bounds(sections[0].rows),
        *huge_bound(sections[2].rows),
        *(agreement(each) for each in compared if each.name in SAME_ESTIMATOR),
    ]


@dataclass(frozen=True)
class Section:
    """Part of the page in both languages, and the rows of its table of methods."""

    text: dict[str, str]
    rows: list[Row]


def tables(size: Size, *, slow: bool) -> Section:
    """Every method on the world of `size`, and what decisions come of it."""
    world = size.draw()
    record = Record.of(world)
    rows, below = [], None
    for method in METHODS:
        takes_minutes = method.name in SLOW.get(size.name, ())
        if takes_minutes and not slow:
            rows.append(record.row(method.name))
            continue
        done = run(method, world, SLOW_LIMIT_S if takes_minutes else LIMIT_S)
        rows.append(row(method, done, world))
        if takes_minutes and done.reason != "missing":
            record.keep(rows[-1])
        if method is OWN and done.prediction is not None:
            below = done.prediction.p_below
        print(f"{size.name} {method.name}: {done.wall_s} s {done.reason}", flush=True)
    return Section({language: _text(size, world, rows, below, language) for language in LANGUAGES}, rows)


def _text(size: Size, world: CrossedWorld, rows: Sequence[Row], below: metrics.Floats | None, language: str) -> str:
    seen = world.tries > 0
    parts = [
        f"## {say(WORDS['data_set'], language)} {size.name}",
        say(
            WORDS["world"],
            language,
            agents=size.agents,
            businesses=size.businesses,
            calls=int(world.tries.sum()),
            cells=int(seen.sum()),
            unseen=int((~seen).sum()),
            median=float(np.median(world.tries[seen])),
            mean=world.successes.sum() / world.tries.sum(),
            oracle=world.oracle_log_loss,
        ),
        methods_table(rows, language),
        *([say(WORDS["recorded"], language)] if any(each.measured for each in rows) else []),
        f"### {say(WORDS['decisions'], language)}",
        say(WORDS["standard"], language, short=100 * metrics.SHORT_OF_STANDARD, weak=100 * metrics.weak_share(world)),
        decisions_table([*plain_decisions(world, rows), *(each for row in rows for each in row.decisions)], language),
    ]
    if below is not None:
        parts += [f"### {say(WORDS['calibration'], language)}", calibration_table(metrics.calibration(world, below), language)]
    return "\n\n".join(parts)


def row(method: Method, done: Run, world: CrossedWorld) -> Row:
    """The row of a method's table, with the lists that come of its P(below)."""
    found, decisions = done.prediction, []
    if found is not None and found.p_below is not None and method.name in LISTED:
        decisions = [
            metrics.decide(world, f"bayes:{percent}:{method.name}", metrics.bayes_list(world, found.p_below, percent / 100))
            for percent in FDR
        ]
    known = None if found is None else metrics.scores(world, found)
    return Row(method.name, known, done.wall_s, done.cpu_s, done.peak_gb, done.version, done.reason, decisions=decisions)


def plain_decisions(world: CrossedWorld, rows: Sequence[Row]) -> list[metrics.Decision]:
    """The lists that are usual today."""
    lists = [metrics.decide(world, f"raw:{fewest}", metrics.below_raw(world, fewest)) for fewest in (1, 10, 30)]
    lists.append(metrics.decide(world, f"tested:{100 * metrics.TEST_LEVEL:.0f}", metrics.tested(world)))
    own = [each for row in rows if row.method == OWN.name for each in row.decisions]
    if own:
        lists.append(metrics.decide(world, "worst_raw:10", metrics.worst_raw(world, 10, own[0].flagged)))
    return lists


def others() -> Section:
    """Coachline and the plain methods on further worlds; on the huge one Coachline alone."""
    found = []
    for size in (*OTHERS, HUGE):
        world = size.draw()
        for method in (OWN,) if size is HUGE else (PLAIN[0], PLAIN[-1], OWN):
            found.append(
                (size.name, world.oracle_log_loss, row(method, run(method, world, SLOW_LIMIT_S if size is HUGE else LIMIT_S), world))
            )
            print(f"{size.name} {method.name}: {found[-1][2].wall_s} s", flush=True)
    text = {language: f"## {say(WORDS['others'], language)}\n\n{others_table(found, language)}" for language in LANGUAGES}
    return Section(text, [each for _, _, each in found])


def reference(compared: Sequence[Comparison]) -> Section:
    """Coachline beside lme4 on published data; without lme4, the reason."""
    text = {}
    for language in LANGUAGES:
        table = reference_table(compared, language) if compared else say(REASONS["missing"], language)
        text[language] = f"## {say(WORDS['reference'], language)}\n\n{say(WORDS['published'], language)}\n\n{table}"
    return Section(text, [])


def agreement(compared: Comparison) -> Line:
    return Line(
        f"capability beside lme4 on {compared.name}: levels apart, share of their deviation", compared.apart_share, "", BOUNDS["apart"]
    )


def machine(sections: Sequence[Section], load: float, language: str) -> str:
    """Day, machine, what else it did, and versions."""
    return say(
        WORDS["machine"],
        language,
        day=f"{date.today():%Y-%m-%d}",  # noqa: DTZ011
        cores=os.cpu_count(),
        load=load,
        python=platform.python_version(),
        versions=", ".join(sorted({row.version for section in sections for row in section.rows if row.version})),
    )


def bounds(rows: Sequence[Row]) -> list[Line]:
    """Coachline's figures on the large world beside what they must keep."""
    own = next(row for row in rows if row.method == OWN.name)
    if own.scores is None or own.wall_s is None or own.cpu_s is None:
        return []
    known, decision = own.scores, own.decisions[0]
    assert known.seen is not None and known.sparse is not None and known.unseen is not None and decision.false_share is not None
    figures = (
        ("RMSE of the chance over seen cells", "rmse", known.rmse_seen, ""),
        ("held-out log loss above the oracle", "excess", known.log_loss - LARGE.draw().oracle_log_loss, ""),
        *(
            (f"coverage of 90 % intervals off 0.9, {name}", "off_coverage", abs(share - 0.9), "")
            for name, share in (("seen", known.seen), ("sparse", known.sparse), ("unseen", known.unseen))
        ),
        ("realised share of false ones in the list at 10 %", "false_share", decision.false_share, ""),
        ("weak cells missed by that list", "missed", 1 - decision.power, ""),
        ("fit and prediction", None, own.wall_s, "s"),
        ("fit and prediction, all cores", "cpu_s", own.cpu_s, "s"),
        *((("peak memory", "peak_gb", own.peak_gb, "GB"),) if own.peak_gb is not None else ()),
    )
    subject = f"capability of {LARGE.agents:,} x {LARGE.businesses}"
    return [Line(f"{subject}: {what}", value, unit, None if key is None else BOUNDS[key]) for what, key, value, unit in figures]


def huge_bound(rows: Sequence[Row]) -> list[Line]:
    """Time on the huge world, which comes last."""
    if rows[-1].wall_s is None or rows[-1].cpu_s is None:
        return []
    what = f"capability of {HUGE.agents:,} x {HUGE.businesses:,}: fit and prediction"
    return [Line(what, rows[-1].wall_s, "s"), Line(f"{what}, all cores", rows[-1].cpu_s, "s", BOUNDS["huge_cpu_s"])]
