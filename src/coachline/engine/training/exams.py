"""What exams say: who passes and how surely, which items are any good, what each paper is worth, and where to look closer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.items.ability import Abilities, abilities, bar_of, information
from coachline.engine.stats.items.answers import Floats
from coachline.engine.stats.items.calibration import Calibration, Prior, calibrate
from coachline.engine.training.exam_answers import LINES, ExamAnswers, exam_answers
from coachline.engine.training.exam_signs import sign_table
from coachline.engine.training.item_verdicts import item_table

EXAMS = pl.Schema(
    {
        "exam_id": pl.String(),
        "agent_id": pl.String(),
        "n": pl.Int64(),
        "points_share": pl.Float64(),
        "ability": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "pass_bar": pl.Float64(),
        "p_pass": pl.Float64(),
        "verdict": pl.String(),
        "part": pl.Int64(),
    }
)
"""``ability``: standard deviations of those who sat a paper. ``pass_bar``: the ability that reaches the share of points on the whole bank, the same for
all papers of a ``part``, so that nobody gains by an easy paper. ``verdict``: passed, failed, too_close, or unknown where there is no bar."""

PAPERS = pl.Schema(
    {
        "exam_id": pl.String(),
        "persons": pl.Int64(),
        "items": pl.Int64(),
        "shared_items": pl.Int64(),
        "points_share": pl.Float64(),
        "mean_ability": pl.Float64(),
        "reliability": pl.Float64(),
        "information_at_bar": pl.Float64(),
        "wrong_by_points": pl.Float64(),
        "too_close": pl.Int64(),
        "part": pl.Int64(),
    }
)
"""``wrong_by_points``: share of the sitters whom the plain rule "points at least the bar" is to be expected to judge wrongly."""

SLOPE_SPREAD = 0.6
"""Prior standard deviation of an item's discrimination, as a share of the common one: with few answers items share one slope, with many each has its own."""

LEAST_RELIABLE = 0.5
"""Reliability of most sittings below which exams hardly tell people apart."""

FEW_PERSONS = 30


def calibrated(data: ExamAnswers) -> Calibration:
    """The items of all papers on one scale: a common discrimination first, then each item's own, drawn towards it as far as answers are few."""
    answers = data.answers()
    common = calibrate(answers, common_slope=True, prior=Prior())
    slope = max(float(common.slope[0]), 0.1)
    return calibrate(answers, prior=replace(Prior(), slope=slope, slope_sd=SLOPE_SPREAD * slope))


def bars(data: ExamAnswers, fit: Calibration, share: float) -> Floats:
    """(parts,) ability that is to be expected to reach `share` of the points on all items of a part of the bank."""
    worth = data.bank["worth"].to_numpy()
    answers = fit.answers
    part_of_item = np.zeros(answers.items, np.int64)
    part_of_item[answers.item] = answers.links[answers.paper[answers.sitting]]
    parts = int(answers.links.max()) + 1
    return np.array([bar_of(fit, np.where(part_of_item == part, worth, 0.0), share) for part in range(parts)])


def exams(
    facts: Facts, *, since: date | None = None, until: date | None = None, line: str = "all", pass_bar: float = 0.6, confidence: float = 0.9
) -> Findings:
    """Analyse the exams of a period with an item response model.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        By the time of the answers; without either, answers without a time count, too.
    line : str
        ``all``, ``business`` or ``capability``: which items of the bank.
    pass_bar : float
        Share of the points of the whole bank that a person must be able to reach.
    confidence : float
        Probability that a verdict takes.

    Returns
    -------
    Findings
        ``exams`` (schema `EXAMS`), ``items`` (`item_verdicts.ITEMS`), ``papers`` (`PAPERS`), ``signs`` (`exam_signs.SIGNS`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_answers``.
    """
    data = exam_answers(facts, since, until, line if line in LINES else None)
    fit = calibrated(data)
    part = fit.answers.links
    bar = bars(data, fit, pass_bar)
    found = abilities(fit, bar[part[fit.answers.paper]])
    table = _people(data, fit, found, bar, confidence)
    items = item_table(data, fit, confidence)
    signs, pairs, paced = sign_table(data, fit)
    papers = _papers(data, fit, found, bar, table, pass_bar)
    verdicts = dict(items.group_by("verdict").len().rows())
    reliable = float(_reliability(found.mean, found.sd))
    return Findings(
        tables={"exams": table.to_arrow(), "items": items.to_arrow(), "papers": papers.to_arrow(), "signs": signs.to_arrow()},
        values={
            "persons": data.frame["agent_id"].n_unique(),
            "sittings": table.height,
            "papers": papers.height,
            "items": items.height,
            "parts": len(bar),
            "passed": table.filter(verdict="passed").height,
            "failed": table.filter(verdict="failed").height,
            "too_close": table.filter(verdict="too_close").height,
            "bad_items": sum(verdicts.get(code, 0) for code in ("useless", "negative")),
            "reliability": reliable,
            "pairs_compared": pairs,
            "signs": signs.height,
        },
        checks=(
            Check("exams_settled", fit.settled),
            Check("papers_linked", len(bar) == 1, float(len(bar)), {"papers": papers.height}),
            Check("exams_tell_apart", reliable >= LEAST_RELIABLE, reliable),
        ),
        notes=tuple(_notes(data, items, papers, table, paced, pass_bar)),
    )


