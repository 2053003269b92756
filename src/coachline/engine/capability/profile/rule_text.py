"""The text of a rule as people write it, Chinese or English, brought into one form that can be parsed."""

from __future__ import annotations

import re
import unicodedata

_QUOTED = re.compile(r"""["“”＂](?P<double>[^"“”＂]*)["“”＂]|['‘’＇](?P<single>[^'‘’＇]*)['‘’＇]|「(?P<corner>[^」]*)」""")
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/"})
_WORDS = {"并且": "and", "而且": "and", "或者": "or", "且": "and", "或": "or", "非": "not"}
_CHINESE_WORD = re.compile("|".join(_WORDS))
_SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_PERCENT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%")


def plain(text: str) -> str:
    """`text` with half-width signs, English and/or/not, ``==`` for equality and plain quotes; texts within quotes stay as they are.

    Examples
    --------
    >>> plain("工龄天数＜180 且 夜班占比 ≥ 30%")
    '工龄天数<180 and 夜班占比 >= (30/100)'
    >>> plain("非（班组 = “一班，甲”）")
    "not (班组 == '一班，甲')"
    """
    parts, end = [], 0
    for quoted in _QUOTED.finditer(text):
        parts += [_code(text[end : quoted.start()]), repr(quoted["double"] or quoted["single"] or quoted["corner"] or "")]
        end = quoted.end()
    parts.append(_code(text[end:]))
    return "".join(parts).strip()


def _code(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = re.sub(r"\s", " ", text)  # a rule may stand on several lines
    text = _CHINESE_WORD.sub(lambda found: f" {_WORDS[found[0]]} ", text)
    return re.sub(" +", " ", _PERCENT.sub(r"(\1/100)", _SINGLE_EQUALS.sub("==", text)))
