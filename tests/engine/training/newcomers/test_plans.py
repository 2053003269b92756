"""Plans as they are written, in either language, and what cannot be a plan."""

from __future__ import annotations

import pytest

from coachline.engine.training.newcomers.plans import AS_NOW, DEFAULT_PLANS, Plan, read_plans
from coachline.errors import CoachlineError


def only(text: str) -> Plan:
    now, plan = read_plans({"p": text})
    assert now == Plan(AS_NOW)
    return plan


def test_clauses_are_read_in_both_languages() -> None:
    assert only("once 10%, mentor_ratio 1:3, pass 75%") == only("一次招 10％，师徒比 1：3、通过率 75")
    assert only("monthly 3, class_weeks 8") == only("每月招 3，课堂周数 8")
    assert only("class_weeks +4").more_class_weeks == 4


def test_a_share_stands_for_people_that_are_there() -> None:
    assert only("once 10%").heads("once", 250) == 25
    assert only("once 10").heads("once", 250) == 10
    assert only("monthly 0").monthly == 0


def test_the_present_state_comes_first_whatever_is_asked() -> None:
    assert [plan.name for plan in read_plans(DEFAULT_PLANS)] == list(DEFAULT_PLANS)
    assert [plan.name for plan in read_plans({"b": "once 1", AS_NOW: "now"})] == [AS_NOW, "b"]
    assert only("now") == Plan("p")


@pytest.mark.parametrize(
    "text",
    ["once -5", "monthly -1", "pass 0", "pass 120", "mentor_ratio 0", "school 150%", "class_weeks 20%", "once", "recruit 5", "once ten", "once 5, once 6",
     "once nan", "once inf", "class_weeks -2"],
)  # fmt: skip
def test_what_cannot_be_a_plan_is_refused_with_what_could(text: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        read_plans({"p": text})
    assert refused.value.code == "bad_plan"
    assert "once 10%" in str(refused.value) and "p" in str(refused.value)


def test_a_plan_says_whether_it_rests_on_assumptions() -> None:
    assert [plan.name for plan in read_plans(DEFAULT_PLANS) if not plan.assumed] == [
        AS_NOW,
        "recruit_once",
        "recruit_steadily",
        "no_recruiting",
    ]
