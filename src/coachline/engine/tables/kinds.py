"""The kinds of column that a fact table can have, and how each is stored."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Kind:
    """What a column holds. `unit` is part of the kind, so that no figure is without one."""

    arrow: pa.DataType
    unit: str | None = None


@dataclass(frozen=True)
class Text(Kind):
    arrow: pa.DataType = pa.string()


@dataclass(frozen=True)
class Path(Text):
    """A place in a tree: levels joined by ``/``, e.g. ``国际业务/查询/国际件查询``."""


@dataclass(frozen=True)
class Pseudonym(Text):
    """A personal identifier that is stored only as a keyed hash."""


@dataclass(frozen=True)
class Instant(Kind):
    """A moment; stored in UTC, read and shown in the centre's zone."""

    arrow: pa.DataType = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Day(Kind):
    arrow: pa.DataType = pa.date32()


@dataclass(frozen=True)
class Seconds(Kind):
    """A duration."""

    arrow: pa.DataType = pa.float64()
    unit: str | None = "s"


@dataclass(frozen=True)
class Number(Kind):
    arrow: pa.DataType = pa.float64()


@dataclass(frozen=True)
class Integer(Kind):
    arrow: pa.DataType = pa.int64()


@dataclass(frozen=True)
class Flag(Kind):
    arrow: pa.DataType = pa.bool_()


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few codes; `words` are the ways in which exports write each of them."""

    arrow: pa.DataType = pa.string()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.words)


def choice(**words: tuple[str, ...]) -> Choice:
    """``choice(voice=("语音", "电话"), chat=("在线",))``: code -> the words that mean it."""
    return Choice(words=tuple(words.items()))


@dataclass(frozen=True)
class Scale(Kind):
    """A whole number on a short scale that exports often write in words."""

    arrow: pa.DataType = pa.int64()
    words: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class TextMap(Kind):
    """Names to texts, written ``a=1;b=2`` or as JSON."""

    arrow: pa.DataType = pa.map_(pa.string(), pa.string())


@dataclass(frozen=True)
class NumberMap(Kind):
    """Names to numbers, written ``resolved=0.9;satisfied=0.97`` or as JSON."""

    arrow: pa.DataType = pa.map_(pa.string(), pa.float64())
