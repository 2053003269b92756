"""Rules over calls, as a quality head writes them, read with Python's own parser and turned into Ibis. Nothing of them is run as Python.

    rating <= 2                              comparisons of columns with numbers and texts
    "投诉" in business                       a text within a text
    queue in ("VIP", "大客户")               one of several
    hold_s > 120 or wait_s > 120 and not transferred

What is not known meets no rule. Full-width signs, Chinese names of columns and 且, 或, 非 are read, too.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import ibis
import ibis.expr.types as ir

from coachline.errors import CoachlineError

MOST_CHARACTERS = 1000

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "rating": "满意度", "repeat": "重复来电", "ticketed": "派单", "transferred": "转接", "resolved": "解决", "invited": "邀评",
        "business": "业务", "queue": "技能组", "channel": "渠道", "direction": "呼叫方向", "team": "班组",
        "ivr_s": "自助时长", "wait_s": "等待时长", "talk_s": "通话时长", "hold_s": "保持时长", "wrap_s": "话后时长",
        "tenure_days": "工龄天数", "hour": "小时",
    }
)  # fmt: skip
"""Columns that a rule may speak of, and what they may be called in Chinese."""

_SIGNS = str.maketrans("（），＜＞＝！：≥≤≠", "(),<>=!:≥≤≠")
_WORDS = {"且": " and ", "或": " or ", "非": " not ", "≥": ">=", "≤": "<=", "≠": "!=", **{zh: f" {en} " for en, zh in NAMES.items()}}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_QUOTED = re.compile(r"""["“”']([^"“”']*)["“”']""")
_SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def columns_of(stratum: str, rule: str) -> frozenset[str]:
    """The columns of which `rule` speaks.

    Raises
    ------
    CoachlineError
        ``call_rule_unreadable`` or ``call_rule_unknown_name``.
    """
    names = frozenset(node.id for node in ast.walk(_tree(stratum, rule)) if isinstance(node, ast.Name))
    for name in sorted(names - NAMES.keys()):
        raise CoachlineError("call_rule_unknown_name", stratum=stratum, name=name, known=", ".join(NAMES))
    return names


def condition(stratum: str, rule: str, calls: ir.Table) -> ir.BooleanValue:
    """`rule` over `calls`, which must have the columns that it speaks of; never null.

    Raises
    ------
    CoachlineError
        ``call_rule_unreadable`` or ``call_rule_unknown_name``, with the name of the stratum and what is not understood.
    """
    columns_of(stratum, rule)
    tree = _tree(stratum, rule)
    try:
        found = _Reader(calls).value(tree)
        if not isinstance(found, ir.BooleanValue):
            raise _NotUnderstoodError(tree)
        return found.fill_null(False)
    except _NotUnderstoodError as error:
        raise CoachlineError("call_rule_unreadable", stratum=stratum, rule=rule, near=ast.unparse(error.node)) from None


class _NotUnderstoodError(Exception):
    def __init__(self, node: ast.expr) -> None:
        self.node = node


def _tree(stratum: str, rule: str) -> ast.expr:
    written = _plain(rule)
    try:
        if len(written) > MOST_CHARACTERS:
            raise ValueError
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        near = written[(getattr(error, "offset", None) or 1) - 1 :].strip() or written
        raise CoachlineError("call_rule_unreadable", stratum=stratum, rule=rule[:200], near=near[:40]) from None


def _plain(rule: str) -> str:
    """`rule` with half-width signs and English words; what stands within quotes stays."""
    parts, end = [], 0
    for quoted in _QUOTED.finditer(rule):
        parts += [_code(rule[end : quoted.start()]), repr(quoted[1])]
        end = quoted.end()
    return " ".join("".join([*parts, _code(rule[end:])]).split())


def _code(text: str) -> str:
    return _SINGLE_EQUALS.sub("==", _WORD.sub(lambda word: _WORDS[word[0]], text.translate(_SIGNS)))


class _Reader:
    """Walks through one rule; what it does not know it refuses."""

    def __init__(self, calls: ir.Table) -> None:
        self.calls = calls

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.BoolOp(op=op, values=values):
                return reduce(operator.and_ if isinstance(op, ast.And) else operator.or_, map(self.truth, values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self.truth(operand)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.BinOp(op=ast.Add() | ast.Sub() as op, left=left, right=right):
                sides = self.number(left), self.number(right)
                return (operator.add if isinstance(op, ast.Add) else operator.sub)(*sides)
            case ast.Compare(left=left, ops=ops, comparators=others):
                chain = [left, *others]
                return reduce(
                    operator.and_, (self.compared(node, op, one, other) for op, one, other in zip(ops, chain, others, strict=False))
                )
            case ast.Name(id=name):
                column = self.calls[name]
                return column.isnan().ifelse(ibis.null("float64"), column) if isinstance(column, ir.FloatingValue) else column
            case ast.Constant(value=int() | float() | str() as constant):
                return constant
        raise _NotUnderstoodError(node)

    def truth(self, node: ast.expr) -> ir.BooleanValue:
        found = self.value(node)
        if not isinstance(found, ir.BooleanValue):
            raise _NotUnderstoodError(node)
        # As in SQL, "not" of what is not known is not known either.
        return found

    def number(self, node: ast.expr) -> Any:
        found = self.value(node)
        if isinstance(found, bool) or not isinstance(found, int | float | ir.NumericValue) or isinstance(found, ir.BooleanValue):
            raise _NotUnderstoodError(node)
        return found

    def compared(self, node: ast.expr, op: ast.cmpop, left: ast.expr, right: ast.expr) -> ir.BooleanValue:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.within(node, left, right)
            return ~found if isinstance(op, ast.NotIn) else found
        if type(op) not in _COMPARISONS:
            raise _NotUnderstoodError(node)
        one, other = self.value(left), self.value(right)
        if not any(isinstance(side, ir.Value) for side in (one, other)) or _sort(one) != _sort(other) or _sort(one) is None:
            raise _NotUnderstoodError(node)
        compared: ir.BooleanValue = _COMPARISONS[type(op)](one, other)
        return compared

    def within(self, node: ast.expr, left: ast.expr, right: ast.expr) -> ir.BooleanValue:
        if isinstance(right, ast.Tuple | ast.List):
            value, listed = self.value(left), [self.value(each) for each in right.elts]
            if listed and isinstance(value, ir.Value) and all(not isinstance(e, ir.Value) and _sort(e) == _sort(value) for e in listed):
                found: ir.BooleanValue = value.isin(listed)
                return found
            raise _NotUnderstoodError(node)
        part, whole = self.value(left), self.value(right)
        if isinstance(part, str) and isinstance(whole, ir.StringValue):
            return whole.contains(ibis.literal(part))
        raise _NotUnderstoodError(node)


def _sort(value: Any) -> str | None:
    if isinstance(value, bool | ir.BooleanValue):
        return "flag"
    if isinstance(value, int | float | ir.NumericValue):
        return "number"
    return "text" if isinstance(value, str | ir.StringValue) else None
