"""How figures are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coachline.report.figures import Figures, share_digits
from coachline.report.pictures import told_apart
from coachline.wording import Wording
from tests.report.conftest import ZONE

ZH, EN = Figures(Wording("zh"), ZONE), Figures(Wording("en"), ZONE)


def test_numbers_are_written_as_agreed() -> None:
    assert ZH.share(0.968) == "96.8%"
    assert ZH.count(1234) == "1,234"
    assert ZH.seconds(205) == "03:25"
    assert ZH.seconds(3725) == "1:02:05"
    assert ZH.seconds(-0.4) == "00:00"
    assert ZH.day(date(2026, 3, 1)) == "2026-03-01 周日"
    assert EN.day(date(2026, 3, 1)) == "2026-03-01 Sun"
    assert ZH.instant(datetime(2026, 2, 28, 20, 5, tzinfo=UTC)) == "2026-03-01 周日 04:05"
    assert ZH.points(-0.021) == "−2.1 个百分点"
    assert ZH.between("count", 27.2, 90.7) == "28 – 90"
    assert ZH.share(0.00003) == "< 0.1%"
    assert ZH.chance(0.0000001) == "< 0.001"
    assert [ZH.number(value, 2) for value in (0.0, 0.004, -0.004, -0.006)] == ["0.00", "< 0.01", "> −0.01", "−0.01"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_known_is_a_dash(value: float | None) -> None:
    assert {ZH.share(value), ZH.count(value), ZH.seconds(value), ZH.number(value), ZH.points(value), ZH.difference("count", value)} == {"—"}


@pytest.mark.parametrize(
    ("value", "n", "written"),
    [
        (0.92, 50, "92%"),  # standard error 3.8 points
        (0.968, 1000, "96.8%"),
        (0.9962, 1_000_000, "99.62%"),
        (0.5, None, "50.0%"),
        (1.0, 5, "100%"),
        (0.0, 5, "0%"),
    ],
)
def test_no_false_precision(value: float, n: float | None, written: str) -> None:
    assert ZH.share(value, n) == written


def test_a_share_of_one_out_of_few_is_not_certain() -> None:
    assert share_digits(1.0, 5) == 0
    assert share_digits(0.999, 100_000_000) == 2


def test_changes_are_worded_by_unit() -> None:
    assert ZH.change("share", 0.947, 0.968, 10_000) == "低 2.1 个百分点"
    assert ZH.change("share", 0.96801, 0.968, 1000) == "持平"
    assert ZH.change("seconds", 32, 17) == "长 00:15"
    assert ZH.change("count", 90, 100) == "少 10.0%"
    assert ZH.change("count", 3, 0) == "多 3"
    assert EN.change("count", 110, 100) == "10.0% more"


def test_names_that_differ_in_a_bracket_are_told_apart_by_it() -> None:
    assert told_apart(["服务水平（甲）", "服务水平（乙）"]) == ["甲", "乙"]
    assert told_apart(["Level (a)", "Rate (b)"]) == ["Level (a)", "Rate (b)"]
    assert told_apart(["Level (a)"]) == ["Level (a)"]
    assert told_apart(["x", "x (b)"]) == ["x", "x (b)"]


@pytest.mark.parametrize(
    ("unit", "figures", "written"),
    [
        ("share", (0.8512, 0.84, 0.86), "85.1%"),
        ("share", (0.8512, 0.80, 0.90), "85%"),
        ("rating", (4.7134, 4.68, 4.74), "4.71"),
        ("rating", (4.7134, 4.5, 4.9), "4.7"),
        ("index", (57.6, 50.0, 65.0), "58"),
        ("time", (182.4, 180.0, 185.0), "03:02"),
        ("share", (None, None, None), "—"),
    ],
)
def test_an_estimate_is_no_finer_than_its_interval(unit: str, figures: tuple[float | None, ...], written: str) -> None:
    assert ZH.estimate(unit, *figures) == written


def test_an_interval_and_a_probability_are_never_written_as_certain() -> None:
    assert ZH.interval("share", 0.84, 0.8604) == "84.0% – 86.0%"
    assert ZH.interval("share", 0.704, 0.9) == "70% – 90%"
    assert [ZH.probability(p) for p in (0.0, 0.004, 0.5, 0.994, 0.9999, None)] == ["< 1%", "< 1%", "50%", "99%", "> 99%", "—"]
