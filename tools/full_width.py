"""Puts full-width punctuation where Chinese text has half-width: ``python tools/full_width.py FILE...``.

Keyboards and converters easily leave a half-width comma between Chinese characters. Text between backticks is code and stays.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HAN = "\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e"
WIDE = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in ",:;?!()"})

_mark = re.compile(rf"(?<=[{HAN}])[,:;?!]|[,:;?!](?=[{HAN}])")
# A link's address stands in brackets, too, directly behind a square one.
_brackets = re.compile(r"(?<!\])\(([^()]*)\)")
_space = re.compile("(?<=[\uff0c\uff1a\uff1b\uff1f\uff01\u3002\u3001]) +(?=\\S)")
_code = re.compile(r"`[^`]*`")


def full_width(text: str) -> str:
    """`text` with the punctuation between Chinese characters full-width and no space after it."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if not re.search(f"[{HAN}]", line):
        return line
    # Code is set aside as single private characters, so that its neighbours see where it stands but nothing in it changes.
    codes = _code.findall(line)
    line = _code.sub("\ue000", line)
    before = None
    while before != line:
        before = line
        line = _mark.sub(lambda found: found[0].translate(WIDE), line)
        line = _brackets.sub(_pair, line)
    line = _space.sub("", line)
    for code in codes:
        line = line.replace("\ue000", code, 1)
    return line


def _pair(found: re.Match[str]) -> str:
    whole, (start, end) = found.string, found.span()
    around = whole[max(start - 1, 0) : start] + found[1][:1] + found[1][-1:] + whole[end : end + 1]
    return f"\uff08{found[1]}\uff09" if re.search(f"[{HAN}]", around) else found[0]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(full_width(path.read_text(encoding="utf-8")), encoding="utf-8")
