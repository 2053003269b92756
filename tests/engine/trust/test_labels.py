"""Slips of the pen are told from names that only look alike."""

from __future__ import annotations

import pytest

from coachline.engine.tables import TABLES
from coachline.engine.trust.labels import Slip, edits, inner_labels, issues, spelling_key, spellings, typos
from tests.conftest import FactsOf

TREE = {
    "国际业务/查询/国际件查询": 5000,
    "国际业务/投诉/国际件投诉": 800,
    "国内业务/查询/国内件查询": 9000,
    "国内业务/查询/国内件催办": 300,
    "国内业务/寄递/上门揽收": 2000,
}


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ca", "abc", 3), ("国际件查询", "国际查件询", 1), ("国际件", "国际", 1)],
)
def test_edits(a: str, b: str, distance: int) -> None:
    # kitten/sitting is Levenshtein's textbook pair; ca/abc tells optimal string alignment (3) from the unrestricted distance (2).
    assert edits(a, b, 3) == distance
    assert edits(b, a, 3) == distance
    assert edits("abcdefgh", "stuvwxyz", 2) == 3


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("国际業务", "国际业务"),
        ("国际件査询", "国际件查询"),
        ("国际件查寻", "国际件查询"),
        ("国际查件询", "国际件查询"),
        ("国际件查询询", "国际件查询"),
    ],
)
def test_a_slip_is_traced_to_what_was_meant(wrong: str, right: str) -> None:
    whole = next(label for label in TREE if right in label.split("/"))
    written = "/".join(wrong if name == right else name for name in whole.split("/"))
    [slip] = typos({**TREE, written: 6}, ())
    assert (slip.wrong.rpartition("/")[2], slip.right.rpartition("/")[2], slip.rows) == (wrong, right, 6)


@pytest.mark.parametrize(
    "labels",
    [
        TREE,
        {"PS": 21460, "NW": 7604, "NE": 2750, "PE": 149, "TT": 1088, "IN": 293},
        {"套餐一办理": 90000, "套餐二办理": 30},
        {"Type 10 form": 90000, "Type 11 form": 30},
        {"Form A sent": 90000, "Form B sent": 30},
        {"件/国际件查询": 90000, "件/国内件查询": 3000, "件/国内件投诉": 5000, "件/国际件投诉": 40},
        {"inbound": 50000, "outbound": 300},
        {"包裹查询": 50000, "大包裹查询": 1000},
    ],
)
def test_real_names_that_look_alike_are_left_alone(labels: dict[str, int]) -> None:
    assert typos(labels, ()) == []


def test_the_list_of_businesses_is_believed() -> None:
    labels = {"查询/国际件查询": 900, "查询/国际件查收": 100}
    assert typos(labels, ()) == []
    assert typos(labels, ("查询/国际件查询",)) == [Slip("查询/国际件查收", "查询/国际件查询", 100)]
    assert typos({**labels, "查询/国際件查询": 2}, (*labels, "查询/国際件查询")) == []


def test_a_slip_in_an_upper_level_is_listed_once() -> None:
    labels = {**TREE, "国際业务/查询/国际件查询": 5, "国際业务/投诉/国际件投诉": 2}
    assert typos(labels, ()) == [Slip("国際业务", "国际业务", 7)]


@pytest.mark.parametrize(
    "written",
    [
        "国际业务/查询/国际件 查询",
        " 国际业务／查询／国际件查询",
        "国际业务-查询-国际件查询",
        "国际业务/查询/国际件查询（旧）",
        "国际业务/查询/「国际件」查询。",
    ],
)
def test_other_spellings(written: str) -> None:
    right = "国际业务/查询/国际件查询"
    assert spellings({**TREE, written: 9}, ()) == [Slip(written, right, 9)]


def test_spelling_knows_width_and_case_but_keeps_numbers_apart() -> None:
    assert spelling_key("ＥＭＳ 查询") == spelling_key("ems查询")
    assert spelling_key("套餐1-2") != spelling_key("套餐12")
    assert spelling_key("C+") != spelling_key("C")


def test_of_two_spellings_the_listed_one_is_right_although_it_is_rarer() -> None:
    labels = {"EMS 查询": 10, "EMS查询": 90}
    assert spellings(labels, ("EMS 查询",)) == [Slip("EMS查询", "EMS 查询", 90)]
    assert spellings(labels, tuple(labels)) == []


def test_a_level_left_out() -> None:
    labels = {**TREE, "国际业务/查询": 40, "国内业务": 7}
    assert dict(inner_labels(labels, ())) == {"国际业务/查询": 40, "国内业务": 7}
    assert dict(inner_labels(labels, ("国际业务/查询",))) == {"国内业务": 7}


def test_issues_of_a_table(facts_of: FactsOf) -> None:
    counts = {**TREE, "国际业务/查询/国际件査询": 3, "国际业务/查询": 50, "国际业务/投诉/国际件 投诉": 4}
    calls = [{"call_id": f"{label}{i}", "business": label} for label, n in counts.items() for i in range(n)]
    facts = facts_of({"calls": calls})
    found = {issue.code: issue for issue in issues(facts, TABLES["calls"], {"business": len(counts)})}
    assert {code: (issue.rows, issue.example) for code, issue in found.items()} == {
        "label_spelling": (4, "国际业务/投诉/国际件 投诉 → 国际业务/投诉/国际件投诉"),
        "label_typo": (3, "国际件査询 → 国际件查询"),
        "label_depth": (50, "国际业务/查询"),
    }
    assert found["label_typo"].share == pytest.approx(3 / len(calls))


def test_free_text_is_not_compared(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": [{"call_id": "1", "business": "a"}]})
    assert issues(facts, TABLES["calls"], {"business": 10_000_000}) == []
