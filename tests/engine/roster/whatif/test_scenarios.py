"""Scenarios as planners write them, in either language, and what cannot be read."""

from __future__ import annotations

import pytest

from coachline.engine.roster.whatif.scenarios import Scenario, scenarios_of
from coachline.errors import CoachlineError


def read(text: str) -> Scenario:
    [found] = scenarios_of({"s": text})
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("calls +10%", Scenario("s", calls=1.1)),
        ("来电 -20%", Scenario("s", calls=0.8)),
        ("calls 130%", Scenario("s", calls=1.3)),
        ("话务量：1.5", Scenario("s", calls=1.5)),
        ("train 2", Scenario("s", train=2)),
        ("培训 3 国际业务/查询", Scenario("s", train=3, train_in="国际业务/查询")),
        ("train 1 *", Scenario("s", train=1, train_in="*")),
        ("工时上限 150，人数 -2", Scenario("s", cap_h=150.0, fewer=2)),
        ("Proposed, calls +5%", Scenario("s", proposed=True, calls=1.05)),
        ("建议班表", Scenario("s", proposed=True)),
    ],
)
def test_read(text: str, expected: Scenario) -> None:
    found = read(text)
    assert found.calls == pytest.approx(expected.calls)
    assert (found.train, found.train_in, found.cap_h, found.fewer, found.proposed) == (
        expected.train,
        expected.train_in,
        expected.cap_h,
        expected.fewer,
        expected.proposed,
    )


@pytest.mark.parametrize(
    "text",
    [
        "more",
        "calls",
        "calls 0",
        "calls -100%",
        "calls 10x",
        "train 0",
        "train 1.5",
        "train 2%",
        "people 3",
        "people -1.5",
        "cap 0",
        "cap 900",
        "proposed 3",
    ],
)
def test_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(CoachlineError, match=r"calls \+10%") as refused:
        read(f"calls +10%, {text}")
    assert text in str(refused.value)


def test_who_gets_another_roster() -> None:
    assert [read(text).rostered_anew for text in ("calls 2", "train 2", "cap 150", "people -1", "proposed")] == [
        False,
        False,
        True,
        True,
        True,
    ]
