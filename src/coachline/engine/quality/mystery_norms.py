"""Whether mystery calls were made as the rules for them ask, as far as the records can tell.

The rules: no number calls a centre more than five times a month, numbers are changed every two months, twenty or more are in use, a call that failed
is repeated after ten minutes, and every call is found in the call system's log.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.mystery_calls import in_the_log
from coachline.engine.result import Check, Note

MOST_A_MONTH = 5
LONGEST_MONTHS = 2
FEWEST_NUMBERS = 20
REDIAL_S = 600


def month_name(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def norms(facts: Facts, period: Period, calls: pl.DataFrame, own: list[str]) -> Iterator[Check]:
    """The rules that can be checked.

    Parameters
    ----------
    facts : Facts
    period : Period
    calls : polars.DataFrame
        From `mystery_calls.calls` of that period.
    own : list of str
        Centres whose call system must know the calls.
    """
    known = calls.filter(pl.col("caller").is_not_null())
    if known.height:
        yield _rate(known)
        change = _change(known)
        if change is not None:
            yield change
        numbers = known.group_by("month").agg(n=pl.col("caller").n_unique()).sort("n", "month").row(0, named=True)
        yield Check("mystery_enough_numbers", numbers["n"] >= FEWEST_NUMBERS, float(numbers["n"]), {"month": month_name(numbers["month"])})
        since = pl.col("second") - pl.col("second").shift(1).over("centre", "caller", order_by=["second", "mystery_id"])
        hasty = known.with_columns(since=since).filter(pl.col("since") < REDIAL_S).height
        yield Check("mystery_redial_waits", hasty == 0, float(hasty))
    looked_for, found = in_the_log(facts, period, own)
    if looked_for:
        yield Check("mystery_calls_in_the_log", found == looked_for, found / looked_for, {"found": found, "calls": looked_for})


def _rate(known: pl.DataFrame) -> Check:
    rate = known.group_by("centre", "caller", "month").agg(n=pl.len()).sort("n", "centre", "month", descending=[True, False, False])
    worst = rate.row(0, named=True)
    over = rate.filter(pl.col("n") > MOST_A_MONTH).height
    facts = {"over": over, "centre": worst["centre"], "month": month_name(worst["month"])}
    return Check("mystery_caller_not_too_often", over == 0, float(worst["n"]), facts)


def _change(known: pl.DataFrame) -> Check | None:
    """Needs more months than a number may be in use."""
    months = [known["month"].min(), known["month"].max()]
    if months[1] - months[0] < LONGEST_MONTHS:  # type: ignore[operator]
        return None
    used = known.group_by("centre", "caller").agg(months=pl.col("month").max() - pl.col("month").min() + 1)
    long = used.filter(pl.col("months") > LONGEST_MONTHS)
    return Check("mystery_numbers_change", long.is_empty(), float(long.height), {"numbers": used.height})


def what_cannot_be_checked(calls: pl.DataFrame) -> Iterator[Note]:
    missing = calls.filter(pl.col("caller").is_null()).height
    if missing:
        yield Note("mystery_caller_not_recorded", {"calls": missing})
    yield Note("mystery_rules_not_seen")
