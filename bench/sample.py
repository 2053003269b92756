"""Calls to measure with: an export as a Chinese call system writes it, made by arithmetic, so that any number of rows is there in seconds.

The figures mean nothing; sizes, shares of null, number of distinct values and the spread over days are those of a real centre.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

import coachline

DATA = Path(__file__).parent / ".data"

BUSINESSES = 60
AGENTS = 400
DAYS = 365
CALLS_PER_CUSTOMER = 5

CALLS = f"""
SELECT
    'B' || lpad(i::VARCHAR, 9, '0') AS 通话编号,
    CASE WHEN h3 < 0.95 THEN '呼入' ELSE '呼出' END AS 呼叫方向,
    strftime(TIMESTAMP '2025-01-01' + to_seconds(day * 86400 + second), '%Y-%m-%d %H:%M:%S') AS 呼入时间,
    CASE WHEN h4 < 0.96 THEN '1380' || lpad((hash(i * 16 + 5) % greatest({{rows}} // {CALLS_PER_CUSTOMER}, 1))::VARCHAR, 7, '0') END AS 客户号码,
    '业务' || (business % 8) || '/小类' || business AS 业务类型,
    '技能组' || (business % 6) AS 技能组,
    CASE WHEN answered THEN 'A' || lpad((hash(i * 16 + 6) % {AGENTS})::VARCHAR, 4, '0') END AS 坐席工号,
    (5 + h1 * 60)::INT AS IVR时长,
    CASE WHEN NOT ivr THEN (-ln(1 - h2 * 0.999) * 12)::INT END AS 排队时长,
    CASE WHEN answered THEN (30 + -ln(1 - h1 * 0.999) * 150)::INT ELSE 0 END AS 通话时长,
    CASE WHEN answered THEN (greatest(0, h4 - 0.8) * 200)::INT END AS 保持时长,
    CASE WHEN answered THEN (h3 * 60)::INT END AS 话后时长,
    CASE WHEN answered THEN '接通' WHEN ivr THEN '自助' ELSE '呼损' END AS 呼叫结果,
    CASE WHEN answered THEN CASE WHEN h2 < 0.04 THEN '是' ELSE '否' END END AS 是否转接,
    CASE WHEN answered THEN CASE WHEN h1 < 0.12 THEN '是' ELSE '否' END END AS 是否派单,
    CASE WHEN answered AND h2 < 0.9 THEN CASE WHEN h4 < 0.86 THEN '是' ELSE '否' END END AS 是否解决,
    CASE WHEN answered THEN CASE WHEN h3 < 0.7 THEN '是' ELSE '否' END END AS 是否邀评,
    CASE WHEN answered AND h3 < 0.3 THEN ['非常满意', '满意', '一般', '不满意'][1 + floor(h2 * h2 * h2 * 4)::INT] END AS 满意度
FROM (
    SELECT
        *,
        h5 >= 0.10 AND h5 < 0.90 AS answered,
        h5 < 0.10 AS ivr,
        -- Two humps a day, as calls come.
        (32400 + h6 * 10800 + CASE WHEN h2 < 0.5 THEN 0 ELSE 18000 END)::INT AS second,
        floor(h1 * h1 * {BUSINESSES})::INT AS business
    FROM (
        SELECT
            i,
            i * {DAYS} // {{rows}} AS day,
            hash(i * 16 + 1) / 18446744073709551616.0 AS h1,
            hash(i * 16 + 2) / 18446744073709551616.0 AS h2,
            hash(i * 16 + 3) / 18446744073709551616.0 AS h3,
            hash(i * 16 + 4) / 18446744073709551616.0 AS h4,
            hash(i * 16 + 7) / 18446744073709551616.0 AS h5,
            hash(i * 16 + 8) / 18446744073709551616.0 AS h6
        FROM range({{rows}}) AS numbers(i)
    )
)
"""


def quiet_duckdb(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own that draws no progress bar."""
    connection = duckdb.connect(config={"memory_limit": memory_limit} if memory_limit else {})
    connection.execute("SET enable_progress_bar = false")
    return connection


def export(rows: int, kind: str) -> Path:
    """A file of `rows` calls; `kind` is csv or parquet. Made once and kept."""
    path = DATA / f"calls-{rows}.{kind}"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        made = path.with_suffix(".part")
        options = "HEADER" if kind == "csv" else "FORMAT parquet"
        with quiet_duckdb() as connection:
            connection.execute(f"COPY ({CALLS.format(rows=rows)}) TO '{made}' ({options})")
        made.rename(path)
    return path


def centre(rows: int) -> Path:
    """The folder of a centre that holds `rows` calls, loaded through the import. Made once and kept."""
    folder = DATA / f"centre-{rows}"
    if not folder.exists():
        made = DATA / f"centre-{rows}.part"
        with coachline.Centre.create(made) as new:
            new.import_file(export(rows, "parquet"))
        made.rename(folder)
    return folder
