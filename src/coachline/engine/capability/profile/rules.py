"""Rules over facts: a small language, read with Python's own parser and turned into Polars expressions. Nothing of it is run as Python.

    rule       a condition, from comparisons by and / or / not
    numbers    + - * / of numbers and features
    texts      compared by == != in (...)
    questions  strong("投诉"), trained("投诉", 90), tag("new") ...

What is not known is null, as in SQL: a comparison with it is not known either, and a tag is given only where its rule is known to hold.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, isfinite, nan
from typing import Any, NamedTuple

import polars as pl

from coachline.engine.capability.profile.features import FEATURE_OF, QUESTION_OF, Kind
from coachline.engine.capability.profile.rule_text import plain
from coachline.errors import CoachlineError

MOST_CHARACTERS = 2000
MOST_LEVELS = 40
"""How deep brackets and operations may be nested."""

_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], pl.Expr]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EQUALITY: dict[type[ast.cmpop], Callable[[Any, Any], pl.Expr]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], pl.Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Asked(NamedTuple):
    """A question about a business: its code, the text that names the business, and within how many days (None: ever)."""

    question: str
    text: str
    days: float | None

    @property
    def column(self) -> str:
        """Column of the answers in the frame over which a rule is evaluated."""
        return f"{self.question}({self.text!r}, {self.days})"


@dataclass(frozen=True)
class Rule:
    """A rule that has been read.

    Attributes
    ----------
    tag, text : str
        The tag that it gives, and the rule as written.
    condition : polars.Expr
        Over the columns of features, answers (`Asked.column`), tags given (`given`) and imported tags (`imported`).
    asked : frozenset of Asked
    tags : frozenset of str
        Other rules on which it rests.
    imported : frozenset of str
        Imported tags of which it speaks.
    """

    tag: str
    text: str
    condition: pl.Expr
    asked: frozenset[Asked]
    tags: frozenset[str]
    imported: frozenset[str]


def given(tag: str) -> str:
    """Column that says whether an agent has a tag of ours."""
    return f"given:{tag}"


def imported(tag: str) -> str:
    """Column with the value of an imported tag."""
    return f"imported:{tag}"


def affirmed(tag: str) -> str:
    """Column that says whether an agent bears an imported tag with a value that does not deny it."""
    return f"affirmed:{tag}"


def read_rule(tag: str, text: str, rules: Collection[str] = ()) -> Rule:
    """Read one rule.

    Parameters
    ----------
    tag, text : str
    rules : collection of str
        Tags that rules give; any other name in ``tag(...)`` is that of an imported tag, and so is the rule's own.

    Raises
    ------
    CoachlineError
        ``rule_too_large``, ``rule_unreadable``, ``rule_unknown_name``, ``rule_unknown_function``, ``rule_bad_argument``,
        ``rule_part_not_allowed``, ``rule_wants_number``, ``rule_wants_condition``, ``rule_wants_alike``.
    """
    tree = _tree(tag, text)
    reader = _Reader(tag, frozenset(rules))
    condition = reader.condition(reader.value(tree), tree)
    return Rule(tag, text, condition, frozenset(reader.asked), frozenset(reader.tags), frozenset(reader.imported))


def _tree(tag: str, text: str) -> ast.expr:
    written = plain(text)
    too_large = CoachlineError("rule_too_large", tag=_printable(tag), characters=MOST_CHARACTERS, levels=MOST_LEVELS)
    if len(written) > MOST_CHARACTERS:
        raise too_large
    try:
        (tag + text).encode()  # half a character, as a broken file may hold it, can be neither shown nor compared
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        near = written[(getattr(error, "offset", None) or 1) - 1 :].strip() or written[-20:]
        raise CoachlineError("rule_unreadable", tag=_printable(tag), rule=_printable(text), near=_printable(near[:40])) from None
    if _levels(tree) > MOST_LEVELS:
        raise too_large
    return tree


def _printable(text: str) -> str:
    """`text` without what a terminal or a file cannot show."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _levels(tree: ast.AST) -> int:
    level, nodes = 0, [tree]
    while nodes:
        level, nodes = level + 1, [child for node in nodes for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return level


class _Typed(NamedTuple):
    kind: Kind
    expr: pl.Expr
    name: str = ""


@dataclass
class _Reader:
    """One pass over the tree of one rule, each part of it once; what stands in no method here is not in the language."""

    tag: str
    rules: frozenset[str]
    asked: set[Asked] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)

    def condition(self, found: _Typed, node: ast.expr) -> pl.Expr:
        if found.kind == "imported":
            return pl.col(affirmed(found.name))
        if found.kind != "flag":
            raise self.refusal("rule_wants_condition", node)
        return found.expr

    def number(self, found: _Typed, node: ast.expr) -> pl.Expr:
        if found.kind == "imported":
            return _finite(found.expr.str.strip_chars().cast(pl.Float64, strict=False))
        if found.kind != "number":
            raise self.refusal("rule_wants_number", node)
        return found.expr

    def value(self, node: ast.expr) -> _Typed:
        match node:
            case ast.Constant(value=bool() as flag):
                return _Typed("flag", pl.lit(flag))
            case ast.Constant(value=int() | float() as number):
                return _Typed("number", pl.lit(self.finite(number, node)))
            case ast.Constant(value=str() as text):
                return _Typed("text", pl.lit(text))
            case ast.Name(id=name):
                return self.feature(name)
            case ast.Call():
                return self.question(node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _Typed("flag", ~self.condition(self.value(operand), operand))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                amount = self.number(self.value(operand), operand)
                return _Typed("number", -amount if isinstance(sign, ast.USub) else amount)
            case ast.BoolOp(op=joint, values=values):
                parts = [self.condition(self.value(value), value) for value in values]
                return _Typed("flag", pl.all_horizontal(parts) if isinstance(joint, ast.And) else pl.any_horizontal(parts))
            case ast.BinOp(op=operation, left=left, right=right) if type(operation) in _ARITHMETIC:
                one, other = (self.number(self.value(side), side) for side in (left, right))
                return _Typed("number", _finite(_ARITHMETIC[type(operation)](one, other)))
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
                among = self.among(left, right)
                return _Typed("flag", among if isinstance(op, ast.In) else ~among)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [(self.value(side), side) for side in (left, *comparators)]
                steps = zip(pairwise(sides), ops, strict=True)
                return _Typed("flag", pl.all_horizontal([self.compared(*pair, op, len(ops) > 1) for pair, op in steps]))
        raise self.refusal("rule_part_not_allowed", node)

    def feature(self, name: str) -> _Typed:
        if name.lower() in ("true", "false"):
            return _Typed("flag", pl.lit(name.lower() == "true"))
        if name in FEATURE_OF:
            return _Typed(FEATURE_OF[name].kind, pl.col(FEATURE_OF[name].code))
        if name in QUESTION_OF:
            raise CoachlineError("rule_bad_argument", tag=self.tag, part=name, example=QUESTION_OF[name].example)
        raise CoachlineError("rule_unknown_name", tag=self.tag, name=name, known=", ".join(FEATURE_OF))

    def question(self, node: ast.Call) -> _Typed:
        name = node.func.id if isinstance(node.func, ast.Name) else _shown(node.func)
        if name not in QUESTION_OF:
            raise CoachlineError("rule_unknown_function", tag=self.tag, name=name, known=", ".join(QUESTION_OF))
        question = QUESTION_OF[name]
        match [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]:
            case _ if node.keywords:
                pass
            case [str() as text] if text.strip():
                return self.answer(question.code, text.strip(), None)
            case [str() as text, int() | float() as days] if question.arguments == 2 and text.strip() and days > 0 and days is not True:
                return self.answer(question.code, text.strip(), self.finite(days, node))
        raise CoachlineError("rule_bad_argument", tag=self.tag, part=_shown(node), example=question.example)

    def answer(self, question: str, text: str, days: float | None) -> _Typed:
        if question != "tag":
            asked = Asked(question, text, days)
            self.asked.add(asked)
            return _Typed("flag", pl.col(asked.column))
        if text in self.rules and text != self.tag:
            self.tags.add(text)
            return _Typed("flag", pl.col(given(text)))
        self.imported.add(text)
        return _Typed("imported", pl.col(imported(text)), text)

    def compared(self, left: tuple[_Typed, ast.expr], right: tuple[_Typed, ast.expr], op: ast.cmpop, chained: bool) -> pl.Expr:
        kinds = {left[0].kind, right[0].kind}
        if type(op) in _ORDER:
            return _ORDER[type(op)](self.number(*left), self.number(*right))
        if type(op) not in _EQUALITY:
            raise self.refusal("rule_part_not_allowed", ast.Compare(left[1], [op], [right[1]]))
        same = _EQUALITY[type(op)]
        if kinds <= {"number", "imported"} and "number" in kinds:
            return same(self.number(*left), self.number(*right))
        if kinds <= {"text", "imported"}:
            return same(left[0].expr, right[0].expr)
        # In a chain the middle stands twice, and conditions can hold conditions: that would grow without bound.
        if kinds <= {"flag", "imported"} and not chained:
            return same(self.condition(*left), self.condition(*right))
        raise self.refusal("rule_wants_alike", ast.Compare(left[1], [op], [right[1]]))

    def among(self, left: ast.expr, right: ast.expr) -> pl.Expr:
        """`left` in a list of texts or of numbers."""
        whole, found = ast.Compare(left, [ast.In()], [right]), self.value(left)
        if not isinstance(right, ast.Tuple | ast.List):
            raise self.refusal("rule_part_not_allowed", whole)
        listed = [each.value for each in right.elts if isinstance(each, ast.Constant)]
        if not listed or len(listed) < len(right.elts):
            raise self.refusal("rule_part_not_allowed", whole)
        texts = [each for each in listed if isinstance(each, str)]
        numbers = [self.finite(each, whole) for each in listed if isinstance(each, int | float) and not isinstance(each, bool)]
        if found.kind in ("text", "imported") and len(texts) == len(listed):
            return found.expr.is_in(texts)
        if found.kind in ("number", "imported") and len(numbers) == len(listed):
            return self.number(found, left).is_in(numbers)
        raise self.refusal("rule_wants_alike", whole)

    def finite(self, number: float, node: ast.expr) -> float:
        try:
            found = float(number)
        except OverflowError:
            found = inf
        if not isfinite(found):
            raise self.refusal("rule_part_not_allowed", node)
        return found

    def refusal(self, code: str, node: ast.expr) -> CoachlineError:
        return CoachlineError(code, tag=self.tag, part=_shown(node))


def _shown(node: ast.expr) -> str:
    """A part of a rule as it may be written, not too long."""
    try:
        text = ast.unparse(node)
    except ValueError:
        # Python writes no number of more digits than it reads.
        return "..."
    return text if len(text) <= 80 else text[:77] + "..."


def _finite(number: pl.Expr) -> pl.Expr:
    """Null where a division by nothing, or a number too large, has left no number."""
    return number.replace([inf, -inf, nan], [None, None, None])
