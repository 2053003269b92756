"""Totals of a form: by hand, and what must hold of any form and any answers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coachline.engine.quality.form import Answer, Band, Condition, Form, Item, Section, Total, score
from coachline.engine.quality.form_reading import read_form
from coachline.engine.quality.form_rescored import rescored
from coachline.errors import CoachlineError

EXAMPLES = Path(__file__).parents[3] / "examples" / "forms"
HOTLINE = read_form(EXAMPLES / "hotline.toml")
KEPT, LOST = Answer(failed=False), Answer(failed=True)


def form(*items: Item, **settings_of_form: object) -> Form:
    return Form("f", "1", (Section("s", items),), **settings_of_form)  # type: ignore[arg-type]


def all_kept(of: Form, **others: Answer) -> dict[str, Answer]:
    return {item.name: KEPT for item in of.items if item.kind in ("points", "minus")} | others


# By hand.


def test_points_count_as_they_are_where_sections_have_no_weight() -> None:
    total = score(form(Item("a", 10), Item("b", 30)), {"a": Answer(points=5), "b": Answer(points=27)})
    assert total.score == pytest.approx(100 * 32 / 40)
    assert total.failed == ("a", "b")


def test_weights_count_instead_of_points() -> None:
    of = Form("f", "1", (Section("s", (Item("a", 10),), 30), Section("t", (Item("b", 50), Item("c", 50)), 70)))
    total = score(of, {"a": LOST, "b": KEPT, "c": Answer(points=25)})
    assert total.sections == {"s": 0.0, "t": 75.0}
    assert total.score == pytest.approx(0.7 * 75)


def test_what_does_not_apply_leaves_its_weight_to_the_others() -> None:
    of = Form("f", "1", (Section("s", (Item("a", 10),), 30), Section("t", (Item("b", 50), Item("c", 50)), 70)))
    total = score(of, {"a": Answer(), "b": Answer(), "c": Answer(points=25)})
    assert total.sections == {"s": None, "t": 50.0}
    assert total.score == 50.0
    full = dataclasses.replace(of, not_applicable="full")
    assert score(full, {"a": Answer(), "b": Answer(), "c": Answer(points=25)}).score == pytest.approx(30 + 70 * 0.75)


def test_plus_and_minus_points_change_the_total_within_its_ends() -> None:
    of = form(Item("a", 10), Item("good", 5, "plus"), Item("bad", 20, "minus"))
    assert score(of, {"a": Answer(points=9), "good": Answer(points=5), "bad": Answer(points=-2)}).score == pytest.approx(93)
    assert score(of, {"a": KEPT, "good": Answer(points=5), "bad": KEPT}).score == 100
    assert score(of, {"a": LOST, "good": Answer(failed=False), "bad": LOST}).score == 0


def test_a_form_of_deductions_begins_at_100() -> None:
    of = read_form(EXAMPLES / "deductions.toml")
    assert score(of, all_kept(of)).score == 100
    assert score(of, all_kept(of, 答复有误=LOST, 开头语缺失=LOST)).score == 77
    assert score(of, all_kept(of, 推诿=LOST)).fatal == ("推诿",)
    assert score(of, {}).score is None


def test_fatal_errors() -> None:
    total = score(HOTLINE, all_kept(HOTLINE, 泄露客户信息=LOST))
    assert (total.score, total.passed, total.fatal, total.band) == (0, False, ("泄露客户信息",), "不合格")
    # Of the 45 points of solving nothing is left; the rest stands.
    total = score(HOTLINE, all_kept(HOTLINE, 业务准确=LOST))
    assert (total.score, total.fatal, total.sections["解决"]) == (55, (), 0)
    assert score(HOTLINE, all_kept(HOTLINE, 业务准确=Answer(points=19))).score == pytest.approx(100 - 45 / 35)
    mild = dataclasses.replace(HOTLINE, fatal_score=59.0)
    assert score(mild, all_kept(HOTLINE, 主动挂断=LOST)).score == 59


def test_bands_and_the_bar_begin_at_their_score() -> None:
    of = form(Item("a", 100), pass_from=80.0, bands=(Band("优", 95), Band("合格", 80)))
    found = [(t.band, t.passed) for t in (score(of, {"a": Answer(points=p)}) for p in (95, 94.9, 80, 79.9))]
    assert found == [("优", True), ("合格", True), ("合格", True), (None, False)]


def test_comments_and_remedies_are_demanded() -> None:
    answers = all_kept(HOTLINE, 身份核实=LOST, 语言表达=Answer(failed=True, comment="  "), 延伸服务=Answer(points=0, comment="未涉及"))
    total = score(HOTLINE, answers)
    assert total.missing_comments == ("身份核实", "语言表达")
    assert total.missing_remedies == ("身份核实",)
    assert score(HOTLINE, answers, remedy="先核对姓名与单号再答复").missing_remedies == ()
    answers["身份核实"] = Answer(failed=True, comment="未核实", remedy="先核对姓名与单号再答复")
    assert (score(HOTLINE, answers).missing_comments, score(HOTLINE, answers).missing_remedies) == (("语言表达",), ())


def test_lines_are_shown_by_the_answers_to_others() -> None:
    hidden = score(HOTLINE, all_kept(HOTLINE, 是否派单=Answer(value="否"), 工单完整=LOST))
    assert hidden.score == 100
    assert "工单完整" in hidden.hidden
    shown = score(HOTLINE, all_kept(HOTLINE, 是否派单=Answer(value="是"), 工单完整=LOST))
    assert shown.score == pytest.approx(55 + 45 * 35 / 45)
    assert shown.hidden == ("问清重复来电原因", "承诺回复时限")
    assert "工单完整" in score(HOTLINE, {"是否派单": Answer(value="是")}).unanswered


def chain(*states: str) -> Form:
    """b is shown if a has one of the states, c if b is failed."""
    return form(Item("a", 10, levels={"好": 10, "中": 4, "差": 0}), Item("b", 10, when=(Condition("a", states),)), Item("c", 10, when=(Condition("b", ("failed",)),)))  # fmt: skip


@pytest.mark.parametrize(
    ("states", "a", "b_shown"),
    [
        (("failed",), Answer(points=4), True), (("failed",), Answer(points=10), False), (("failed",), Answer(), False),
        (("kept",), Answer(points=10), True), (("kept",), Answer(value="差"), False), (("kept",), Answer(), False),
        (("not_applicable",), Answer(), True), (("not_applicable",), KEPT, False), (("not_applicable",), None, False),
        (("中", "差"), Answer(points=0), True), (("中", "差"), Answer(value="中"), True), (("中", "差"), Answer(value="好"), False),
        (("中",), None, False), (("failed", "kept", "not_applicable"), None, False), (("failed", "not_applicable"), Answer(), True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("b", [KEPT, LOST, Answer(), None])
def test_every_path_through_a_chain_of_conditions(states: tuple[str, ...], a: Answer | None, b_shown: bool, b: Answer | None) -> None:
    answers = {name: answer for name, answer in (("a", a), ("b", b), ("c", KEPT)) if answer is not None}
    total = score(chain(*states), answers)
    c_shown = b_shown and b == LOST
    assert ("b" in total.hidden) == (b is not None and not b_shown)
    assert ("b" in total.unanswered) == (b is None and b_shown)
    assert ("c" in total.hidden) == (not c_shown)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"没有这一项": KEPT}, "form_unknown_line"),
        ({"身份核实": Answer(points=6)}, "form_points_outside"),
        ({"身份核实": Answer(points=float("nan"))}, "form_points_outside"),
        ({"开头语规范": Answer(points=4)}, "form_points_outside"),
        ({"静音超时": Answer(points=2)}, "form_points_outside"),
        ({"服务态度": Answer(value="很好")}, "form_unknown_level"),
        ({"是否派单": Answer(value="也许")}, "form_unknown_choice"),
    ],
)
def test_answers_outside_the_form_are_refused(answers: dict[str, Answer], code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        score(HOTLINE, answers)
    assert refused.value.code == code
    assert "{" not in str(refused.value)


# Of any form and any answers.

POINTS = st.sampled_from([0.0, 1.0, 2.5, 5.0, 10.0, 40.0])


@st.composite
def items(draw: st.DrawFn, names: list[str]) -> Item:
    name = f"i{len(names)}"
    kind = draw(st.sampled_from(["points", "points", "points", "plus", "minus", "question"]))
    points = 0.0 if kind == "question" else draw(POINTS if kind == "points" else st.sampled_from([1.0, 5.0, 20.0]))
    ends = (-points, 0.0) if kind == "minus" else (0.0, points)
    levels = {"高": ends[1], "中": sum(ends) / 2, "低": ends[0]} if kind != "question" and draw(st.booleans()) else {}
    when = ()
    if names and draw(st.integers(0, 2)) == 0:
        when = (Condition(draw(st.sampled_from(names)), tuple(draw(st.sets(st.sampled_from(["failed", "kept", "not_applicable"]), min_size=1)))),)  # fmt: skip
    fatal = draw(st.sampled_from([None, None, None, "form", "section"])) if kind in ("points", "minus") else None
    choices = ("甲", "乙") if kind == "question" else ()
    return Item(name, points, kind, levels, choices, fatal, when, draw(st.sampled_from(["never", "failed", "always"])), draw(st.booleans()))  # type: ignore[arg-type]


@st.composite
def forms(draw: st.DrawFn) -> Form:
    weighted = draw(st.booleans())
    names: list[str] = []
    sections = []
    questions: set[str] = set()
    for number in range(draw(st.integers(1, 3))):
        lines = []
        for _ in range(draw(st.integers(1, 4))):
            item = draw(items([name for name in names if name not in questions]))
            item = dataclasses.replace(item, name=f"i{len(names)}")
            names.append(item.name)
            questions |= {item.name} if item.kind == "question" else set()
            lines.append(item)
        weight = draw(st.sampled_from([1.0, 10.0, 55.5])) if weighted else None
        sections.append(Section(f"s{number}", tuple(lines), weight, draw(st.integers(0, 5)) == 0))
    bands = (Band("优", 90.0), Band("良", 60.0), Band("差", 0.0)) if draw(st.booleans()) else ()
    fatal_score = draw(st.sampled_from([0.0, 30.0]))
    return Form("f", "1", tuple(sections), draw(st.sampled_from([0.0, 80.0, 100.0])), bands, draw(st.sampled_from(["left_out", "full"])), fatal_score)  # type: ignore[arg-type]  # fmt: skip


def answers_to(item: Item) -> st.SearchStrategy[Answer]:
    comment = st.sampled_from([None, "", "点评"])
    if item.kind == "question":
        return st.builds(Answer, value=st.sampled_from([None, *item.choices]))
    points = (
        st.sampled_from([*item.levels.values()])
        if item.levels
        else st.sampled_from([item.lowest, (item.lowest + item.highest) / 2, item.highest])
    )
    return st.one_of(
        st.builds(Answer, points=points, comment=comment),
        st.builds(Answer, failed=st.booleans(), comment=comment),
        st.builds(Answer, points=points, failed=st.booleans()),
        st.just(Answer()),
    )


@st.composite
def sheets(draw: st.DrawFn) -> tuple[Form, dict[str, Answer]]:
    of = draw(forms())
    return of, {item.name: draw(answers_to(item)) for item in of.items if draw(st.integers(0, 7))}


@given(sheets())
@settings(max_examples=300)
def test_a_score_lies_within_0_and_100(sheet: tuple[Form, dict[str, Answer]]) -> None:
    total = score(*sheet)
    for figure in (total.score, *total.sections.values()):
        assert figure is None or 0 <= figure <= 100
    assert (total.passed is None) == (total.score is None)
    if total.fatal:
        assert total.passed is False and total.score is not None and total.score <= sheet[0].fatal_score


@given(sheets(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(sheet: tuple[Form, dict[str, Answer]], random: object) -> None:
    of, answers = sheet
    shuffled = []
    for section in of.sections:
        lines = list(section.items)
        random.shuffle(lines)  # type: ignore[attr-defined]
        shuffled.append(dataclasses.replace(section, items=tuple(lines)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    here, there = score(of, answers), score(dataclasses.replace(of, sections=tuple(shuffled)), dict(reversed(answers.items())))

    def unordered(total: Total) -> dict[str, object]:
        return {name: sorted(value) if isinstance(value, tuple) else value for name, value in vars(total).items() if name not in ("score", "sections")}  # fmt: skip

    assert unordered(here) == unordered(there)
    assert here.sections == pytest.approx(there.sections)
    assert here.score == pytest.approx(there.score)


@given(sheets(), st.data())
@settings(max_examples=300)
def test_failing_a_line_never_raises_the_score(sheet: tuple[Form, dict[str, Answer]], data: st.DataObject) -> None:
    """Unless other lines are shown or hidden by it, which is what conditions are for."""
    of, answers = sheet
    asked = {condition.item for item in of.items for condition in item.when}
    free = [item.name for item in of.items if item.name not in asked and item.kind in ("points", "minus")]
    if not free:
        return
    before = score(of, answers).score
    after = score(of, answers | {data.draw(st.sampled_from(free)): LOST}).score
    if before is not None:
        assert after is not None and after <= before + 1e-9


@given(forms())
def test_where_nothing_applies_there_is_no_score(of: Form) -> None:
    total = score(dataclasses.replace(of, not_applicable="left_out"), {item.name: Answer() for item in of.items})
    assert (total.score, total.passed, total.band, total.fatal, total.failed) == (None, None, None, (), ())
    assert set(total.sections.values()) == {None}


@given(forms())
def test_who_does_everything_right_gets_everything(of: Form) -> None:
    answers = {item.name: KEPT for item in of.items if item.kind in ("points", "minus")}
    assert score(of, answers).score in (None, 100.0)


def stored(sheets_of: list[dict[str, Answer]], of: Form) -> pl.DataFrame:
    """The rows that inspection_items would hold."""
    kinds = {item.name: item.kind for item in of.items}
    rows = [
        (f"z{n:04d}", name, answer.points, answer.failed, answer.value if kinds[name] == "question" else answer.comment)
        for n, answers in enumerate(sheets_of)
        for name, answer in answers.items()
    ]
    kinds_of = {"inspection_id": pl.String(), "item": pl.String(), "points": pl.Float64(), "failed": pl.Boolean(), "comment": pl.String()}
    return pl.DataFrame(rows, schema=kinds_of, orient="row")


@given(st.data())
@settings(max_examples=200)
def test_a_table_of_sheets_is_scored_as_sheet_by_sheet(data: st.DataObject) -> None:
    of = data.draw(forms())
    answered = st.fixed_dictionaries({}, optional={item.name: answers_to(item) for item in of.items})
    all_sheets = data.draw(st.lists(answered, min_size=1, max_size=6))
    found = rescored(of, stored(all_sheets, of))
    assert found.outside.is_empty()
    by_id = {row["inspection_id"]: row for row in found.sheets.to_dicts()}
    of_item = {item.name: item for item in of.items}
    for number, answers in enumerate(all_sheets):
        if not answers:
            assert f"z{number:04d}" not in by_id
            continue
        rows = {
            name: Answer.of_row(of_item[name], a.points, a.failed, a.value if of_item[name].kind == "question" else a.comment)
            for name, a in answers.items()
        }
        total, row = score(of, rows), by_id[f"z{number:04d}"]
        assert row["score"] == pytest.approx(total.score, abs=1e-9)
        assert (row["passed"], row["fatal"], row["band"]) == (total.passed, bool(total.fatal), total.band)


def test_answers_outside_the_form_are_listed() -> None:
    sheets_of = [
        {"身份核实": KEPT, "多出来的": KEPT}, {"身份核实": Answer(points=7)}, {"服务态度": Answer(points=7)}, {"身份核实": Answer(points=float("nan"))},
        {"身份核实": KEPT, "是否派单": Answer(value="也许")}, {"身份核实": Answer(points=4)},
        # Not shown, so it does not matter what it says.
        {"身份核实": KEPT, "是否派单": Answer(value="否"), "工单完整": Answer(points=99)},
    ]  # fmt: skip
    kinds = {item.name: item.kind for item in HOTLINE.items} | {"多出来的": "points"}
    rows = [
        (f"z{n}", name, a.points, a.failed, a.value if kinds[name] == "question" else a.comment)
        for n, answers in enumerate(sheets_of)
        for name, a in answers.items()
    ]
    found = rescored(HOTLINE, pl.DataFrame(rows, schema=["inspection_id", "item", "points", "failed", "comment"], orient="row"))
    assert [(row["inspection_id"], row["item"], row["issue"]) for row in found.outside.to_dicts()] == [
        ("z0", "多出来的", "unknown_line"), ("z1", "身份核实", "points_outside"), ("z2", "服务态度", "points_outside"),
        ("z3", "身份核实", "points_outside"), ("z4", "是否派单", "unknown_choice"),
    ]  # fmt: skip
    assert found.outside["stored"].to_list() == [None, "7.0", "7.0", "NaN", "也许"]
    assert found.sheets["score"].to_list() == [None, None, None, None, None, 80.0, 100.0]
