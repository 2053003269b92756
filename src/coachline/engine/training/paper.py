"""Put exam papers together from the item bank: by blueprint, as sharp as possible at the bar, parallel, and without items that everybody has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.items.ability import information
from coachline.engine.stats.items.answers import Floats, Places
from coachline.engine.training.effect_counts import below
from coachline.engine.training.exam_answers import LINES, exam_answers
from coachline.engine.training.exams import bars, calibrated
from coachline.engine.training.item_verdicts import item_table
from coachline.errors import CoachlineError

PAPER = pl.Schema(
    {
        "paper": pl.Int64(),
        "item": pl.String(),
        "business": pl.String(),
        "line": pl.String(),
        "position": pl.Int64(),
        "anchor": pl.Boolean(),
        "share_correct": pl.Float64(),
        "difficulty": pl.Float64(),
        "information": pl.Float64(),
        "exposure": pl.Float64(),
    }
)
"""``position``: place on the paper, easiest first. ``anchor``: on every paper, so that their results can be compared. ``information``: at the bar."""

SHARES = pl.Schema(
    {"category": pl.String(), "wanted": pl.Float64(), "items": pl.Int64(), "available": pl.Int64(), "wanted_items": pl.Int64()}
)
"""``items`` of each paper; ``wanted_items`` what the blueprint asks for; ``available`` in the bank."""

FACTS = pl.Schema(
    {"paper": pl.Int64(), "items": pl.Int64(), "information": pl.Float64(), "expected_share": pl.Float64(), "se_at_bar": pl.Float64()}
)
"""``expected_share``: of right answers by somebody at the bar."""

USABLE = ("good", "easy", "hard", "unknown")
"""Verdicts with which an item may stand on a paper."""

EVEN = 0.04
"""Share of right answers at the bar by which two papers may differ."""

TIME_LIMIT_S = 20.0
GAP = 0.005
"""Share of the best information with which the search is content."""

LITTLE_KNOWN = 0.5
"""Part of the information of an item on which there is no verdict yet that counts: what is not sure is not relied upon."""


_Choice = tuple[list[Places], Places, bool]
"""Places of the items of each paper, those on all of them, and whether it is proven that no better papers exist."""


@dataclass(frozen=True)
class _Bank:
    """Items that may be used: their table, category, information at the bar, and chance of a right answer there."""

    items: pl.DataFrame
    category: Places
    information: Floats
    chance: Floats


def paper(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    line: str = "all",
    blueprint: Mapping[str, float] | None = None,
    length: int = 20,
    papers: int = 2,
    anchors: int | None = None,
    exposure: float = 0.5,
    pass_bar: float = 0.6,
    confidence: float = 0.9,
) -> Findings:
    """Assemble parallel papers.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        Exams by which items are known.
    line : str
        ``all``, ``business`` or ``capability``.
    blueprint : mapping of str to float, optional
        Shares by business, which holds for everything below it, or ``capability`` for items without a business. Without it: as in the bank.
    length, papers, anchors : int
        Items of a paper; how many papers; how many items stand on all of them, without a number a quarter.
    exposure : float
        An item is left out when it stood on more than this share of the papers that people sat.
    pass_bar, confidence : float
        As in the analysis of exams.

    Returns
    -------
    Findings
        ``paper`` (schema `PAPER`), ``papers`` (`FACTS`), ``blueprint`` (`SHARES`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_answers``, ``blueprint_unknown``, ``too_many_anchors``, ``bank_too_small``.
    """
    anchors = length // 4 if anchors is None else anchors
    if anchors > length:
        raise CoachlineError("too_many_anchors", anchors=anchors, length=length)
    data = exam_answers(facts, since, until, line if line in LINES else None)
    fit = calibrated(data)
    items = item_table(data, fit, confidence)
    share = items.select("item", exposure=pl.col("papers") / len(data.papers))
    part = int(np.bincount(fit.answers.links[fit.answers.paper]).argmax())
    bar = float(bars(data, fit, pass_bar)[part])
    at = 0.0 if np.isnan(bar) else bar
    known = np.where(items["verdict"].to_numpy() == "unknown", LITTLE_KNOWN, 1.0)
    frame = items.join(share, on="item", maintain_order="left").with_columns(
        information=information(fit, at) * known, chance=fit.chances(np.array([at]))[:, 0]
    )
    worn = frame.filter(pl.col("exposure") > exposure)
    bad = frame.filter(~pl.col("verdict").is_in(USABLE))
    # Items that nothing links to the others have a scale of their own.
    linked = np.zeros(fit.answers.items, bool)
    linked[fit.answers.item[fit.answers.links[fit.answers.paper[fit.answers.sitting]] == part]] = True
    fit_for_use = frame.filter(pl.col("verdict").is_in(USABLE) & pl.Series(linked)).sort("item")
    fresh = fit_for_use.filter(pl.col("exposure") <= exposure)
    # After one exam every item has been on all of them.
    usable = fresh if fresh.height else fit_for_use
    names, wanted, category = _categories(usable, frame, blueprint)
    bank = _Bank(usable, category, usable["information"].to_numpy(), usable["chance"].to_numpy())
    made = _longest(bank, names, wanted, length, papers, anchors)
    if made is None:
        raise CoachlineError("bank_too_small", papers=papers, usable=usable.height, worn=worn.height, bad=bad.height)
    asked, counts, available, (chosen, shared, proven) = made
    table = _table(bank, chosen, shared)
    summary = _summary(bank, chosen)
    shares = pl.DataFrame({"category": names, "wanted": wanted, "items": counts, "available": available, "wanted_items": asked}).cast(
        SHARES
    )
    sharpness = summary["information"].to_numpy()
    return Findings(
        tables={"paper": table.to_arrow(), "papers": summary.to_arrow(), "blueprint": shares.to_arrow()},
        values={
            "papers": papers,
            "items": table["item"].n_unique(),
            "bank": items.height,
            "usable": usable.height,
            "worn": worn.height,
            "bad_items": bad.height,
            "least_information": float(sharpness.min()),
        },
        checks=(
            Check("papers_proven", proven),
            Check(
                "papers_alike", float(sharpness.max()) <= 1.1 * float(sharpness.min()), float(sharpness.max() / max(sharpness.min(), 1e-9))
            ),
        ),
        notes=tuple(_notes(np.isnan(bar), names, asked, counts, usable, length, not fresh.height)),
    )


def _longest(
    bank: _Bank, names: list[str], wanted: Floats, length: int, papers: int, anchors: int
) -> tuple[Places, Places, Places, _Choice] | None:
    """The papers, shorter than asked for where the bank has not more: items asked for, given and available by category, and the choice."""
    for long in range(length, 0, -1):
        shared = anchors * long // length
        asked, counts, available = _counts(bank, names, wanted, long, papers, shared)
        chosen = _solved(bank, counts, papers, shared) if counts.sum() == long else None
        if chosen is not None:
            return asked, counts, available, chosen
    return None


def _categories(usable: pl.DataFrame, frame: pl.DataFrame, blueprint: Mapping[str, float] | None) -> tuple[list[str], Floats, Places]:
    """Categories with their shares, and the category of each usable item; -1 for items that the blueprint does not ask for."""

    def of_item(business: str | None, names: list[str]) -> int:
        fitting = [k for k, name in enumerate(names) if (name == LINES[1] if business is None else below(business, name))]
        return max(fitting, key=lambda k: len(names[k]), default=-1)

    businesses = usable["business"].to_list()
    if blueprint is None:
        top = [LINES[1] if business is None else business.split("/")[0] for business in businesses]
        names = sorted(set(top))
        wanted = np.array([top.count(name) for name in names], float)
    else:
        names, wanted = list(blueprint), np.array(list(blueprint.values()), float)
        unknown = [name for name in names if not any(of_item(business, [name]) == 0 for business in frame["business"])]
        if unknown:
            known = sorted({LINES[1] if b is None else b for b in frame["business"]})
            raise CoachlineError("blueprint_unknown", name=unknown[0], known=", ".join(known[:10]))
    return names, wanted / max(wanted.sum(), 1e-300), np.array([of_item(business, names) for business in businesses], np.int64)


def _counts(bank: _Bank, names: list[str], wanted: Floats, length: int, papers: int, anchors: int) -> tuple[Places, Places, Places]:
    """Items of each category that the blueprint asks for, those that each paper gets, and those in the bank.

    Largest remainders; what a category lacks goes to those with the most items left for their share.
    """
    available = np.bincount(bank.category[bank.category >= 0], minlength=len(names)).astype(np.int64)
    exact = wanted * length
    asked = np.floor(exact).astype(np.int64)
    asked[np.argsort(asked - exact, kind="stable")[: length - int(asked.sum())]] += 1
    # Anchors are used once, the others once for each paper; how many anchors fall into a category is left to the search.
    most = np.minimum(available, (available + (papers - 1) * anchors) // papers)
    counts = np.minimum(asked, most)
    while counts.sum() < length and (counts < most).any():
        room = np.where(counts < most, (most - counts) / np.maximum(wanted, 1e-9) ** 0.5, -1.0)
        counts[int(room.argmax())] += 1
    needed = anchors + papers * (length - anchors)
    return asked, counts if available.sum() >= needed else np.zeros_like(counts), available


def _solved(bank: _Bank, counts: Places, papers: int, anchors: int) -> _Choice | None:
    """Choose items by mixed-integer programming: the paper that says least at the bar shall say as much as possible. None where there is no choice.

    Variables: item i on paper k only (papers x items), item i on all papers, and the least information.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    n, categories = len(bank.category), len(counts)
    member = csr_matrix((bank.category[None, :] == np.arange(categories)[:, None]).astype(float))
    empty = {rows: csr_matrix((rows, n)) for rows in (1, categories)}
    last = {rows: csr_matrix((rows, 1)) for rows in (1, categories, n)}

    def of_paper(paper: int, block: Any, rows: int, anchor: Any, end: Any) -> Any:
        return hstack([block if k == paper else empty[rows] for k in range(papers)] + [anchor, end])

    said, right = csr_matrix(bank.information[None, :]), csr_matrix(bank.chance[None, :])
    rules = [LinearConstraint(hstack([identity(n)] * (papers + 1) + [last[n]]), -np.inf, (bank.category >= 0).astype(float))]
    for k in range(papers):
        rules.append(LinearConstraint(of_paper(k, member, categories, member, last[categories]), counts, counts))
        rules.append(LinearConstraint(of_paper(k, said, 1, said, csr_matrix(np.array([[-1.0]]))), 0.0, np.inf))
    rules.append(LinearConstraint(hstack([empty[1]] * papers + [csr_matrix(np.ones((1, n))), last[1]]), anchors, anchors))
    even = EVEN * counts.sum()
    alike = [
        hstack([right if k == 0 else -right if k == j else empty[1] for k in range(papers)] + [empty[1], last[1]]) for j in range(1, papers)
    ]
    size = (papers + 1) * n + 1
    goal = np.zeros(size)
    goal[-1] = -1.0
    kinds = np.ones(size)
    kinds[-1] = 0
    bounds = Bounds(0.0, np.append(np.ones(size - 1), np.inf))
    options = {"time_limit": TIME_LIMIT_S, "mip_rel_gap": GAP}
    for together in (True, False):
        # Papers of one bank can be made alike but for very small banks; then the information alone decides.
        given = [*rules, LinearConstraint(vstack(alike), -even, even)] if together and alike else rules
        found = milp(goal, constraints=given, integrality=kinds, bounds=bounds, options=options)
        if found.x is not None:
            break
    if found.x is None:
        return None
    picked = found.x[:-1].reshape(papers + 1, n) > 0.5
    return [np.flatnonzero(picked[k] | picked[-1]) for k in range(papers)], np.flatnonzero(picked[-1]), found.status == 0


def _table(bank: _Bank, chosen: list[Places], shared: Places) -> pl.DataFrame:
    parts = []
    for number, places in enumerate(chosen, 1):
        rows = bank.items[places].with_columns(anchor=pl.Series(np.isin(places, shared)), paper=pl.lit(number))
        rows = rows.sort("chance", "item", descending=[True, False])
        parts.append(rows.with_columns(position=pl.int_range(1, pl.len() + 1)))
    return pl.concat(parts).select(PAPER.names()).cast(PAPER)


def _summary(bank: _Bank, chosen: list[Places]) -> pl.DataFrame:
    rows = [
        (
            number,
            len(places),
            float(bank.information[places].sum()),
            float(bank.chance[places].mean()),
            _se(float(bank.information[places].sum())),
        )
        for number, places in enumerate(chosen, 1)
    ]
    return pl.DataFrame(rows, schema=FACTS, orient="row")


def _se(said: float) -> float | None:
    """Standard error of an ability at the bar, measured by the paper alone."""
    return None if said <= 0 else float(said**-0.5)


def _notes(
    no_bar: bool, names: list[str], asked: Places, counts: Places, usable: pl.DataFrame, length: int, all_worn: bool
) -> Iterator[Note]:
    if no_bar:
        yield Note("no_bar_for_papers")
    if all_worn:
        yield Note("all_items_worn", {"items": usable.height})
    if counts.sum() < length:
        yield Note("papers_shortened", {"asked": length, "items": int(counts.sum()), "usable": usable.height})
    short = np.flatnonzero(counts < asked)
    if len(short):
        yield Note("blueprint_short", {"business": names[int(short[0])], "asked": int(asked[short[0]]), "items": int(counts[short[0]])})
    unsure = usable.filter(verdict="unknown").height
    if unsure:
        yield Note("items_little_known", {"items": unsure})
