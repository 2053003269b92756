"""Mystery calls: centres month by month with the ranks that they may really have; agents and businesses of the own centre (R12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality import mystery_calls as rows
from coachline.engine.quality.mystery_norms import month_name, norms, what_cannot_be_checked
from coachline.engine.quality.mystery_shares import Z, shares
from coachline.engine.result import Findings, Note
from coachline.engine.stats.exchangeable import levels
from coachline.errors import CoachlineError

MYSTERY = pl.Schema(
    {
        "centre": pl.String(),
        "month": pl.String(),
        "calls": pl.Int64(),
        "share": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "rank": pl.Int64(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
        "centres": pl.Int64(),
        "change": pl.Float64(),
        "change_low": pl.Float64(),
        "change_high": pl.Float64(),
    }
)
"""``share``: points over possible points. ``rank``: by share, 1 the best of ``centres``; the true rank lies from rank_low to rank_high in 90 of 100 cases.
``change``: of the share since the month before."""

MEMBERS = pl.Schema(
    {
        "centre": pl.String(),
        "member": pl.String(),
        "calls": pl.Int64(),
        "share": pl.Float64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
    }
)
"""Agents or businesses; ``estimate`` is drawn towards the others as far as calls are few, ``low`` and ``high`` are its interval."""

ITEMS = pl.Schema(
    {
        "centre": pl.String(),
        "item": pl.String(),
        "calls": pl.Int64(),
        "share": pl.Float64(),
        "others": pl.Float64(),
        "difference": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
"""``others``: share of the same item over all other centres; ``low`` and ``high`` of the difference."""

FEW = 10
"""Calls to a centre in a month below which a rank says next to nothing."""


def mystery(facts: Facts, *, since: date | None = None, until: date | None = None, centre: str | None = None) -> Findings:
    """Rank centres by mystery calls, as far as these can tell them apart.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    centre : str, optional
        The own centre; without it, those whose agents are recorded, or the only one.

    Returns
    -------
    Findings
        Table ``mystery`` (schema `MYSTERY`), in order of month and rank; ``agents`` and ``businesses`` of the own centre (`MEMBERS`); ``items`` of
        every centre against the others (`ITEMS`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_mystery_calls``, ``unknown_centre``.
    """
    period = Period.of(since, until)
    calls = rows.calls(facts, period)
    if calls.is_empty():
        raise CoachlineError("no_mystery_calls", rows=facts.rows("mystery_calls"))
    own = _own(calls, centre)
    table = _centres(calls)
    items = _items(rows.item_sums(facts, period))
    last = table.filter(pl.col("centre").is_in(own["centre"].unique().to_list())).sort("month").tail(1).to_dicts()
    return Findings(
        tables={
            "mystery": table.to_arrow(),
            "agents": _members(own, "agent_id").to_arrow(),
            "businesses": _members(own, "business").to_arrow(),
            "items": items.to_arrow(),
        },
        values={
            "calls": calls.height,
            "centres": calls["centre"].n_unique(),
            "months": calls["month"].n_unique(),
            **_latest(last[0] if own["centre"].n_unique() == 1 and last else {}),
        },
        checks=tuple(norms(facts, period, calls, own["centre"].unique().sort().to_list())),
        notes=tuple(_notes(calls, table, own)),
    )


def _latest(row: Mapping[str, float | int | str | None]) -> dict[str, float | int | str | None]:
    """The own centre in its last month; null where it is not known which one it is."""
    return {f"own_{name}": row.get(name) for name in ("centre", "month", "share", "rank", "rank_low", "rank_high")}


def _own(calls: pl.DataFrame, centre: str | None) -> pl.DataFrame:
    centres = calls["centre"].unique().sort().to_list()
    if centre is not None and centre not in centres:
        raise CoachlineError("unknown_centre", centre=centre, known=", ".join(centres))
    if centre is not None or len(centres) == 1:
        return calls.filter(centre=centre or centres[0])
    return calls.filter(pl.col("agent_id").is_not_null().any().over("centre"))


def _centres(calls: pl.DataFrame) -> pl.DataFrame:
    found = shares(calls, ["centre", "month"])
    parts = []
    for month in found.partition_by("month", maintain_order=True):
        count = month.height
        known = month.with_columns(rank=pl.col("share").rank("min", descending=True).cast(pl.Int64), centres=pl.lit(count, pl.Int64))
        ranks = dict.fromkeys(("rank_low", "rank_high"), pl.Series([None] * count, dtype=pl.Int64))
        # Where scatter cannot be told, neither can ranks.
        if count > 1 and month["se"].is_not_nan().all():
            of = levels(month["share"].to_numpy(), month["se"].to_numpy())
            ranks = {"rank_low": pl.Series(of.rank_low), "rank_high": pl.Series(of.rank_high)}
        elif count == 1:
            known = known.with_columns(rank=pl.lit(None, pl.Int64))
        parts.append(known.with_columns(**ranks))
    table = pl.concat(parts).sort("centre", "month")
    follows = (pl.col("month") - pl.col("month").shift(1).over("centre")) == 1
    change = pl.col("share") - pl.col("share").shift(1).over("centre")
    error = Z * (pl.col("se") ** 2 + pl.col("se").shift(1).over("centre") ** 2).sqrt()
    table = table.with_columns(change=pl.when(follows).then(change), error=pl.when(follows).then(error))
    table = table.with_columns(change_low=pl.col("change") - pl.col("error"), change_high=pl.col("change") + pl.col("error"))
    table = table.sort("month", "rank", "centre", nulls_last=True)
    names = pl.Series("month", [month_name(number) for number in table["month"]], pl.String)
    return _as(table.with_columns(names), MYSTERY)


def _members(own: pl.DataFrame, column: str) -> pl.DataFrame:
    """Agents or businesses of the own centre, best first."""
    known = own.filter(pl.col(column).is_not_null())
    if known.is_empty():
        return pl.DataFrame(schema=MEMBERS)
    found = shares(known, ["centre", column]).rename({column: "member"})
    if found["se"].is_nan().any():
        empty = {name: pl.lit(None, MEMBERS[name]) for name in ("estimate", "rank_low", "rank_high", "low", "high")}
        return _as(found.with_columns(**empty), MEMBERS)
    of = levels(found["share"].to_numpy(), found["se"].to_numpy())
    within = {"estimate": of.mean, "low": of.low, "high": of.high}
    found = found.with_columns(
        **{name: pl.Series(np.clip(values, 0, 1), dtype=pl.Float64) for name, values in within.items()},
        rank_low=pl.Series(of.rank_low),
        rank_high=pl.Series(of.rank_high),
    )
    return _as(found.sort("estimate", "member", descending=[True, False]), MEMBERS)


def _items(sums: pl.DataFrame) -> pl.DataFrame:
    """Each item of each centre against the same item of all others; the scatter within centres is common to all."""
    share, m, n = pl.col("p") / pl.col("m"), pl.col("m"), pl.col("calls")
    squares = pl.col("pp") - 2 * share * pl.col("pm") + share**2 * pl.col("mm")
    sums = sums.with_columns(share=share, off=squares.clip(0) / (m / n) ** 2)
    free = (n - 1).sum().over("item")
    common = pl.when(free > 0).then(pl.col("off").sum().over("item") / free)
    rest_n = n.sum().over("item") - n
    rest_m = m.sum().over("item") - m
    others = pl.when(rest_m > 0).then((pl.col("p").sum().over("item") - pl.col("p")) / rest_m)
    sums = sums.with_columns(others=others, error=Z * (common * (1 / n + 1 / pl.when(rest_n > 0).then(rest_n))).sqrt())
    sums = sums.with_columns(difference=pl.col("share") - pl.col("others"))
    return _as(sums.with_columns(low=pl.col("difference") - pl.col("error"), high=pl.col("difference") + pl.col("error")), ITEMS)


def _as(table: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return table.select(pl.col(name).cast(kind) for name, kind in schema.items()).with_columns(pl.col(pl.Float64).fill_nan(None))


def _notes(calls: pl.DataFrame, table: pl.DataFrame, own: pl.DataFrame) -> Iterator[Note]:
    thin = table.filter(pl.col("calls") < FEW)
    if thin.height:
        yield Note("mystery_calls_are_few", {"rows": thin.height, "fewest": FEW})
    if calls["centre"].n_unique() == 1:
        yield Note("mystery_one_centre")
    elif own.is_empty():
        yield Note("mystery_own_centre_unknown")
    yield from what_cannot_be_checked(calls)
