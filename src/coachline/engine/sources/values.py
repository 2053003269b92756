"""Reads values as exports write them: for each kind of column one SQL expression over text, run by DuckDB.

Reading stays where the rows are: a million of them are parsed by vectorised SQL, none by Python. Every function takes the SQL of a
cleaned text (null = unknown) and gives the SQL of the value, null where it cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coachline.engine.sources.mapping import Recipe
from coachline.engine.sources.pseudonym import Pseudonymiser
from coachline.engine.tables.kinds import (
    Choice,
    Day,
    Flag,
    Instant,
    Integer,
    Kind,
    Number,
    NumberMap,
    Path,
    Pseudonym,
    Scale,
    Seconds,
    TextMap,
)

NULL_WORDS = (
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "\\n",
    "n/a",
    "#n/a",
    "na",
    "null",
    "(null)",
    "none",
    "nan",
    "nat",
    "空",
    "无",
    "未知",
    "暂无",
)
LONGEST_NULL_WORD = max(len(word.encode()) for word in NULL_WORDS)
"""In bytes."""
TRUE_WORDS = (
    "是",
    "y",
    "yes",
    "true",
    "t",
    "1",
    "1.0",
    "有",
    "已",
    "√",
    "对",
    "正确",
    "已解决",
    "解决",
    "合格",
    "通过",
    "已派单",
    "已转接",
    "已邀请",
    "已邀评",
    "扣分",
)
FALSE_WORDS = (
    "否",
    "n",
    "no",
    "false",
    "f",
    "0",
    "0.0",
    "没有",
    "未",
    "×",
    "x",
    "错",
    "错误",
    "未解决",
    "不合格",
    "未通过",
    "未派单",
    "未转接",
    "未邀请",
    "未邀评",
    "不扣分",
)
SECONDS_PER = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}

DATE_TIME_FORMS = (
    "%Y%m%d %H%M%S", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%d%H%M", "%Y%m%d",
    "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H:%M:%S", "%Y年%m月%d日%H:%M",
    "%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日%H时%M分%S秒", "%Y年%m月%d日%H时%M分", "%Y年%m月%d日",
    "%Y-%m-%d %I:%M:%S %p", "%Y/%m/%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y/%m/%d %I:%M %p",
    "%Y-%m-%d %p %I:%M:%S", "%Y/%m/%d %p %I:%M:%S", "%Y-%m-%d %p %I:%M", "%Y/%m/%d %p %I:%M",
    "%Y%m%d %p %I:%M:%S",
    "%y%m%d %H:%M:%S", "%y%m%d %H:%M",
)  # fmt: skip
"""Forms beyond ISO 8601, which DuckDB's own cast reads together with slashes, single digits and missing seconds."""

DAY_FIRST_FORMS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p", "%d/%m/%Y")
MONTH_FIRST_FORMS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y")

PLAIN_INSTANT = r"^(197[2-9]|19[89][0-9]|20[0-9][0-9])[-/].*:"
"""Year first, in the age of call systems, and with a time of day."""

AMBIGUOUS_ORDER = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
"""Times that begin with day and month, or month and day: which of the two, only the whole column can tell."""

WRAPPING = " \t\r\n\u3000\u00a0\ufeff'"

PATH_SEPARATOR = r"\s*(?:[/>\\|／＞→]|->)+\s*"

UNTIDY_PATH = r"[>\\|／＞→]|\s/|/\s|//|^/|/$"


@dataclass(frozen=True)
class Reading:
    """What reading needs to know beyond the text itself."""

    zone: str
    pseudonymiser: Pseudonymiser
    day_first: bool | None = None
    """Order of day and month where times begin with them; None where none do."""


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _by_word(sql: str, meanings: Sequence[tuple[Sequence[str], str]], otherwise: str = "NULL") -> str:
    """SQL that turns words into values. Not by IN, which DuckDB makes a join of, worked out for every row whether its CASE is reached or not."""
    arms = " ".join(f"WHEN {literal(word)} THEN {meaning}" for words, meaning in meanings for word in dict.fromkeys(words))
    return f"CASE {sql} {arms} ELSE {otherwise} END"


def bare(raw: str) -> str:
    """A cell without what exports wrap around it.

    Spaces of all widths, the tab or apostrophe that keeps Excel from reading a number, and ``="..."``. Most cells have none of
    these, which one look at their ends tells.
    """
    trimmed = f"trim({raw}, {literal(WRAPPING)})"
    unwrapped = rf"regexp_replace({trimmed}, '^=\"(.*)\"$', '\1')"
    return f"CASE WHEN regexp_matches({raw}, {literal(f'^[{WRAPPING}=]|[{WRAPPING}]$')}) THEN {unwrapped} ELSE {raw} END"


