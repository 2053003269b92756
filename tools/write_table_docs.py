"""Writes ``docs/tables.zh.md`` and ``docs/tables.en.md`` from the declarations, so that they cannot disagree.

Run as ``make docs``; ``tests/repo`` fails when the pages are not current.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coachline.engine.tables import TABLES, Column, FactTable, Limits
from coachline.engine.tables.kinds import Choice, Kind, Scale
from coachline.wording import Wording

DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, apart from the labels in the declarations."""

    title: str
    introduction: str
    key: str
    placed: str
    header: tuple[str, ...]
    required: str
    parts: str
    values: str
    values_header: tuple[str, str]
    rules: str
    rules_header: tuple[str, str, str]
    severity: Mapping[str, str]
    at_least: str
    at_most: str
    between: str
    comma: str
    with_unit: str
    kinds: Mapping[str, str]


WORDS = {
    "zh": Words(
        title="数据表",
        introduction="由声明自动生成（`make docs`），请勿手改。时间一律带时区，时长以秒计，未知为空值。"
        "识别表头时不计空格、大小写、括号和全角半角；其他表头用对照表（`--map`）说明。"
        "每张表另有 `source`（数据来源）和 `loaded_at`（载入时间）两列。",
        key="键：{}。",
        placed="时间列：{}。",
        header=("列", "名称", "类型", "必填", "允许范围", "合理范围", "认得的表头"),
        required="是",
        parts="；或由多列合成：",
        values="`{}` 的取值",
        values_header=("代码", "导出中的写法"),
        rules="跨列规则",
        rules_header=("规则", "涉及的列", "违反时"),
        severity={"reject": "整行拒收", "warn": "照常载入，列入数据质量"},
        at_least="≥ {}",
        at_most="≤ {}",
        between="{} 至 {}",
        comma="、",
        with_unit="{}（{}）",
        kinds={
            "Text": "文本",
            "Path": "路径，各级用 / 连接",
            "Pseudonym": "号码，只存加密散列",
            "Instant": "时刻",
            "Day": "日期",
            "Seconds": "时长",
            "Number": "数",
            "Integer": "整数",
            "Flag": "是或否",
            "Choice": "取值之一",
            "Scale": "等级",
            "TextMap": "名称 = 文本",
            "NumberMap": "名称 = 数",
        },
    ),
    "en": Words(
        title="Tables",
        introduction="Written from the declarations by `make docs`; do not edit. Times carry a zone, durations are seconds, unknown is null. "
        "Headers are recognised whatever their spacing, case, brackets and width; others are named in a map file (`--map`). "
        "Every table also carries `source` and `loaded_at`.",
        key="Key: {}.",
        placed=" Placed in time by {}.",
        header=("column", "name", "type", "required", "allowed", "plausible", "recognised headers"),
        required="yes",
        parts="; or made of several: ",
        values="Values of `{}`",
        values_header=("code", "as exports write it"),
        rules="Rules across columns",
        rules_header=("rule", "columns", "when broken"),
        severity={"reject": "the row is rejected", "warn": "loads; listed by data quality"},
        at_least="≥ {}",
        at_most="≤ {}",
        between="{} to {}",
        comma=", ",
        with_unit="{} ({})",
        kinds={
            "Text": "text",
            "Path": "path, levels joined by /",
            "Pseudonym": "identifier, stored as a keyed hash",
            "Instant": "moment",
            "Day": "day",
            "Seconds": "duration",
            "Number": "number",
            "Integer": "whole number",
            "Flag": "yes or no",
            "Choice": "one of the values",
            "Scale": "grade",
            "TextMap": "names to texts",
            "NumberMap": "names to numbers",
        },
    ),
}


def page(language: str) -> str:
    """The whole page in `language` (zh or en)."""
    words = WORDS[language]
    contents = " · ".join(f"[{_label(table, language)}](#{table.name})" for table in TABLES.values())
    parts = [f"# {words.title}", words.introduction, contents]
    for table in TABLES.values():
        parts += _table(table, language)
    return "\n\n".join(parts) + "\n"


def _table(table: FactTable, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f'<a id="{table.name}"></a>\n\n## {_label(table, language)} `{table.name}`'
    placed = words.placed.format(_codes([table.when], words)) if table.when else ""
    yield words.key.format(_codes(table.key, words)) + placed
    yield _grid(words.header, [_column(column, language) for column in table.columns])
    for column in table.columns:
        if isinstance(column.kind, Choice | Scale) and column.kind.words:
            rows = [(f"`{code}`", _list(written, words)) for code, written in column.kind.words]
            yield words.values.format(column.name) + "\n\n" + _grid(words.values_header, rows)
    if table.rules:
        sentence = Wording(language)
        broken = [(sentence(f"rule.{rule.code}"), _codes(rule.columns, words), words.severity[rule.severity]) for rule in table.rules]
        yield words.rules + "\n\n" + _grid(words.rules_header, broken)


def _column(column: Column, language: str) -> tuple[str, ...]:
    words = WORDS[language]
    label, other = (column.zh, column.en) if language == "zh" else (column.en, column.zh)
    headers = _list(dict.fromkeys((label, other, *column.also)), words)
    if column.parts:
        headers += words.parts + " + ".join(" \\| ".join(part) for part in column.parts)
    return (
        f"`{column.name}`",
        label,
        _kind(column.kind, words),
        words.required if column.required else "",
        _limits(column.limits, words),
        _limits(column.plausible, words),
        headers,
    )


def _kind(kind: Kind, words: Words) -> str:
    name = words.kinds[type(kind).__name__]
    return words.with_unit.format(name, kind.unit) if kind.unit else name


def _limits(limits: Limits | None, words: Words) -> str:
    if limits is None:
        return ""
    if limits.high is None:
        return words.at_least.format(f"{limits.low:g}")
    if limits.low is None:
        return words.at_most.format(f"{limits.high:g}")
    return words.between.format(f"{limits.low:g}", f"{limits.high:g}")


def _label(table: FactTable, language: str) -> str:
    return table.zh if language == "zh" else table.en


def _codes(names: Iterable[str], words: Words) -> str:
    return words.comma.join(f"`{name}`" for name in names)


def _list(texts: Iterable[str], words: Words) -> str:
    return words.comma.join(text.replace("|", "\\|") for text in texts)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    for language in WORDS:
        (DOCS / f"tables.{language}.md").write_text(page(language), encoding="utf-8")
