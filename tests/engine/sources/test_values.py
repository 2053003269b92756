"""Values in the forms that exports have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.sources.mapping import Recipe
from coachline.engine.sources.pseudonym import Pseudonymiser
from coachline.engine.sources.values import Reading, bare, known, value
from coachline.engine.tables.call_choices import OUTCOME, RATING
from coachline.engine.tables.kinds import Day, Flag, Instant, Integer, Kind, Number, NumberMap, Path, Pseudonym, Seconds, Text, TextMap

READING = Reading("Asia/Shanghai", Pseudonymiser(b"key"))
NO_RECIPE = Recipe()


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'Asia/Shanghai'")
    return opened


def read(connection: duckdb.DuckDBPyConnection, kind: Kind, cell: str, recipe: Recipe = NO_RECIPE, reading: Reading = READING) -> Any:
    parsed = value(kind, "text", recipe, reading)
    if isinstance(kind, Instant):
        parsed = f"epoch_us({parsed})"
    query = (
        f"SELECT {parsed} FROM (SELECT {known('bare', recipe.null)} AS text FROM (SELECT {bare('cell')} AS bare FROM (SELECT ? AS cell)))"
    )
    found = connection.execute(query, [cell]).fetchall()[0][0]
    return datetime.fromtimestamp(found / 1e6, tz=UTC) if isinstance(kind, Instant) and found is not None else found


SHARED = duckdb.connect()

FIVE_PAST_EIGHT = datetime(2026, 3, 1, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01 08:05:00", "2026/3/1 8:05:00", "2026/3/1 8:05", "20260301 080500", "20260301080500", "202603010805", "2026年3月1日 8:05:00",
        "2026年03月01日08时05分00秒", "2026.3.1 8:05", "260301 8:05:00", "260301 08:05", "2026/3/1 上午 8:05:00", "2026/3/1 8:05:00 AM", "2026-03-01T00:05:00Z",
        "2026-03-01T09:05:00+09:00", "46082.33680556", "1772323500", "1772323500000", "\t2026/3/1 8:05 ", '="2026-03-01 08:05:00"',
    ],
)  # fmt: skip
def test_instants(connection: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(connection, Instant(), cell) == FIVE_PAST_EIGHT


def test_afternoon_is_twelve_hours_later(connection: duckdb.DuckDBPyConnection) -> None:
    assert read(connection, Instant(), "2026/3/1 下午 8:05:00") == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["abc", "2026-13-01 00:00", "26/3/1 8:05", "0026-03-01", "99999999999999", "8:05"])
def test_instants_that_cannot_be(connection: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(connection, Instant(), cell) is None


def test_instant_by_format(connection: duckdb.DuckDBPyConnection) -> None:
    assert read(connection, Instant(), "990201 7:02:47", Recipe(format="%y%m%d %H:%M:%S")) == datetime(1999, 1, 31, 23, 2, 47, tzinfo=UTC)


@pytest.mark.parametrize(("day_first", "month"), [(True, 4), (False, 3)])
def test_order_of_day_and_month(connection: duckdb.DuckDBPyConnection, day_first: bool, month: int) -> None:
    found = read(connection, Instant(), "3/4/2026 12:00", reading=Reading("Asia/Shanghai", READING.pseudonymiser, day_first))
    assert found.month == month


def test_summer_time_is_that_of_the_zone(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'America/New_York'")
    try:
        reading = Reading("America/New_York", READING.pseudonymiser)
        assert read(connection, Instant(), "2026-07-01 08:00", reading=reading) == datetime(2026, 7, 1, 12, tzinfo=UTC)
        assert read(connection, Instant(), "20260101 080000", reading=reading) == datetime(2026, 1, 1, 13, tzinfo=UTC)
    finally:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("166", 166), ("166.5", 166.5), ("0:02:46", 166), ("02:46", 166), ("2分46秒", 166), ("2分钟", 120), ("1小时2分3秒", 3723), ("1,234", 1234),
        ("25:00:00", 90000), ("-5", -5), ("-0:00:05", -5), ("90秒", 90), ("1:75", None), ("abc", None), ("inf", None), ("秒", None), ("-", None),
    ],
)  # fmt: skip
def test_durations(connection: duckdb.DuckDBPyConnection, cell: str, seconds: float | None) -> None:
    assert read(connection, Seconds(), cell) == seconds


@pytest.mark.parametrize(("unit", "seconds"), [("ms", 0.166), ("min", 9960), ("h", 597600)])
def test_duration_units(connection: duckdb.DuckDBPyConnection, unit: str, seconds: float) -> None:
    assert read(connection, Seconds(), "166", Recipe(unit=unit)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (Flag(), "是", True), (Flag(), "N", False), (Flag(), "1", True), (Flag(), "0", False), (Flag(), "TRUE", True), (Flag(), "或许", None),
        (OUTCOME, "接通", "answered"), (OUTCOME, "呼损", "abandoned"), (OUTCOME, "AGENT", "answered"), (OUTCOME, "ivr only", "ivr_only"), (OUTCOME, "N", "abandoned"), (OUTCOME, "?", None),
        (RATING, "非常满意", 5), (RATING, "5.0", 5), (RATING, "4分", 4), (RATING, "不满意", 2), (RATING, "4.5", None),
        (Number(), "95分", 95), (Number(), "97.5%", 0.975), (Number(), "1,234.5", 1234.5), (Number(), "nan", None), (Number(), "1e999", None),
        (Integer(), "3.0", 3), (Integer(), "3.5", None), (Day(), "2026/3/1", date(2026, 3, 1)), (Day(), "46082", date(2026, 3, 1)),
        (Path(), "国际业务 > 查询＞件", "国际业务/查询/件"), (Path(), "/a//b/", "a/b"), (Path(), "邮政-国际", "邮政-国际"),
        (TextMap(), "夜班：是；专长：国际", {"夜班": "是", "专长": "国际"}), (NumberMap(), '{"resolved": 0.9}', {"resolved": 0.9}), (TextMap(), "x", None),
        (Text(), '="00123"', "00123"), (Text(), "'00123", "00123"), (Text(), "　空 ", None), (Text(), "N/A", None), (Text(), "NULL", None),
    ],
)  # fmt: skip
def test_other_kinds(connection: duckdb.DuckDBPyConnection, kind: Kind, cell: str, expected: object) -> None:
    assert read(connection, kind, cell) == expected


def test_words_of_a_map_that_mean_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    assert read(connection, Text(), "NO_SERVER", Recipe(null=("NO_SERVER",))) is None


@pytest.mark.parametrize("cell", ["13800001111", "+86 138-0000-1111", "8613800001111", "13800001111.0", "138 0000 1111"])
def test_one_customer_however_the_number_is_written(connection: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(connection, Pseudonym(), cell) == READING.pseudonymiser.of("13800001111")


def test_pseudonyms_stay_and_rounded_numbers_are_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    once = READING.pseudonymiser.of("13800001111")
    assert read(connection, Pseudonym(), once) == once
    assert read(connection, Pseudonym(), "1.38E+10") is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_sql_and_python_hash_alike(text: str) -> None:
    expected = READING.pseudonymiser.of(text)
    query = f"SELECT {READING.pseudonymiser.sql('t', 'c')} FROM (SELECT ? AS t)"
    found = duckdb.execute(query, [text]).fetchall()[0][0]
    assert found == expected or found is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    for kind in (Instant(), Seconds(), Number(), Integer(), Flag(), OUTCOME, RATING, Path(), Day(), TextMap(), NumberMap(), Pseudonym()):
        read(SHARED, kind, text)


@given(st.datetimes(min_value=datetime(1991, 9, 16), max_value=datetime(2099, 1, 1)))
def test_instants_round_trip(moment: datetime) -> None:
    # Since September 1991 Shanghai keeps one offset, so every wall-clock time there is one instant.
    SHARED.execute("SET TimeZone = 'Asia/Shanghai'")
    moment = moment.replace(microsecond=0)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d %H%M%S", "%Y年%m月%d日 %H:%M:%S"):
        found = read(SHARED, Instant(), moment.strftime(form))
        assert (found.timestamp() + 8 * 3600) == moment.replace(tzinfo=UTC).timestamp()
