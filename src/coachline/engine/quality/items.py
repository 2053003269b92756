"""What each item of the inspection form foretells: dissatisfied customers, repeat calls, tickets, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.form import Form
from coachline.engine.quality.form_reading import read_form
from coachline.engine.quality.items_form import against_form
from coachline.engine.quality.items_links import Floats, Ints, Links, Tables2x2, pooled_links, verdicts
from coachline.engine.quality.items_missing import BAD, missing, without_fault
from coachline.engine.quality.items_sums import OUTCOMES, Flags, Heard, Sheets, business_odds, heard_calls, sheets_of
from coachline.engine.quality.remedies import remedies
from coachline.engine.result import Check, Findings, Note
from coachline.errors import CoachlineError

VERDICTS = ("predicts", "backwards", "predicts_nothing", "unknown")

ITEM_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inspections": (
        "call_id", "agent_id", "inspector_id", "inspected_at", "form", "form_version", "purpose", "probability", "score", "passed", "fatal",
        "remedy",
    ),
    "inspection_items": ("inspection_id", "item", "points", "max_points", "failed", "comment"),
    "calls": ("call_id", "agent_id", "business", "arrived_at", "direction", "outcome", "customer_id", "rating", "ticketed"),
}  # fmt: skip
"""Columns on which the analysis depends, for the table of contents."""

ITEMS = pl.Schema(
    {
        "item": pl.String(),
        "failed": pl.Int64(),
        "failed_share": pl.Float64(),
        "link_dissatisfied": pl.Float64(),
        "link_repeat": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "verdict": pl.String(),
        "form": pl.String(),
        "form_version": pl.String(),
        "inspected": pl.Int64(),
        "repeat_low": pl.Float64(),
        "repeat_high": pl.Float64(),
        "link_ticket": pl.Float64(),
        "ticket_low": pl.Float64(),
        "ticket_high": pl.Float64(),
    }
)
"""Links are odds ratios (1: no link); ``low`` and ``high`` are those of ``link_dissatisfied``. ``failed_share``: of all calls, where weights are known."""

LINKS = pl.Schema(
    {
        "item": pl.String(),
        "form": pl.String(),
        "form_version": pl.String(),
        "outcome": pl.String(),
        "calls": pl.Int64(),
        "cases": pl.Int64(),
        "failed_cases": pl.Int64(),
        "share_failed": pl.Float64(),
        "share_kept": pl.Float64(),
        "raw": pl.Float64(),
        "link": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "agents": pl.Float64(),
        "verdict": pl.String(),
    }
)
"""``calls``: inspected ones of which the outcome is known; ``cases``: those with it; ``share_failed`` and ``share_kept``: with the outcome among
all calls on which the item was failed, or kept; ``raw``: the odds ratio of these two; ``agents``: the effective number that the link rests on."""


def items(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    repeat_days: int = 7,
    dissatisfied_to: int = 2,
    nothing_within: float = 1.5,
    confidence: float = 0.9,
    false_discoveries: float = 0.05,
    form: str | None = None,
) -> Findings:
    """Which items of the form go with what happens to the customer, what the form does not see, and where remedies are written.

    Calls of the same agent heard by the same inspector are compared with each other; differences between businesses are taken out by how often the
    outcome comes on each business in all calls; inspections count one over their selection probability.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    repeat_days : int
    dissatisfied_to : int
        Highest rating that counts as dissatisfied.
    nothing_within : float
        Odds ratio, above 1, that still counts as no link; so does one over it.
    confidence : float
        Of the intervals.
    false_discoveries : float
        Expected share of wrong ones among the items of which something is claimed.
    form : str, optional
        File of an inspection form; the stored scores of its inspections are held against it.

    Returns
    -------
    Findings
        ``items`` (schema `ITEMS`), ``links`` (`LINKS`), ``missing``, ``remedies``; with `form` also ``outside_form``.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_inspections_heard``, ``no_items_judged``, or what `read_form` refuses.
    """
    period = Period.of(since, until)
    held = read_form(form) if form else None
    heard = heard_calls(facts, period, repeat_days, dissatisfied_to)
    if heard.frame.is_empty():
        raise CoachlineError("no_inspections_heard", since=since or "-", until=until or "-")
    sheets = sheets_of(facts, heard.frame["inspection_id"])
    if not sheets.judged.any():
        raise CoachlineError("no_items_judged", inspections=heard.frame.height)
    data = _Data(heard, sheets, business_odds(facts, period, repeat_days, dissatisfied_to))
    judgement = {outcome: _Judged(data, outcome, nothing_within, confidence, false_discoveries) for outcome in OUTCOMES}
    table = _table(data, judgement)
    remedied = remedies(heard, sheets.faulty, sheets.commented, confidence)
    problems, with_remedy = int(remedied["problems"].sum()), int(remedied["with_remedy"].sum())
    against = _Against.form(facts, held, heard) if held else _Against()
    return Findings(
        tables={
            "items": table.to_arrow(),
            "links": pl.concat([judgement[outcome].table for outcome in OUTCOMES]).to_arrow(),
            "missing": missing(heard, sheets.read, sheets.faulty, confidence).to_arrow(),
            "remedies": remedied.to_arrow(),
            **against.tables,
        },
        values={
            "inspections": heard.frame.height,
            **{outcome: int((data.known(outcome) & data.happened(outcome)).sum()) for outcome in OUTCOMES},
            **{verdict: int((table["verdict"] == verdict).sum()) for verdict in VERDICTS},
            **{f"{outcome}_without_fault": without_fault(heard, sheets.read, sheets.faulty, outcome) for outcome in BAD},
            "problems": problems,
            "with_remedy": with_remedy,
            "remedy_share": with_remedy / problems if problems else None,
            **against.values,
        },
        checks=(*_checks(heard), *against.checks),
        notes=(*_notes(data, judgement, table), *against.notes),
    )


@dataclass(frozen=True)
class _Against:
    """What comes of holding the stored scores against a form; nothing without one."""

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()

    @classmethod
    def form(cls, facts: Facts, form: Form, heard: Heard) -> _Against:
        rows, sheets = against_form(facts, form, heard.frame)
        outside = rows["inspection_id"].n_unique()
        figures = {"held_against_form": sheets, "outside_form": outside}
        if not sheets:
            return cls(
                {"outside_form": rows.to_arrow()}, figures, notes=(Note("form_not_used", {"form": form.name, "version": form.version}),)
            )
        return cls({"outside_form": rows.to_arrow()}, figures, (Check("scores_follow_form", not outside, 1 - outside / sheets),))


class _Data:
    """Inspections as arrays, each belonging to a form, an agent and a stratum of like calls (same agent, same inspector)."""

    def __init__(self, heard: Heard, sheets: Sheets, odds: pl.DataFrame) -> None:
        self.heard, self.sheets = heard, sheets
        frame = heard.frame.join(odds.rename({o: f"{o}_odds" for o in OUTCOMES}), on="business", how="left", maintain_order="left")
        self.counts = frame["weight"].is_not_null().to_numpy()
        self.weight: Floats = frame["weight"].fill_null(0.0).to_numpy().astype(np.float64)
        self.agent = _codes(frame.select("agent_id"))
        self.stratum = _codes(frame.select("agent_id", "inspector_id"))
        self.form = _codes(frame.select("form", "form_version"))
        self.forms = frame.select("form", "form_version").unique().sort("form", "form_version", nulls_last=True).rows()
        self._frame = frame
        of_stratum = np.zeros(int(self.stratum.max()) + 1, np.int64)
        of_stratum[self.stratum] = self.agent
        self.agent_of_stratum: Ints = of_stratum
        self.rows: list[tuple[int, int]] = [
            (form, item)
            for form in range(len(self.forms))
            for item in np.flatnonzero(sheets.judged[self.form == form].any(axis=0)).tolist()
        ]
        """Number of the form and of the item, row by row of the main table."""

    def known(self, outcome: str) -> Flags:
        return np.asarray(self._frame[outcome].is_not_null().to_numpy() & self.counts, dtype=bool)

    def happened(self, outcome: str) -> Flags:
        return np.asarray(self._frame[outcome].fill_null(False).to_numpy(), dtype=bool)

    def shift(self, outcome: str) -> Floats:
        """Half the log odds of the outcome on the call's business: cases count less, the others more, where it comes often."""
        return np.exp(self._frame[f"{outcome}_odds"].fill_null(0.0).to_numpy() / 2.0)

    def judged(self) -> Iterator[tuple[str, str | None, str | None, Flags, Flags]]:
        """Item, form, version, inspections that judged it, and those that failed it."""
        for form, item in self.rows:
            where = self.sheets.judged[:, item] & (self.form == form)
            yield self.sheets.items[item], *self.forms[form], where, where & self.sheets.failed[:, item]


