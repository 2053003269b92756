"""Exports as call systems write them, small ones."""

from __future__ import annotations

from collections.abc import Sequence

HEADERS = ("流水号", "来电时间", "主叫号码", "业务类型", "坐席工号", "通话时长", "怎么结束的", "满意度")
NUMBER = "13812345678"

ROWS = (
    ("T1", "26.03.01 08:05", NUMBER, "邮政/查询", "80001", "65", "接起来了", "5"),
    ("T2", "26.03.01 08:06", "13987654321", "邮政/查询", "80001", "40", "接起来了", ""),
    ("T3", "26.03.01 08:07", "13700000001", "邮政/投诉", "", "0", "等不及挂了", ""),
    ("T4", "26.03.02 09:00", "13700000002", "邮政/投诉", "80002", "12", "接起来了", "9"),
)
"""Its times and its outcomes are written as nobody else writes them; the rating of the last row cannot be."""

MENDED = {
    "columns": {
        "arrived_at": {"columns": ["来电时间"], "format": "%y.%m.%d %H:%M"},
        "outcome": {"columns": ["怎么结束的"], "values": {"接起来了": "answered", "等不及挂了": "abandoned"}},
    }
}


def text(rows: Sequence[Sequence[str]] = ROWS, headers: Sequence[str] = HEADERS) -> str:
    return "\n".join(",".join(row) for row in (headers, *rows)) + "\n"


def gb18030(rows: Sequence[Sequence[str]] = ROWS, headers: Sequence[str] = HEADERS) -> bytes:
    return text(rows, headers).encode("gb18030")
