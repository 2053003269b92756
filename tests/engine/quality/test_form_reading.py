"""Forms from files: what is understood, and what is refused with the place and the way out."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from coachline.engine.quality.form import Band, Condition, Item
from coachline.engine.quality.form_reading import form_of, read_form
from coachline.errors import CoachlineError
from coachline.wording import Wording

EXAMPLES = Path(__file__).parents[3] / "examples" / "forms"


def test_the_example_of_a_hotline() -> None:
    form = read_form(EXAMPLES / "hotline.toml")
    assert (form.name, form.version, form.pass_from, len(form.items)) == ("话务质检表", "2026-2", 80, 19)
    assert [section.weight for section in form.sections] == [10, 25, 45, 20, None, None]
    assert form.bands[0] == Band("优", 95) and form.bands[-1] == Band("不合格", 0)
    assert form.sections[-1].fatal
    of_name = {item.name: item for item in form.items}
    assert of_name["工单完整"] == Item(
        "工单完整", 10, when=(Condition("是否派单", ("是",)),), comment="failed", remedy=True
    )  # fmt: skip
    assert of_name["静音超时"].levels == {"没有": 0, "一次": -2, "多次": -5}


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    read = tomllib.loads((EXAMPLES / "hotline.toml").read_text(encoding="utf-8"))
    file = tmp_path / "form.json"
    file.write_text("\ufeff" + json.dumps(read, ensure_ascii=False), encoding="utf-8")
    assert read_form(file) == read_form(EXAMPLES / "hotline.toml")


def test_lines_may_come_before_those_they_depend_on() -> None:
    form = form_of(plain(items=[line("b", when={"item": "a", "is": "failed"}), line("a")]))
    assert [item.name for item in form.in_order()] == ["a", "b"]


def line(name: str = "a", **others: Any) -> dict[str, Any]:
    return {"name": name, "points": 10, **others}


def plain(items: Any = None, **others: Any) -> dict[str, Any]:
    return {"name": "f", "version": 1, "sections": [{"name": "s", "items": [line()] if items is None else items}], **others}


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ([], "form_bad_value"),
        ({"version": "1"}, "form_key_missing"),
        (plain(name="  "), "form_bad_value"),
        (plain(name=["f"]), "form_bad_value"),
        (plain(pass_mark=80), "form_unknown_key"),
        (plain(pass_from=101), "form_bad_value"),
        (plain(pass_from=True), "form_bad_value"),
        (plain(pass_from=float("nan")), "form_bad_value"),
        (plain(not_applicable="drop"), "form_bad_value"),
        (plain(sections="s"), "form_bad_value"),
        (plain(sections=[]), "form_without_lines"),
        (plain(items=[]), "form_without_lines"),
        (plain(items=[3]), "form_bad_value"),
        (plain(items=[{"points": 1}]), "form_key_missing"),
        (plain(items=[line(), line()]), "form_name_twice"),
        (plain(items=[line(points=-1)]), "form_bad_value"),
        (plain(items=[line(point=1)]), "form_unknown_key"),
        (plain(items=[line(kind="bonus")]), "form_bad_value"),
        (plain(items=[line(kind="plus", points=0)]), "form_bad_value"),
        (plain(items=[line(kind="plus", fatal="form")]), "form_bad_value"),
        (plain(items=[line(fatal="all")]), "form_bad_value"),
        (plain(items=[line(remedy="yes")]), "form_bad_value"),
        (plain(items=[line(levels={})]), "form_bad_value"),
        (plain(items=[line(levels={"好": 10, "差": 1})]), "form_bad_value"),
        (plain(items=[line(levels={"好": 10, "差": 0, "超": 11})]), "form_bad_value"),
        (plain(items=[line(levels={"failed": 0, "好": 10})]), "form_bad_value"),
        (plain(items=[line(choices=["是"])]), "form_bad_value"),
        (plain(items=[line(kind="question", points=0)]), "form_bad_value"),
        (plain(items=[line(kind="question", choices=["是", "否"])]), "form_bad_value"),
        (plain(items=[line(kind="question", points=0, choices=["是", "是"])]), "form_name_twice"),
        (plain(items=[line(when={"item": "b", "is": "failed"})]), "form_condition_unknown_line"),
        (plain(items=[line(), line("b", when={"item": "a", "is": "中"})]), "form_condition_unknown_value"),
        (plain(items=[line(), line("b", when={"item": "a"})]), "form_key_missing"),
        (plain(items=[line(when={"item": "a", "is": "failed"})]), "form_conditions_circle"),
        (plain(bands=[{"name": "优", "from": 90}, {"name": "良", "from": 90}]), "form_name_twice"),
        (plain(sections=[{"name": "s", "weight": 1, "items": [line()]}, {"name": "t", "items": [line("b")]}]), "form_weights_partly"),
        (plain(sections=[{"name": "s", "weight": 0, "items": [line()]}]), "form_bad_value"),
        (plain(sections=[{"name": "s", "items": [line()]}, {"name": "s", "items": [line("b")]}]), "form_name_twice"),
    ],
)
def test_what_is_wrong_is_refused(read: Any, code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        form_of(read)
    assert refused.value.code == code
    for language in ("zh", "en"):
        said = Wording(language)(f"error.{code}", **refused.value.facts)
        assert code not in said


def test_a_circle_of_conditions_is_spelt_out() -> None:
    circle = [line(name, when={"item": other, "is": "kept"}) for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))]
    with pytest.raises(CoachlineError) as refused:
        form_of(plain(items=circle))
    assert refused.value.facts["lines"] in ("a → c → b → a", "c → b → a → c", "b → a → c → b")


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe\x00n", b"{", b"[" * 100_000])
@pytest.mark.parametrize("name", ["form.toml", "form.json"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CoachlineError) as refused:
        read_form(file)
    assert refused.value.code == "form_unreadable"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(CoachlineError) as refused:
            read_form(file)
        assert refused.value.code == "form_file_missing"