def _codes(keys: pl.DataFrame) -> Ints:
    """A number for each combination of keys, in their order."""
    known = keys.unique().sort(keys.columns, nulls_last=True).with_row_index("code")
    return keys.join(known, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")["code"].to_numpy().astype(np.int64)


@dataclass(frozen=True)
class _Counts:
    calls: int
    cases: int
    failed_cases: int
    share_failed: float | None
    share_kept: float | None

    @property
    def raw(self) -> float | None:
        """Odds ratio of the two shares; None where one of them is 0, 1 or not known."""
        shares = (self.share_failed, self.share_kept)
        odds = [share / (1 - share) for share in shares if share is not None and 0 < share < 1]
        return odds[0] / odds[1] if len(odds) == 2 else None


class _Judged:
    """The links of all items with one outcome."""

    def __init__(self, data: _Data, outcome: str, nothing_within: float, confidence: float, false_discoveries: float) -> None:
        known, happened, shift = data.known(outcome), data.happened(outcome), data.shift(outcome)
        self.recorded = bool((known & happened).any())
        weight = np.where(happened, data.weight / shift, data.weight * shift)
        strata, parts, counts = len(data.agent_of_stratum), [], []
        for row, (_, _, _, judged, failed) in enumerate(data.judged()):
            rows = judged & known
            calls = np.bincount(data.stratum[rows], minlength=strata)
            sums = [
                np.bincount(data.stratum[rows & cell], weights=weight[rows & cell], minlength=strata).astype(np.float64)
                for cell in (failed & happened, failed & ~happened, ~failed & happened, ~failed & ~happened)
            ]
            # One call alone cannot be compared.
            used = np.flatnonzero(calls > 1)
            of_row = np.full(len(used), row)
            parts.append(Tables2x2(of_row, data.agent_of_stratum[used], calls[used].astype(np.float64), *(cell[used] for cell in sums)))
            counts.append(
                _Counts(
                    int(rows.sum()),
                    int((rows & happened).sum()),
                    int((rows & happened & failed).sum()),
                    _share(data.weight, rows & failed, happened),
                    _share(data.weight, rows & ~failed, happened),
                )
            )
        tables = Tables2x2(*(np.concatenate([getattr(part, name) for part in parts]) for name in Tables2x2.__dataclass_fields__))
        self.links: Links = pooled_links(tables, len(parts))
        self.low, self.high = self.links.interval(confidence)
        self.verdict = verdicts(self.links, nothing_within, confidence, false_discoveries)
        self.table = pl.DataFrame(
            [
                (item, form, version, outcome, n.calls, n.cases, n.failed_cases, n.share_failed, n.share_kept, n.raw, *figures, verdict)
                for (item, form, version, _, _), n, *figures, verdict in zip(
                    data.judged(), counts, *map(_nullable, (self.link, self.low, self.high)), self.links.agents, self.verdict, strict=True
                )
            ],
            schema=LINKS,
            orient="row",
        )

    @property
    def link(self) -> Floats:
        return np.exp(self.links.log_odds)


def _share(weight: Floats, among: Flags, happened: Flags) -> float | None:
    total = float(weight[among].sum())
    return float(weight[among & happened].sum()) / total if total else None


def _nullable(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _table(data: _Data, judgement: Mapping[str, _Judged]) -> pl.DataFrame:
    bad = [judgement[outcome] for outcome in BAD if judgement[outcome].recorded]
    figures = {
        "link_dissatisfied": judgement["dissatisfied"].link, "low": judgement["dissatisfied"].low, "high": judgement["dissatisfied"].high,
        "link_repeat": judgement["repeat"].link, "repeat_low": judgement["repeat"].low, "repeat_high": judgement["repeat"].high,
        "link_ticket": judgement["ticketed"].link, "ticket_low": judgement["ticketed"].low, "ticket_high": judgement["ticketed"].high,
    }  # fmt: skip
    found = [
        {
            "item": item,
            "form": form,
            "form_version": version,
            "inspected": int(judged.sum()),
            "failed": int(failed.sum()),
            "failed_share": _share(data.weight, judged & data.counts, failed),
            "verdict": _overall([str(of.verdict[row]) for of in bad]),
        }
        for row, (item, form, version, judged, failed) in enumerate(data.judged())
    ]
    frame = pl.DataFrame(found, schema={name: ITEMS[name] for name in found[0]})
    return frame.with_columns(pl.Series(name, _nullable(values), pl.Float64()) for name, values in figures.items()).select(list(ITEMS))


def _overall(verdicts_of: list[str]) -> str:
    """One verdict from those of the bad outcomes: what is foretold of either counts, nothing must hold of each."""
    for claim in ("predicts", "backwards"):
        if claim in verdicts_of:
            return claim
    return "predicts_nothing" if verdicts_of and set(verdicts_of) == {"predicts_nothing"} else "unknown"


def _checks(heard: Heard) -> tuple[Check, ...]:
    frame = heard.frame
    found = float((frame["calls"] == 1).mean() or 0.0)  # type: ignore[arg-type]
    weight = frame["weight"].drop_nulls().to_numpy()
    even = float(weight.sum() ** 2 / (len(weight) * (weight**2).sum()))
    return (
        Check("selection_known", heard.weighted, heard.known_probability / frame.height),
        Check("inspected_calls_found", found >= 0.9, found),
        Check("weights_even", even >= 0.1, even),
    )


def _notes(data: _Data, judgement: Mapping[str, _Judged], table: pl.DataFrame) -> Iterator[Note]:
    frame = data.heard.frame
    for outcome in OUTCOMES:
        if not judgement[outcome].recorded:
            yield Note("item_outcome_without_cases", {"outcome": outcome})
    bare = int((~data.sheets.read).sum())
    if bare:
        yield Note("inspections_without_items", {"inspections": bare, "share": bare / frame.height})
    left_out = int((~data.counts).sum())
    if left_out:
        yield Note("inspections_without_probability", {"inspections": left_out, "share": left_out / frame.height})
    if "predicts" in table["verdict"]:
        yield Note("inspectors_may_have_known")
