"""The sums of which every running figure is made, each declared once as a condition on a call and an amount.

A statistic is additive over calls: its value for a year is the sum of its values for the days. All metrics are quotients of these sums, which
is what lets `operations.causes` split a change exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

Origin = Literal["calls", "follow_up", "roster"]


@dataclass(frozen=True)
class Settings:
    """Thresholds that the user may set.

    Attributes
    ----------
    answer_within : float
        Seconds of the service level.
    repeat_days : int
        Days within which a further call of the same customer on the same business counts as a repeat.
    satisfied_from : int
        Lowest rating that counts as satisfied.
    """

    answer_within: float = 20
    repeat_days: int = 7
    satisfied_from: int = 4


@dataclass(frozen=True)
class Basis:
    """What a statistic may depend on besides the row: the settings and the columns in which anything is recorded at all."""

    settings: Settings
    recorded: frozenset[str]


@dataclass(frozen=True)
class Statistic:
    """A sum over calls.

    Attributes
    ----------
    code : str
    needs : tuple of str
        Columns of `calls` (others with their table) without which it cannot be had.
    where : callable
        Which rows count. Null means no.
    amount : callable, optional
        What is summed over them; without it the rows are counted.
    adds : tuple of str
        Columns that join the amount where they are recorded. A part that a centre records nowhere is left out, and the formula says so; a part
        that is missing on single calls is unknown, and these calls are left out.
    origin : str
        ``calls``: one row per call. ``follow_up``: one row per call with the customer's calls before and after. ``roster``: shifts.
    """

    code: str
    needs: tuple[str, ...] = ()
    where: Callable[[ir.Table, Basis], ir.BooleanValue] | None = None
    amount: Callable[[ir.Table, Basis], ir.NumericValue] | None = None
    adds: tuple[str, ...] = ()
    origin: Origin = "calls"

    def over(self, rows: ir.Table, basis: Basis) -> ir.Value:
        """The statistic as an aggregate of `rows`."""
        assert self.where is not None, f"{self.code} is not a sum over calls"
        where = self.where(rows, basis)
        return rows.count(where=where) if self.amount is None else self.amount(rows, basis).sum(where=where).fill_null(0.0)


def _parts(first: str, *others: str) -> Callable[[ir.Table, Basis], ir.NumericValue]:
    """The sum of column `first` and of those `others` that are recorded anywhere; null where one of them is unknown."""

    def total(rows: ir.Table, basis: Basis) -> ir.NumericValue:
        amount = rows[first]
        for column in others:
            if column in basis.recorded:
                amount = amount + rows[column]
        return amount

    return total


_HANDLE = _parts("talk_s", "wrap_s")
_HANDLE_HOLD = _parts("talk_s", "hold_s", "wrap_s")


def _answered_and(column: str) -> Callable[[ir.Table, Basis], ir.BooleanValue]:
    return lambda t, _: t.answered & t[column]


def _answered_known(column: str) -> Callable[[ir.Table, Basis], ir.BooleanValue]:
    return lambda t, _: t.answered & t[column].notnull()


_WAIT, _TALK, _RATED = ("wait_s",), ("talk_s",), ("rating",)
_FOLLOW = ("customer_id", "business")
_SHIFTS = ("agent_id", "talk_s", "shifts.starts_at", "shifts.ends_at", "shifts.activity")

STATISTICS: dict[str, Statistic] = {
    s.code: s
    for s in (
        Statistic("contacts", where=lambda t, _: t.wall_s.notnull()),
        Statistic("ivr_only", where=lambda t, _: t.inbound & (t.outcome == "ivr_only")),
        Statistic("ignored", where=lambda t, _: t.outcome == "ignored"),
        Statistic("answered", where=lambda t, _: t.answered),
        Statistic("abandoned", where=lambda t, _: t.abandoned),
        # Waits: a wait that is not recorded is neither short nor long.
        Statistic("answered_wait_known", _WAIT, _answered_known("wait_s")),
        Statistic("abandoned_wait_known", _WAIT, lambda t, _: t.abandoned & t.wait_s.notnull()),
        Statistic("answered_within", _WAIT, lambda t, b: t.answered & (t.wait_s <= b.settings.answer_within)),
        Statistic("abandoned_within", _WAIT, lambda t, b: t.abandoned & (t.wait_s <= b.settings.answer_within)),
        Statistic("abandoned_after", _WAIT, lambda t, b: t.abandoned & (t.wait_s > b.settings.answer_within)),
        Statistic("wait_s", _WAIT, lambda t, _: t.answered, lambda t, _: t.wait_s),
        # Handling.
        Statistic("handled", _TALK, lambda t, b: t.answered & _HANDLE(t, b).notnull(), adds=("wrap_s",)),
        Statistic("handle_s", _TALK, lambda t, _: t.answered, _HANDLE, adds=("wrap_s",)),
        Statistic("handled_hold", _TALK, lambda t, b: t.answered & _HANDLE_HOLD(t, b).notnull(), adds=("hold_s", "wrap_s")),
        Statistic("handle_hold_s", _TALK, lambda t, _: t.answered, _HANDLE_HOLD, adds=("hold_s", "wrap_s")),
        # The chain of satisfaction.
        Statistic("invited_known", ("invited",), _answered_known("invited")),
        Statistic("invited", ("invited",), _answered_and("invited")),
        Statistic("invited_rated", ("invited", "rating"), lambda t, _: t.answered & t.invited & t.rating.notnull()),
        Statistic("rated", _RATED, _answered_known("rating")),
        Statistic("satisfied", _RATED, lambda t, b: t.answered & (t.rating >= b.settings.satisfied_from)),
        # What became of the call.
        Statistic("resolved_known", ("resolved",), _answered_known("resolved")),
        Statistic("resolved", ("resolved",), _answered_and("resolved")),
        Statistic("transferred_known", ("transferred",), _answered_known("transferred")),
        Statistic("transferred", ("transferred",), _answered_and("transferred")),
        Statistic("ticketed_known", ("ticketed",), _answered_known("ticketed")),
        Statistic("ticketed", ("ticketed",), _answered_and("ticketed")),
        # Outbound work.
        Statistic("outbound", ("direction",), lambda t, _: t.outbound),
        Statistic("outbound_answered", ("direction",), lambda t, _: t.outbound & (t.outcome == "answered")),
        # The customer's calls before and after, see follow_up.py.
        Statistic("followed", _FOLLOW, lambda t, _: t.followed, origin="follow_up"),
        Statistic("not_repeated", _FOLLOW, lambda t, _: t.followed & ~t.repeated, origin="follow_up"),
        Statistic("looked_back", _FOLLOW, lambda t, _: t.looked_back, origin="follow_up"),
        Statistic("repeats", _FOLLOW, lambda t, _: t.looked_back & t.repeats, origin="follow_up"),
        # Shifts, see rostered.py.
        Statistic("rostered_s", _SHIFTS, origin="roster"),
        Statistic("handled_rostered_s", _SHIFTS, adds=("hold_s", "wrap_s"), origin="roster"),
    )
}

CALL_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(column for s in STATISTICS.values() for column in (*s.needs, *s.adds) if "." not in column)
)
"""Columns of `calls` on which some statistic depends."""
