"""``operations.daily`` and ``operations.intervals`` beside hand-written DuckDB SQL that gives the same figures from the same files.

The SQL is what an analyst would write who knows DuckDB and the data: one pass for all sums of a day, one window for calls of the same
customer on the same business, one pass for the intervals. It has no choice of zone, period or threshold.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pyarrow as pa

import coachline
from bench import sample
from bench.measure import Line, in_turns, side_by_side

GOAL = 1.5

DAILY = """
WITH c AS (
    SELECT
        (epoch_us(arrived_at) // 1000000 + 28800) // 86400 AS day,
        direction IS NULL OR direction = 'inbound' AS inbound,
        direction = 'outbound' AND outcome <> 'ignored' AS outbound,
        inbound AND outcome = 'answered' AS answered,
        inbound AND outcome = 'abandoned' AS abandoned,
        outcome, wait_s, talk_s, hold_s, wrap_s, invited, rating, resolved, transferred, ticketed
    FROM read_parquet($files)
), sums AS (
    SELECT
        day,
        count(*) FILTER (answered) AS answered,
        count(*) FILTER (abandoned) AS abandoned,
        count(*) FILTER (answered AND wait_s IS NOT NULL) AS answered_wait_known,
        count(*) FILTER (abandoned AND wait_s IS NOT NULL) AS abandoned_wait_known,
        count(*) FILTER (answered AND wait_s <= 20) AS answered_within,
        count(*) FILTER (abandoned AND wait_s <= 20) AS abandoned_within,
        count(*) FILTER (abandoned AND wait_s > 20) AS abandoned_after,
        sum(wait_s) FILTER (answered) AS wait_s,
        count(talk_s + wrap_s) FILTER (answered) AS handled,
        sum(talk_s + wrap_s) FILTER (answered) AS handle_s,
        count(talk_s + hold_s + wrap_s) FILTER (answered) AS handled_hold,
        sum(talk_s + hold_s + wrap_s) FILTER (answered) AS handle_hold_s,
        count(invited) FILTER (answered) AS invited_known,
        count(*) FILTER (answered AND invited) AS invited,
        count(*) FILTER (answered AND invited AND rating IS NOT NULL) AS invited_rated,
        count(rating) FILTER (answered) AS rated,
        count(*) FILTER (answered AND rating >= 4) AS satisfied,
        count(resolved) FILTER (answered) AS resolved_known,
        count(*) FILTER (answered AND resolved) AS resolved,
        count(transferred) FILTER (answered) AS transferred_known,
        count(*) FILTER (answered AND transferred) AS transferred,
        count(ticketed) FILTER (answered) AS ticketed_known,
        count(*) FILTER (answered AND ticketed) AS ticketed,
        count(*) FILTER (outbound) AS outbound,
        count(*) FILTER (outbound AND outcome = 'answered') AS outbound_answered
    FROM c GROUP BY day
), neighbours AS (
    SELECT
        arrived_at, outcome,
        lead(arrived_at) OVER w AS following,
        lag(arrived_at) OVER w AS preceding
    FROM read_parquet($files)
    WHERE (direction IS NULL OR direction = 'inbound') AND outcome <> 'ignored' AND customer_id IS NOT NULL AND business IS NOT NULL
    WINDOW w AS (PARTITION BY customer_id, business ORDER BY arrived_at, outcome = 'answered')
), ends AS (
    SELECT min(arrived_at) AS first, max(arrived_at) AS last FROM read_parquet($files)
), repeats AS (
    SELECT
        (epoch_us(arrived_at) // 1000000 + 28800) // 86400 AS day,
        count(*) FILTER (arrived_at + INTERVAL 7 DAY <= last) AS followed,
        count(*) FILTER (arrived_at + INTERVAL 7 DAY <= last AND NOT coalesce(following - arrived_at <= INTERVAL 7 DAY, false)) AS not_repeated,
        count(*) FILTER (arrived_at - INTERVAL 7 DAY >= first) AS looked_back,
        count(*) FILTER (arrived_at - INTERVAL 7 DAY >= first AND arrived_at - preceding <= INTERVAL 7 DAY) AS repeats
    FROM neighbours, ends WHERE outcome = 'answered' GROUP BY day
)
SELECT DATE '1970-01-01' + day::INT AS date, * EXCLUDE (day) FROM sums LEFT JOIN repeats USING (day) ORDER BY day
"""

INTERVALS = """
SELECT
    make_timestamp((epoch_us(arrived_at) // 1800000000) * 1800000000) AS starts_at,
    business,
    count(*) AS offered,
    count(*) FILTER (outcome = 'answered') AS answered,
    count(*) FILTER (outcome = 'abandoned') AS abandoned,
    avg(wait_s) FILTER (outcome = 'answered') AS wait_s,
    avg(talk_s + hold_s + wrap_s) FILTER (outcome = 'answered') AS handle_s,
    count(*) FILTER (wait_s <= 20) / nullif(count(wait_s), 0) AS service_level
FROM read_parquet($files)
WHERE (direction IS NULL OR direction = 'inbound') AND outcome IN ('answered', 'abandoned') AND (ivr_s IS NULL OR ivr_s >= 0)
GROUP BY ALL ORDER BY ALL
"""

METRICS = {
    "offered": (("answered", "abandoned"), ()),
    "answered": (("answered",), ()),
    "abandoned": (("abandoned",), ()),
    "connect_rate": (("answered",), ("answered", "abandoned")),
    "abandon_rate": (("abandoned",), ("answered", "abandoned")),
    "service_level_offered": (("answered_within", "abandoned_within"), ("answered_wait_known", "abandoned_wait_known")),
    "service_level_answered": (("answered_within",), ("answered_wait_known",)),
    "service_level_strict": (("answered_within",), ("answered_wait_known", "abandoned_wait_known")),
    "service_level_patient": (("answered_within",), ("answered_wait_known", "abandoned_after")),
    "asa": (("wait_s",), ("answered_wait_known",)),
    "aht": (("handle_s",), ("handled",)),
    "aht_with_hold": (("handle_hold_s",), ("handled_hold",)),
    "invited_rate": (("invited",), ("invited_known",)),
    "rated_rate": (("invited_rated",), ("invited",)),
    "satisfaction": (("satisfied",), ("rated",)),
    "resolution_recorded": (("resolved",), ("resolved_known",)),
    "resolution_no_repeat": (("not_repeated",), ("followed",)),
    "repeat_rate": (("repeats",), ("looked_back",)),
    "transfer_rate": (("transferred",), ("transferred_known",)),
    "ticket_rate": (("ticketed",), ("ticketed_known",)),
    "outbound_calls": (("outbound",), ()),
    "outbound_reach": (("outbound_answered",), ("outbound",)),
}
"""How the sums of the SQL make the metrics: numerator, denominator."""


def measure(rows: int, repetitions: int) -> list[Line]:
    folder = sample.centre(rows)
    with coachline.open(folder) as centre:
        files = list(centre.facts().snapshots["calls"].files)

    def ours() -> tuple[pa.Table, pa.Table]:
        with coachline.open(folder) as centre:
            return centre.run("operations.daily").table(), centre.run("operations.intervals").table()

    def theirs() -> tuple[pa.Table, pa.Table]:
        with sample.quiet_duckdb(memory_limit="1GB") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            daily, intervals = (connection.sql(query, params={"files": files}).to_arrow_table() for query in (DAILY, INTERVALS))
        return daily, intervals

    (ours_cost, theirs_cost), ((daily, intervals), (sql_daily, sql_intervals)) = in_turns([ours, theirs], repetitions)
    same(daily_rows(daily), sql_daily_rows(sql_daily))
    same(interval_rows(intervals), interval_rows(sql_intervals))
    ours_was = (f"daily + intervals over {rows:,} calls", ours_cost)
    theirs_was = (f"hand-written SQL over {rows:,} calls", theirs_cost)
    return side_by_side(ours_was, theirs_was, "daily + intervals", GOAL)


Rows = dict[Any, tuple[float | None, ...]]


def daily_rows(table: pa.Table) -> Rows:
    columns = [table[name].to_pylist() for name in ("date", "metric", "numerator", "denominator")]
    return {(day, metric): (top, bottom) for day, metric, top, bottom in zip(*columns, strict=True)}


def sql_daily_rows(table: pa.Table) -> Rows:
    rows: Rows = {}
    for sums in table.to_pylist():
        for metric, (top, bottom) in METRICS.items():
            cases = sum(sums[name] or 0 for name in bottom) if bottom else None
            if cases != 0:
                rows[sums["date"], metric] = (sum(sums[name] or 0 for name in top), cases)
    return rows


def interval_rows(table: pa.Table) -> Rows:
    figures = ("offered", "answered", "abandoned", "wait_s", "handle_s", "service_level")
    starts = [_epoch(moment) for moment in table["starts_at"].to_pylist()]
    columns = [table[name].to_pylist() for name in figures]
    return dict(zip(zip(starts, table["business"].to_pylist(), strict=True), zip(*columns, strict=True), strict=True))


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp()) if moment.tzinfo else int((moment - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001


def same(ours: Rows, theirs: Rows) -> None:
    """Refuse to time two things that differ."""
    assert ours.keys() == theirs.keys(), sorted(ours.keys() ^ theirs.keys(), key=str)[:5]
    for key, figures in ours.items():
        for mine, other in zip(figures, theirs[key], strict=True):
            assert _close(mine, other), (key, figures, theirs[key])


def _close(mine: float | None, other: float | None) -> bool:
    return mine is other or (mine is not None and other is not None and math.isclose(mine, other, rel_tol=1e-9))
