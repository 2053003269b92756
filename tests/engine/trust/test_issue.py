"""Severity and harm of a fault."""

from __future__ import annotations

import pytest

from coachline.engine.analyses import Analysis
from coachline.engine.result import Findings
from coachline.engine.trust.issue import Grade, Issue, as_table


def nothing(*_: object) -> Findings:
    return Findings({})


READERS = {
    "a": Analysis("a", nothing, "1", needs=("calls",), reads={"calls": ("talk_s", "agent_id")}),
    "b": Analysis("b", nothing, "1", reads={"agents": ("agent_id",)}),
}


@pytest.mark.parametrize(
    ("grade", "share", "harmed", "severity"),
    [
        ("wrong", 0.05, True, "high"),
        ("wrong", 0.049, True, "medium"),
        ("wrong", 0.0009, True, "low"),
        ("wrong", 0.05, False, "medium"),
        ("wrong", 0.01, False, "low"),
        ("gap", 0.5, True, "high"),
        ("gap", 0.05, True, "medium"),
        ("gap", 0.04, True, "low"),
        ("doubt", 1.0, True, "medium"),
        ("doubt", 0.009, True, "low"),
        ("lost_days", 0.003, True, "medium"),
        ("remark", 1.0, True, "low"),
    ],
)
def test_severity(grade: Grade, share: float, harmed: bool, severity: str) -> None:
    assert Issue("calls", "talk_s", "x", 1, share, grade).severity(harmed) == severity


def test_a_fault_harms_those_who_read_the_column_and_a_spoilt_row_everybody() -> None:
    assert Issue("calls", "talk_s", "x", 1, 0.1, "wrong").harms(READERS) == ("a",)
    assert Issue("calls", "agent_id", "x", 1, 0.1, "wrong").harms(READERS) == ("a",)
    assert Issue("calls", "wrap_s", "x", 1, 0.1, "wrong").harms(READERS) == ()
    assert Issue("calls", "wrap_s", "x", 1, 0.1, "wrong", also=("talk_s",)).harms(READERS) == ("a",)
    assert Issue("calls", "call_id", "x", 1, 0.1, "wrong", whole_row=True).harms(READERS) == ("a",)
    assert Issue("agents", "name", "x", 1, 0.1, "wrong", whole_row=True).harms(READERS) == ("b",)


def test_gravest_first_then_most_rows() -> None:
    given = [
        Issue("calls", "wrap_s", "few", 3, 0.5, "wrong"),
        Issue("calls", "talk_s", "high", 2, 0.5, "wrong"),
        Issue("calls", "talk_s", "many", 9, 0.01, "doubt"),
        Issue("calls", "talk_s", "low", 99, 0.0001, "wrong"),
    ]
    table = as_table(given, READERS)
    assert table["issue"].to_pylist() == ["high", "many", "few", "low"]
    assert table["severity"].to_pylist() == ["high", "medium", "medium", "low"]
    assert table["harms"].to_pylist() == ["a", "a", "", "a"]
    assert as_table([], READERS).num_rows == 0
