"""Codes and column names in the reader's words, for every place that prints them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from coachline.engine.tables import TABLES
from coachline.wording import Wording


class Terms:
    """What people call tables, columns, metrics and analyses.

    Parameters
    ----------
    words : Wording
        The language.
    """

    def __init__(self, words: Wording) -> None:
        self.words = words

    def said(self, family: str, code: str, facts: Mapping[str, Any]) -> str:
        """The sentence of a note or check, with the codes among its facts in words."""
        return self.words(f"{family}.{code}", **{name: self._worded(name, value) for name, value in facts.items()})

    def table(self, name: str) -> str:
        if name not in TABLES:
            return name
        return TABLES[name].zh if self.words.language == "zh" else TABLES[name].en

    def tables(self, names: Sequence[str]) -> str:
        return self.listed(map(self.table, names))

    def column(self, table: str, column: str) -> str:
        if table not in TABLES or all(c.name != column for c in TABLES[table].stored):
            return column
        found = TABLES[table].column(column)
        return found.zh if self.words.language == "zh" else found.en

    def columns(self, names: Sequence[str]) -> str:
        """Several columns, written ``column`` (of the calls) or ``table.column``."""
        parts = (name.rpartition(".") for name in names)
        return self.listed(self.column(table or "calls", column) for table, _, column in parts)

    def analyses(self, names: Sequence[str]) -> str:
        return self.listed(self.words(f"analysis.{name}.title") for name in names)

    def listed(self, items: Any) -> str:
        return self.words("report.list_separator").join(items)

    def _worded(self, name: str, value: Any) -> Any:
        if name in ("metric", "dimension", "outcome", "measure"):
            return self.words(f"{name}.{value}")
        if name in ("scenario", "business"):
            # A planner names scenarios, too, and of businesses only the shared post is ours.
            return self._own_word({"business": "post"}.get(name, name), value)
        if name == "outcomes":
            return self.listed(self.words(f"outcome.{code}") for code in str(value).split(", "))
        if name == "weights":
            return self.listed(f"{self.words(f'outcome.{code}')} {weight:.0%}" for code, weight in value.items())
        if name in ("column", "columns"):
            return self.columns(str(value).split(", "))
        if name == "strata":
            # A centre names its own strata, too.
            return self.listed(self._own_word("stratum", code) for code in str(value).split(", "))
        if name == "table":
            return self.table(str(value))
        # A test that could not be made has no figure; sentences write one as a number.
        return math.nan if name == "figure" and value is None else value

    def _own_word(self, family: str, value: str) -> str:
        """A code of ours in words; a name that the centre gave as it is."""
        code = f"{family}.{value}"
        return self.words(code) if self.words.knows(code) else value
