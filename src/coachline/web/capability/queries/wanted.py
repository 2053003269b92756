"""What the address of a page asks for, as conditions on rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from django.http import QueryDict

from coachline.web.capability.queries.people import Person


@dataclass(frozen=True)
class Wanted:
    """Filters of a list of capability; each is empty where nothing was asked for.

    Parameters
    ----------
    outcome, team, family, search : str
        ``search`` finds agents by number or name, and businesses.
    weak : bool
        Only what is surely below its standard.
    sort : str
    """

    outcome: str = ""
    team: str = ""
    family: str = ""
    search: str = ""
    weak: bool = False
    sort: str = ""

    @classmethod
    def of(cls, given: QueryDict) -> Wanted:
        texts = {name: given.get(name, "").strip()[:200] for name in ("outcome", "team", "family", "sort")}
        return cls(**texts, search=given.get("q", "").strip()[:200], weak=given.get("weak") == "1")

    def agents(self, known: Mapping[str, Person]) -> pl.Expr | None:
        """Agents of the team; None where all are wanted."""
        if not self.team:
            return None
        return pl.col("agent_id").is_in([agent for agent, person in known.items() if person.team == self.team])

    def businesses(self) -> pl.Expr | None:
        """Businesses of the family."""
        if not self.family:
            return None
        return (pl.col("business") == self.family) | pl.col("business").str.starts_with(f"{self.family}/")

    def named(self, known: Mapping[str, Person]) -> pl.Expr:
        """Agents whose number or name holds what is searched for."""
        searched = self.search.lower()
        by_name = [agent for agent, person in known.items() if searched in person.name.lower()]
        return pl.col("agent_id").str.to_lowercase().str.contains(searched, literal=True) | pl.col("agent_id").is_in(by_name)

    def found(self) -> pl.Expr:
        """Businesses that hold what is searched for."""
        return pl.col("business").str.to_lowercase().str.contains(self.search.lower(), literal=True)

    def cells(self, known: Mapping[str, Person]) -> pl.Expr:
        """Everything that is asked of a cell, but for its outcome."""
        asked = [condition for condition in (self.agents(known), self.businesses()) if condition is not None]
        if self.search:
            asked.append(self.named(known) | self.found())
        if self.weak:
            asked.append(pl.col("verdict") == "below")
        return pl.all_horizontal(pl.lit(True), *asked)