def known(cell: str, null: Sequence[str] = ()) -> str:
    """A bare cell, or null where it says "unknown"."""
    # Their length rules most cells out before any letter is looked at.
    short = f"strlen({cell}) <= {LONGEST_NULL_WORD} AND regexp_full_match(lower({cell}), '{'|'.join(map(re.escape, NULL_WORDS))}')"
    told = f"CASE WHEN {short} THEN NULL ELSE {cell} END"
    return _by_word(cell, [(null, "NULL")], told) if null else told


def plain(kind: Kind, cell: str, recipe: Recipe, reading: Reading) -> str | None:
    """SQL of the value of a raw cell that is written in the plainest way, null where a closer look is needed; None if no way is plain.

    Most cells of an export are: they are spared the search for wrappings and for words that mean unknown.
    """
    if recipe != Recipe(columns=recipe.columns[:1], unit=recipe.unit):
        return None
    match kind:
        case Seconds():
            scale = SECONDS_PER[recipe.unit or "s"]
            return _finite(cell) if scale == 1.0 else f"({_finite(cell)}) * {scale}"
        case Number():
            return _finite(cell)
        case Integer() | Scale():
            return _whole(f"try_cast({cell} AS DOUBLE)")
        case Flag():
            return _flag(cell)
        case Choice():
            return _choice(kind, cell)
        case Instant() if reading.day_first is None:
            return f"CASE WHEN regexp_matches({cell}, '{PLAIN_INSTANT}') THEN try_cast({cell} AS TIMESTAMPTZ) END"
        case _:
            return None


def value(kind: Kind, text: str, recipe: Recipe, reading: Reading) -> str:
    """SQL of the value of `kind` written as `text`."""
    if isinstance(kind, Pseudonym) or recipe.hash:
        return reading.pseudonymiser.sql(text, "c" if isinstance(kind, Pseudonym) else "s")
    match kind:
        case Path():
            return f"CASE WHEN regexp_matches({text}, '{UNTIDY_PATH}') THEN {_path(text)} ELSE {text} END"
        case Instant():
            return _instant(text, recipe, reading)
        case Day():
            return f"CAST(timezone({literal(reading.zone)}, {_instant(text, recipe, reading)}) AS DATE)"
        case Seconds():
            return _seconds(text, recipe.unit or "s")
        case Number():
            percent = f"CASE WHEN {text} LIKE '%\\%' ESCAPE '\\' THEN try_cast(rtrim({text}, '% ') AS DOUBLE) / 100 END"
            return f"coalesce({_finite(text)}, {_finite(_bare_number(text))}, {percent})"
        case Integer():
            return _whole(f"coalesce(try_cast({text} AS DOUBLE), try_cast({_bare_number(text)} AS DOUBLE))")
        case Flag():
            return _flag(f"lower({text})")
        case Choice():
            return _choice(kind, f"lower({text})")
        case Scale():
            number = _whole(f"try_cast({_bare_number(text)} AS DOUBLE)")
            return _by_word(f"lower({text})", [(words, str(code)) for code, words in kind.words], number)
        case TextMap():
            return _map(text, "VARCHAR")
        case NumberMap():
            return _map(text, "DOUBLE")
        case _:
            return text


def _flag(word: str) -> str:
    return _by_word(word, [(TRUE_WORDS, "TRUE"), (FALSE_WORDS, "FALSE")])


def _choice(kind: Choice, word: str) -> str:
    return _by_word(word, [(_spellings(code, words), literal(code)) for code, words in kind.words])


def _spellings(code: str, words: Sequence[str]) -> tuple[str, ...]:
    return (code, code.replace("_", " "), *(w.lower() for w in words))


def _path(text: str) -> str:
    return f"trim(regexp_replace({text}, '{PATH_SEPARATOR}', '/', 'g'), '/')"


def _finite(text: str) -> str:
    """Text as a finite number; ``inf`` and ``1e999`` are no figures."""
    number = f"try_cast({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _bare_number(text: str) -> str:
    """A number without thousands separators and the words that follow it."""
    return f"rtrim(replace(replace({text}, ',', ''), ',', ''), ' 秒分星级个人次s')"


def _whole(number: str) -> str:
    return f"CASE WHEN {number} = floor({number}) AND abs({number}) < 9e15 THEN CAST({number} AS BIGINT) END"


