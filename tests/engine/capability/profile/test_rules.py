"""The language of rules: what it says, what it refuses, and that nothing in it is run."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coachline.engine.capability.profile.features import DEFAULT_TAGS, FEATURE_OF, FEATURES, QUESTION_OF, QUESTIONS
from coachline.engine.capability.profile.rule_text import plain
from coachline.engine.capability.profile.rules import MOST_CHARACTERS, MOST_LEVELS, Asked, Rule, affirmed, imported, read_rule
from coachline.engine.capability.profile.rules import given as given_column
from coachline.engine.capability.profile.tagging import read_rules
from coachline.errors import CoachlineError
from coachline.wording import Wording
from tests.repo.tree import ROOT

PEOPLE = pl.DataFrame(
    {
        "agent_id": ["a", "b", "c", "d"],
        "tenure_days": [10.0, 400.0, None, 179.0],
        "night_share": [0.5, 0.1, 0.31, 0.3],
        "calls": [0.0, 100.0, 50.0, None],
        "businesses": [2.0, 0.0, 4.0, 1.0],
        "team": ["一班", "二班", None, "Night team"],
        "left": [False, True, False, False],
        Asked("strong", "投诉", None).column: [True, False, None, True],
        Asked("below", "投诉", None).column: [False, True, None, False],
        Asked("trained", "投诉", 90.0).column: [True, False, False, True],
        given_column("night"): [True, False, True, None],
        imported("学历"): ["本科", "大专", None, "本科"],
        affirmed("学历"): [True, True, False, True],
        imported("星级"): ["3", " 4 ", "五", None],
        affirmed("星级"): [True, True, True, False],
        affirmed("党员"): [True, False, None, False],
        imported("党员"): ["是", "否", None, None],
    },
    schema_overrides={"left": pl.Boolean},
)


def holds(text: str) -> list[bool | None]:
    """The rule over PEOPLE."""
    rule = read_rule("t", text, {"night", "t"})
    return PEOPLE.with_columns(rule.condition.alias("found"))["found"].to_list()


def refusal(text: str) -> CoachlineError:
    with pytest.raises(CoachlineError) as caught:
        read_rule("夜班", text)
    return caught.value


T, F, N = True, False, None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tenure_days < 180", [T, F, N, T]),
        ("tenure_days <= 179", [T, F, N, T]),
        ("tenure_days > 179", [F, T, N, F]),
        ("tenure_days >= 179", [F, T, N, T]),
        ("tenure_days == 179", [F, F, N, T]),
        ("tenure_days != 179", [T, T, N, F]),
        ("10 < tenure_days < 400", [F, F, N, T]),
        ("tenure_days < 180 and night_share > 0.3", [T, F, N, F]),
        ("tenure_days < 180 or night_share > 0.3", [T, F, T, T]),
        ("not tenure_days < 180", [F, T, N, F]),
        # Unknown and false is false, whatever the unknown is.
        ("tenure_days < 180 and calls > 60", [F, F, F, N]),
        ("left", [F, T, F, F]),
        ("not left == true", [T, F, T, T]),
        ("left != (calls > 60)", [F, F, F, N]),
        ("calls / businesses > 10", [F, N, T, N]),
        ("calls / (businesses - businesses) > 10 or left", [N, T, N, N]),
        ("calls * 1e308 * 1e308 > 0", [F, N, N, N]),
        ("-night_share < -0.3", [T, F, T, F]),
        ("calls + 2 * businesses - 1 >= 57", [F, T, T, N]),
        ("+calls == 100", [F, T, F, N]),
        ('team == "一班"', [T, F, N, F]),
        ('team != "一班"', [F, T, N, T]),
        ('team in ("一班", "二班")', [T, T, N, F]),
        ('team not in ["一班", "二班"]', [F, F, N, T]),
        ("businesses in (1, 2)", [T, F, F, T]),
        ('strong("投诉")', [T, F, N, T]),
        ('strong("投诉") and not below("投诉")', [T, F, N, T]),
        ('trained("投诉", 90)', [T, F, F, T]),
        ('tag("night")', [T, F, T, N]),
        ('not tag("night")', [F, T, F, N]),
        ('tag("学历") == "本科"', [T, F, N, T]),
        ('tag("学历") in ("本科", "硕士")', [T, F, N, T]),
        ('tag("星级") >= 4', [F, T, N, N]),
        ('tag("星级") in (3,)', [T, F, N, N]),
        ('tag("星级") == 3', [T, F, N, N]),
        ('tag("学历")', [T, T, F, T]),
        ('not tag("党员")', [F, T, N, T]),
        ('tag("党员") == left', [F, F, N, T]),
        ("1 < 2", [T, T, T, T]),
        ("False", [F, F, F, F]),
    ],
)
def test_what_a_rule_says(text: str, found: list[bool | None]) -> None:
    assert holds(text) == found


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("工龄天数＜180且夜班占比＞30％", "tenure_days < 180 and night_share > 0.3"),
        ("非（班组 = “一班”）或 已离职", 'not (team == "一班") or left'),
        ("夜班占比 ≥ ０.３ 并且 工龄天数≠179", "night_share >= 0.3 and tenure_days != 179"),
        ("工龄天数≤179 或者 通话量／业务数＞10", "tenure_days <= 179 or calls / businesses > 10"),
        ("擅长（「投诉」）\n  且 非 待提升（‘投诉’）", 'strong("投诉") and not below("投诉")'),
        ("培训（“投诉”，90）", 'trained("投诉", 90)'),
        ("标签（“学历”）＝“本科”", 'tag("学历") == "本科"'),
        ("班组 in （“一班”，“二班”）", 'team in ("一班", "二班")'),
        ("30 ＜ 工龄天数 × 2 ＜ 400", "30 < tenure_days * 2 < 400"),
        ("夜班占比 > .5 % ", "night_share > 0.005"),
    ],
)
def test_chinese_says_the_same(chinese: str, english: str) -> None:
    assert holds(chinese) == holds(english)
    assert T in holds(english)


def test_texts_in_quotes_stay_as_they_are() -> None:
    assert plain("班组 = “甲＝且，乙  %”") == "班组 == '甲＝且，乙  %'"
    assert ast.literal_eval(plain(r'"a\n\x41"')) == r"a\n\x41"
    rule = read_rule("t", '处理("投诉（国际）")')
    assert rule.asked == {Asked("handles", "投诉（国际）", None)}


def test_what_a_rule_rests_on_is_told() -> None:
    rule = read_rule(
        "t", '(strong("投诉") or trained(" 查询 ", 30.5)) and tag("night") and tag("t") == "1" and tag("学历") == "本科"', {"night", "t"}
    )
    assert rule.asked == {Asked("strong", "投诉", None), Asked("trained", "查询", 30.5)}
    assert rule.tags == {"night"}
    # A rule that speaks of its own name means the imported tag.
    assert rule.imported == {"t", "学历"}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("tenure < 180", "rule_unknown_name", "uses tenure, which"),
        ("夜班比例 > 0.3", "rule_unknown_name", "夜班比例"),
        ("__import__('os')", "rule_unknown_function", "__import__"),
        ("().__class__.__bases__", "rule_part_not_allowed", "().__class__.__bases__"),
        ("calls.real > 1", "rule_part_not_allowed", "calls.real"),
        ("team[0] == '一'", "rule_part_not_allowed", "team[0]"),
        ("(lambda: calls)() > 1", "rule_unknown_function", "lambda"),
        ("[c for c in team] == 1", "rule_part_not_allowed", "[c for c in team]"),
        ("(x := calls) > 1", "rule_unreadable", "(x := calls) > 1"),
        ("f'{calls}' == '1'", "rule_part_not_allowed", "f'{calls}'"),
        ("calls ** 2 > 1", "rule_part_not_allowed", "calls ** 2"),
        ("calls // 2 > 1", "rule_part_not_allowed", "calls // 2"),
        ("calls > 1 if left else left", "rule_part_not_allowed", "if left else"),
        ("calls is 1", "rule_part_not_allowed", "calls is 1"),
        ("left & left", "rule_part_not_allowed", "left & left"),
        ("~left", "rule_part_not_allowed", "~left"),
        ("calls > 1j", "rule_part_not_allowed", "1j"),
        ("calls > 1e999", "rule_part_not_allowed", "1e"),
        ("calls > " + "9" * 400, "rule_part_not_allowed", "999"),
        ("team == b'a'", "rule_part_not_allowed", "b'a'"),
        ("team == None", "rule_part_not_allowed", "None"),
        ("team == ...", "rule_part_not_allowed", "..."),
        ("calls in (1, calls)", "rule_part_not_allowed", "calls in (1, calls)"),
        ("calls in ()", "rule_part_not_allowed", "calls in ()"),
        ("team in '一班'", "rule_part_not_allowed", "team in '一班'"),
        ("calls < team", "rule_wants_number", "team"),
        ("team + 1 > 2", "rule_wants_number", "team"),
        ("-left > 1", "rule_wants_number", "left"),
        ("left > 0", "rule_wants_number", "left"),
        ("calls", "rule_wants_condition", "calls"),
        ("calls and left", "rule_wants_condition", "calls"),
        ("not team", "rule_wants_condition", "team"),
        ("'yes'", "rule_wants_condition", "'yes'"),
        ("team == 1", "rule_wants_alike", "team == 1"),
        ("calls == '1'", "rule_wants_alike", "calls == '1'"),
        ("calls in ('1',)", "rule_wants_alike", "calls in ('1',)"),
        ("team in (1,)", "rule_wants_alike", "team in (1,)"),
        ("left in (True,)", "rule_wants_alike", "left in (True,)"),
        ("left == left == left", "rule_wants_alike", "left == left"),
        ("strong", "rule_bad_argument", 'strong("投诉")'),
        ("strong()", "rule_bad_argument", "strong()"),
        ("strong(投诉)", "rule_bad_argument", "strong(投诉)"),
        ('strong(" ")', "rule_bad_argument", "strong(' ')"),
        ('strong("投诉", 90)', "rule_bad_argument", "90"),
        ('strong(*("投诉",))', "rule_bad_argument", "strong(*"),
        ('strong(**{"a": "b"})', "rule_bad_argument", "strong(**"),
        ('trained("投诉", 0)', "rule_bad_argument", "trained('投诉', 0)"),
        ('trained("投诉", True)', "rule_bad_argument", "True"),
        ('trained("投诉", "90")', "rule_bad_argument", "'90'"),
        ('trained("投诉", calls)', "rule_bad_argument", "calls"),
        ("eval('1') > 0", "rule_unknown_function", "eval"),
        ("tenure_days < ", "rule_unreadable", "stopped at: tenure_days <"),
        ("tenure_days < 180 夜班", "rule_unreadable", "夜班"),
        ('team == "一班', "rule_unreadable", "一班"),
        ("import os", "rule_unreadable", "os"),
        ("", "rule_unreadable", "夜班"),
        ("calls > 1\x00", "rule_unreadable", "x00"),
        ("team == '\ud800'", "rule_unreadable", "ud800"),
        ("(" * 300 + ")" * 300, "rule_unreadable", "夜班"),
        ("not " * (MOST_LEVELS + 1) + "left", "rule_too_large", "夜班"),
        ("calls > " + "-" * 1500 + "1", "rule_too_large", str(MOST_LEVELS)),
        ("left or " * 400 + "left", "rule_too_large", str(MOST_CHARACTERS)),
        ("calls %" + "-" * 900 + "1 > 0", "rule_too_large", "夜班"),
    ],
)
def test_what_a_rule_cannot_say(text: str, code: str, said: str) -> None:
    error = refusal(text)
    assert error.code == code, str(error)
    assert said in str(error)
    chinese = Wording("zh")(f"error.{code}", **error.facts)
    assert chinese.endswith(("。", "）。")) and "error." not in chinese


def test_as_much_as_is_allowed_is_allowed() -> None:
    assert holds("not " * (MOST_LEVELS - 1) + "left") == [T, F, T, T]
    long = "left or " * 249 + "left" + " " * 40
    assert len(plain(long)) <= MOST_CHARACTERS < len(long)
    assert holds(long) == [F, T, F, F]


def test_unknown_names_come_with_the_known_ones() -> None:
    assert set(refusal("tenure > 1").facts["known"].split(", ")) == set(FEATURE_OF)
    assert set(refusal("weak('投诉')").facts["known"].split(", ")) == set(QUESTION_OF)


def test_no_two_things_share_a_name() -> None:
    for declared in (FEATURES, QUESTIONS):
        names = [name for each in declared for name in (each.code, *each.also)]
        assert len(names) == len(set(names))
        # What joins conditions may stand in no name, since Chinese writes no spaces.
        assert not [name for name in names if re.search("[且或非]", name)]


def test_rules_may_rest_on_each_other_but_not_in_a_circle() -> None:
    order = [rule.tag for rule in read_rules({"c": 'tag("b") and tag("a")', "a": "left", "b": 'tag("a") or calls > 1'})]
    assert order == ["a", "b", "c"]
    with pytest.raises(CoachlineError) as caught:
        read_rules({"a": 'tag("b")', "b": 'not tag("a")'})
    assert caught.value.code == "rule_circle"
    assert set(caught.value.facts["tags"].split(" → ")) == {"a", "b"}
    assert "circle" in str(caught.value)


def test_the_default_tags_are_worded_and_readable() -> None:
    assert len(read_rules(DEFAULT_TAGS)) == len(DEFAULT_TAGS)
    for language in ("zh", "en"):
        assert not [tag for tag in DEFAULT_TAGS if not Wording(language).knows(f"tag.{tag}")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_method_page_tells_the_truth_about_rules(language: str) -> None:
    page = (ROOT / "docs" / "methods" / f"capability.profile.{language}.md").read_text(encoding="utf-8")
    [settings_file] = re.findall(r"```toml\n(.*?)```", page, re.S)
    assert len(read_rules(tomllib.loads(settings_file)["parameters"]["capability.profile"]["tags"])) == 4
    for tag, rule in DEFAULT_TAGS.items():
        assert f"`{tag}` {Wording(language)(f'tag.{tag}')} | `{rule}`" in page
    for feature in FEATURES:
        assert f"`{feature.code}`" in page and feature.also[0] in page
    for question in QUESTIONS:
        assert f"`{question.code}(" in page and question.also[0] in page


WORDS = st.sampled_from(
    [
        *FEATURE_OF, *QUESTION_OF, "and", "or", "not", "in", "is", "if", "else", "for", "lambda", "且", "或", "非", "True", "None",
        "__import__", "eval", "os", "__class__", "x", '"投诉"', "“查询”", "'", '"', "“", "(", ")", "（", "）", "[", "]", "{", "}", ",", "，", ".",
        ":", ":=", ";", "=", "==", "!=", "≠", "<", "≥", "＞", "+", "-", "*", "**", "/", "//", "%", "％", "@", "~", "&", "|", "^", "0", "1", "0.3", "1e400",
        "1j", "0x", "1_0", "9" * 30, "\\", "\n", "\t", " ", "#", "f'", "b'", "\x00", "\ud800", "…", "²", "ﬁ",
    ]
)  # fmt: skip
EXPRESSIONS = st.recursive(
    st.sampled_from(
        [*(feature.code for feature in FEATURES), "1", "0.5", "'一班'", "True", 'strong("投诉")', 'tag("学历")', 'tag("night")']
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["<", ">=", "==", "!=", "and", "or", "+", "-", "*", "/", "in"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda part: f"(not {part})"),
        inner.map(lambda part: f"(-{part})"),
        inner.map(lambda part: f"({part},)"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} < {parts[1]} == {parts[2]})"),
    ),
    max_leaves=12,
)


def everything_known(rule: Rule) -> pl.DataFrame:
    """A frame that has all columns of which a rule can speak."""
    kinds = {"number": [0.0, None, 1.5], "text": ["一班", None, ""], "flag": [True, None, False]}
    columns: dict[str, Any] = {feature.code: kinds[feature.kind] for feature in FEATURES}
    columns |= {asked.column: kinds["flag"] for asked in rule.asked} | {given_column(tag): kinds["flag"] for tag in rule.tags}
    for tag in rule.imported:
        columns |= {imported(tag): ["3", None, "是"], affirmed(tag): kinds["flag"]}
    return pl.DataFrame(columns)


def accepted_or_refused(text: str) -> None:
    """Any other kind of error fails the test."""
    said, rule = "", None
    try:
        rule = read_rule("t", text, {"night"})
    except CoachlineError as error:
        said = str(error)
    if rule is None:
        assert said
        assert "error." not in said
        return
    found = everything_known(rule).with_columns(rule.condition.alias("found"))["found"]
    assert found.dtype == pl.Boolean
    assert len(found) == 3


@settings(max_examples=600)
@given(st.lists(WORDS, max_size=25).map("".join) | st.lists(WORDS, max_size=15).map(" ".join))
@example("strong('投诉')(1)")
@example("1 .real < 2")
@example("0if calls>1else 1")
def test_no_heap_of_words_does_anything_but_be_read_or_refused(text: str) -> None:
    accepted_or_refused(text)


@settings(max_examples=600)
@given(EXPRESSIONS)
def test_every_well_formed_expression_is_a_condition_or_is_refused(text: str) -> None:
    accepted_or_refused(text)


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    accepted_or_refused(text)


def test_a_small_rule_cannot_make_a_large_expression() -> None:
    """What stands once in a rule stands once, or twice, in its expression: nesting must not double it each time."""
    text = "calls"
    for _ in range(MOST_LEVELS - 3):
        text = f"1/({text})"
    size = len(read_rule("t", f"{text} > 0").condition.meta.serialize())
    half = len(read_rule("t", f"{text[: 3 * 18]}calls{')' * 18} > 0").condition.meta.serialize())
    assert size < 3 * half
    nested = "left"
    for _ in range(MOST_LEVELS - 3):
        nested = f"(left=={nested})"
    assert holds(nested)[0] is not None
