"""Parameters as people write them: in a shell, a form, a settings file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coachline.engine.parameters import Parameter
from coachline.errors import CoachlineError
from coachline.wording import Wording

WEIGHTS = Parameter("weights", "weights", {"resolved": 0.5, "satisfied": 2}, choices=("resolved", "satisfied", "passed"))


RULES = Parameter("tags", "rules", {"new": "tenure_days < 180", "night": "night_share > 0.3", "idle": "calls == 0"})


def refusal(parameter: Parameter, given: Any) -> CoachlineError:
    with pytest.raises(CoachlineError) as caught:
        parameter.read(given)
    return caught.value


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("resolved=0.5,satisfied=0.3", {"resolved": 0.5, "satisfied": 0.3}),
        (" satisfied = 3 , ", {"satisfied": 3.0}),
        ("resolved＝1，passed＝0；", {"resolved": 1.0, "passed": 0.0}),
        ({"resolved": 1, "passed": "0.25"}, {"resolved": 1.0, "passed": 0.25}),
    ],
)
def test_weights_are_read_from_text_and_tables(given: Any, read: dict[str, float]) -> None:
    assert WEIGHTS.read(given) == read


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_given_leaves_the_default(nothing: Any) -> None:
    assert WEIGHTS.read(nothing) is None


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("resolvd=1", "unknown_weight", "resolvd, which does not exist. There are: resolved, satisfied, passed."),
        ({"resolved": 1, "index": 1}, "unknown_weight", "index"),
        ("resolved=-0.1,passed=1", "bad_weight", "The weight of resolved in parameter weights cannot be -0.1."),
        ("resolved=nan", "bad_weight", "nan"),
        ("resolved=inf", "bad_weight", "inf"),
        ("resolved=much", "bad_weight", "much"),
        ({"resolved": True}, "bad_weight", "True"),
        ({"resolved": [1]}, "bad_weight", "[1]"),
        ({"resolved": float("nan")}, "bad_weight", "nan"),
        ("resolved=0,passed=0", "no_weight", "resolved=1,satisfied=1,…"),
        ({}, "no_weight", "weights"),
        ("resolved", "bad_parameter", "Cannot read resolved as parameter weights. Accepted: resolved=1,satisfied=1,…."),
        ("resolved=1=2", "bad_parameter", "weights"),
        ("resolved=1,resolved=2", "bad_parameter", "weights"),
        (0.5, "bad_parameter", "0.5"),
        (["resolved"], "bad_parameter", "weights"),
    ],
)
def test_weights_that_cannot_be(given: Any, code: str, said: str) -> None:
    error = refusal(WEIGHTS, given)
    assert error.code == code
    assert said in str(error)


@pytest.mark.parametrize("given", ["resolvd=1", "resolved=-1", "resolved=0", "resolved"])
def test_refused_weights_are_explained_in_chinese(given: str) -> None:
    error = refusal(WEIGHTS, given)
    sentence = Wording("zh")(f"error.{error.code}", **error.facts)
    assert "weights" in sentence
    assert sentence.endswith("。")
    assert "error." not in sentence


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("新员工=工龄天数 < 180；夜班＝夜班占比＞0.3 ;", {"新员工": "工龄天数 < 180", "夜班": "夜班占比＞0.3"}),
        ("a=team == '甲;乙'; b=handles(“x；y”)\nc=calls>=1", {"a": "team == '甲;乙'", "b": "handles(“x；y”)", "c": "calls>=1"}),
        ('it=role == "it\'s; so"', {"it": 'role == "it\'s; so"'}),
        ({" 新员工 ": " calls > 1 "}, {"新员工": "calls > 1"}),
        ({}, {}),
    ],
)
def test_rules_are_read_from_text_and_tables(given: Any, read: dict[str, str]) -> None:
    assert RULES.read(given) == read


@pytest.mark.parametrize(
    "given",
    [
        "calls > 1",
        "calls >= 1",
        "a=",
        "=calls > 1",
        "a=calls > 1; a=calls > 2",
        1,
        ["a"],
        {"a": 1},
        {1: "calls > 1"},
        {"": "calls > 1"},
        {"a": " "},
    ],
)
def test_rules_that_cannot_be_read(given: Any) -> None:
    error = refusal(RULES, given)
    assert error.code == "bad_parameter"
    assert error.facts["accepted"] == "new=tenure_days < 180; night=night_share > 0.3"


@pytest.mark.parametrize("given", ["nan", "inf", float("nan"), "0.5x", -1, 1.5])
def test_numbers_that_cannot_be(given: Any) -> None:
    assert refusal(Parameter("alpha", "number", low=0, high=1), given).code == "bad_parameter"
    assert Parameter("alpha", "number", low=0, high=1).read("1") == 1.0


def test_defaults_are_shown_as_they_would_be_written() -> None:
    assert WEIGHTS.default_text == "resolved=0.5,satisfied=2"
    assert WEIGHTS.read(WEIGHTS.default_text) == WEIGHTS.default
    assert RULES.read(RULES.default_text) == RULES.default
    assert Parameter("since", "date").default_text == ""
    assert Parameter("repeat_days", "integer", 7).default_text == "7"


def test_days_and_flags_in_several_spellings() -> None:
    assert Parameter("since", "date").read("2026/03/01") == date(2026, 3, 1)
    assert Parameter("by_month", "flag").read("是") is True
    assert refusal(Parameter("by_month", "flag"), "maybe").facts["accepted"] == "true | false"