def _people(data: ExamAnswers, fit: Calibration, found: Abilities, bar: Floats, confidence: float) -> pl.DataFrame:
    part = fit.answers.links[fit.answers.paper]
    verdict = np.full(len(part), "unknown", dtype=object)
    verdict[~np.isnan(found.above)] = "too_close"
    verdict[found.above >= confidence] = "passed"
    verdict[found.above <= 1.0 - confidence] = "failed"
    figures = data.sittings.with_columns(
        ability=found.mean,
        low=found.low,
        high=found.high,
        pass_bar=bar[part],
        p_pass=found.above,
        verdict=pl.Series(verdict.tolist(), dtype=pl.String),
        part=part + 1,
    )
    return figures.with_columns(pl.col("pass_bar", "p_pass").fill_nan(None)).select(EXAMS.names()).cast(EXAMS).sort("exam_id", "agent_id")


def _papers(data: ExamAnswers, fit: Calibration, found: Abilities, bar: Floats, table: pl.DataFrame, share: float) -> pl.DataFrame:
    answers = fit.answers
    given = np.zeros((answers.papers, answers.items), bool)
    given[answers.paper[answers.sitting], answers.item] = True
    shared = given & (given.sum(axis=0) > 1)
    by_points = data.sittings["points_share"].to_numpy() >= share
    wrong = np.where(by_points, 1.0 - found.above, found.above)
    rows = []
    for place, exam in enumerate(data.papers):
        sat = answers.paper == place
        at = bar[answers.links[place]]
        close = table.filter(exam_id=exam, verdict="too_close").height
        rows.append(
            {
                "exam_id": exam,
                "persons": int(sat.sum()),
                "items": int(given[place].sum()),
                "shared_items": int(shared[place].sum()),
                "points_share": float(data.sittings["points_share"].to_numpy()[sat].mean()),
                "mean_ability": float(fit.mean[place]),
                "reliability": _reliability(found.mean[sat], found.sd[sat]) if sat.sum() > 1 else None,
                "information_at_bar": None if np.isnan(at) else float(information(fit, at)[given[place]].sum()),
                "wrong_by_points": None if np.isnan(at) else float(wrong[sat].mean()),
                "too_close": close,
                "part": int(answers.links[place]) + 1,
            }
        )
    return pl.DataFrame(rows, schema=PAPERS)


def _reliability(mean: Floats, sd: Floats) -> float:
    """Share of the variance of ability that the answers reveal (marginal reliability)."""
    told, left = float(np.var(mean)), float((sd**2).mean())
    return told / (told + left)


def _notes(data: ExamAnswers, items: pl.DataFrame, papers: pl.DataFrame, table: pl.DataFrame, paced: int, share: float) -> Iterator[Note]:
    persons = data.frame["agent_id"].n_unique()
    if persons < FEW_PERSONS:
        yield Note("few_examinees", {"persons": persons})
    everybody = papers.filter(pl.col("points_share") == 1.0)
    if everybody.height:
        yield Note("exams_all_right", {"papers": everybody.height, "exam": everybody["exam_id"][0]})
    passing = table.group_by("exam_id").agg(all_pass=(pl.col("points_share") >= share).all()).filter("all_pass")
    if passing.height > everybody.height:
        yield Note("exams_all_pass", {"papers": passing.height, "of": papers.height})
    bad = items.filter(pl.col("verdict").is_in(["negative", "useless"]))
    if bad.height:
        yield Note("bad_items", {"items": bad.height, "item": ", ".join(bad["item"][:5])})
    if table["pass_bar"].null_count():
        yield Note("bar_out_of_reach", {"sittings": table["pass_bar"].null_count(), "bar": share})
    if not paced:
        yield Note("answer_times_unknown")
    if data.by_points:
        yield Note("answers_by_points", {"answers": data.by_points})
    if data.left_out:
        yield Note("answers_left_out", {"answers": data.left_out})
