"""Rules over calls: what they may say, and that what is not known meets none."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.quality.call_rules import columns_of, condition
from coachline.errors import CoachlineError

CALLS = ibis.memtable(
    {
        "rating": [1, 3, None],
        "business": ["国际/投诉", None, "国内"],
        "ticketed": [True, False, None],
        "hold_s": [130.0, 10.0, float("nan")],
        "wait_s": [None, 300.0, 1.0],
        "queue": ["VIP", "大客户", None],
    },
    schema={"rating": "int64", "business": "string", "ticketed": "boolean", "hold_s": "float64", "wait_s": "float64", "queue": "string"},
)


def met(rule: str) -> list[bool]:
    return ibis.duckdb.connect().to_pyarrow(CALLS.select(met=condition("层", rule, CALLS)))["met"].to_pylist()


@pytest.mark.parametrize(
    ("rule", "calls"),
    [
        ("rating <= 2", [True, False, False]),
        ("满意度 ≤ 2", [True, False, False]),
        ("ticketed", [True, False, False]),
        ("not ticketed", [False, True, False]),
        ("非 派单", [False, True, False]),
        ('"投诉" in business', [True, False, False]),
        ("“投诉” not in 业务", [False, False, True]),
        ('queue in ("VIP", "大客户")', [True, True, False]),
        ('技能组 = "VIP" 或 满意度 = 3', [True, True, False]),
        ("hold_s > 120 or wait_s > 120", [True, True, False]),
        ("hold_s + wait_s > 300", [False, True, False]),
        ("hold_s > 120", [True, False, False]),
        ("100 < hold_s < 200 and ticketed", [True, False, False]),
        ("hold_s - 5 > -1", [True, True, False]),
    ],
)
def test_which_calls_meet_a_rule(rule: str, calls: list[bool]) -> None:
    assert met(rule) == calls


def test_the_columns_of_a_rule() -> None:
    assert columns_of("层", '满意度<=2 and "投诉" in business') == {"rating", "business"}


@pytest.mark.parametrize(
    "rule",
    ["", "(", "rating", "1", "rating < 'a'", "ticketed > 1", "lambda: 1", "business.upper()", "rating[0]", "1 < 2", "not rating", "rating in ()",
     "business in business", "rating in (1, 'a')", "rating ** 2 > 1", "ticketed + 1 > 0", "rating is None", "hold_s > wait_s > 'x'", "f'{rating}' == 'a'"],
)  # fmt: skip
def test_what_is_no_condition_is_refused(rule: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        met(rule)
    assert refused.value.code == "call_rule_unreadable"
    assert refused.value.facts["stratum"] == "层"


@pytest.mark.parametrize("rule", ["满意 <= 2", "__import__('os').system('true')", "customer_id == 'x'", "open('x')"])
def test_names_that_calls_do_not_have_are_refused(rule: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        met(rule)
    assert refused.value.code == "call_rule_unknown_name"
    assert "rating" in refused.value.facts["known"]


@given(st.text(alphabet="rating ticketed<>=!()\"'0123456789,andornotin且或满意度≤.[]{}*+-", max_size=60))
def test_any_text_is_a_condition_or_refused(rule: str) -> None:
    code = ""
    try:
        readable = condition("s", rule, CALLS).type().is_boolean()
    except CoachlineError as refused:
        readable, code = False, refused.code
    assert readable or code in ("call_rule_unreadable", "call_rule_unknown_name")