def _seconds(text: str, unit: str) -> str:
    """A duration: a number in `unit`, h:mm:ss, mm:ss, or 1小时2分3秒."""
    scale = SECONDS_PER[unit]
    number = _finite(text) if scale == 1.0 else f"({_finite(text)}) * {scale}"
    sign = f"CASE WHEN starts_with({text}, '-') THEN -1 ELSE 1 END"
    parts = [f"try_cast(split_part(ltrim({text}, '-'), ':', {i}) AS DOUBLE)" for i in (1, 2, 3)]
    clock = (
        f"CASE WHEN regexp_full_match({text}, '-?\\d+:[0-5]?\\d:[0-5]?\\d(\\.\\d+)?') THEN ({sign}) * ({parts[0]} * 3600 + {parts[1]} * 60 + {parts[2]}) "
        f"WHEN regexp_full_match({text}, '-?\\d+:[0-5]?\\d(\\.\\d+)?') THEN ({sign}) * ({parts[0]} * 60 + {parts[1]}) END"
    )
    digits = [
        f"coalesce(try_cast(regexp_extract({text}, '(\\d+(?:\\.\\d+)?)\\s*(?:{word})', 1) AS DOUBLE), 0)"
        for word in ("小时|时|h", "分钟|分|min|m", "秒|s|sec")
    ]
    words = (
        f"CASE WHEN regexp_full_match({text}, '(\\d+\\s*(小时|时|h))?\\s*(\\d+\\s*(分钟|分|min|m))?\\s*(\\d+(\\.\\d+)?\\s*(秒|sec|s))?') "
        f"AND regexp_matches({text}, '\\d') THEN {digits[0]} * 3600 + {digits[1]} * 60 + {digits[2]} END"
    )
    without_commas = f"replace({text}, ',', '')"
    grouped = f"({_finite(without_commas)}) * {scale}"
    return f"coalesce({number}, {clock}, {words}, {grouped})"


def _instant(text: str, recipe: Recipe, reading: Reading) -> str:
    """A moment; without an offset of its own it is on the wall clock of the centre (DuckDB's session zone)."""
    zone = literal(reading.zone)
    if recipe.format:
        return _within_era(f"timezone({zone}, try_strptime({text}, {literal(recipe.format)}))")
    if reading.day_first is not None:
        forms = DAY_FIRST_FORMS if reading.day_first else MONTH_FIRST_FORMS
        return _within_era(_by_forms(f"replace(replace({text}, '-', '/'), '.', '/')", forms, zone))
    english = f"replace(replace(replace({text}, '上午', 'AM'), '下午', 'PM'), '  ', ' ')"
    written = f"coalesce({_within_era(f'try_cast({text} AS TIMESTAMPTZ)')}, {_by_forms(english, DATE_TIME_FORMS, zone)})"
    # Excel counts days from 1899-12-30, to a precision at which a second is sometimes a millisecond short.
    serial = f"timezone({zone}, to_timestamp(round((try_cast({text} AS DOUBLE) - 25569) * 86400)) AT TIME ZONE 'UTC')"
    numeric = (
        f"CASE WHEN regexp_full_match({text}, '[2-7]\\d{{4}}(\\.\\d+)?') THEN {serial} "
        f"WHEN regexp_full_match({text}, '1\\d{{9}}') THEN to_timestamp(try_cast({text} AS DOUBLE)) "
        f"WHEN regexp_full_match({text}, '1\\d{{12}}') THEN to_timestamp(try_cast({text} AS DOUBLE) / 1000) END"
    )
    return _within_era(f"CASE WHEN regexp_full_match({text}, '[\\d.]+') THEN coalesce({numeric}, {written}) ELSE {written} END")


def _by_forms(text: str, forms: Sequence[str], zone: str) -> str:
    return f"timezone({zone}, try_strptime({text}, [{', '.join(map(literal, forms))}]))"


def _within_era(moment: str) -> str:
    """`moment` if it lies in the age of call systems: 26/3/1 must not become the year 26."""
    return f"CASE WHEN {moment} BETWEEN TIMESTAMPTZ '1971-01-01' AND TIMESTAMPTZ '2100-01-01' THEN {moment} END"


def _map(text: str, of: str) -> str:
    """``a=1;b=2`` (or ``:``, ``,`` and their full-width forms), or a JSON object, as a map."""
    plain = f"list_filter(string_split_regex({text}, '[;；,，、]'), lambda e: regexp_matches(e, '[=:＝：]'))"
    entries = (
        f"map_from_entries(list_transform({plain}, lambda e: struct_pack("
        f"k := trim(regexp_extract(e, '^([^=:＝：]*)[=:＝：]', 1)), v := try_cast(trim(regexp_extract(e, '[=:＝：](.*)$', 1)) AS {of}))))"
    )
    json = f"CAST(CASE WHEN json_valid({text}) AND json_type({text}) = 'OBJECT' THEN {text} END AS JSON)"
    from_json = f"map_from_entries(list_transform(json_keys({json}), lambda k: struct_pack(k := k, v := try_cast(json_extract_string({json}, '$.\"' || k || '\"') AS {of}))))"
    return f"CASE WHEN starts_with({text}, '{{') THEN {from_json} WHEN len({plain}) > 0 THEN {entries} END"
