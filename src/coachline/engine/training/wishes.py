"""What people wish to be trained in, as they said in surveys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coachline.engine.facts import Facts

ASKED_FOR = re.compile("培训|学习|进修|提升|课程|train|learn|course|coach", re.IGNORECASE)
"""Questions whose answers may name a business to be trained in."""

SHORTEST_NAME = 2
"""Shorter names would be found in any text."""


@dataclass(frozen=True)
class Wishes:
    """Wishes for training.

    Attributes
    ----------
    pairs : frozenset of (str, str)
        Agent and business, of respondents who answered under an agent's number.
    people : mapping of str to int
        Business to the number of respondents who named it, also those who cannot be told apart from their numbers.
    """

    pairs: frozenset[tuple[str, str]]
    people: Mapping[str, int]


def wishes(facts: Facts, agents: Sequence[str], businesses: Sequence[str]) -> Wishes:
    """Read the answers to questions about training that name a business: by its path, the last part of it, or its title."""
    if not facts.has("survey_answers"):
        return Wishes(frozenset(), {})
    answers = facts.table("survey_answers")
    answers = (
        answers.filter(answers.choice.notnull() | answers.text.notnull()).select("respondent", "question", "choice", "text").distinct()
    )
    named = names(facts, businesses)
    known, found = set(agents), set()
    for row in facts.collect(answers).to_pylist():
        if ASKED_FOR.search(row["question"] or ""):
            said = f"{row['choice'] or ''}\n{row['text'] or ''}"
            found |= {(row["respondent"], business) for name, business in named if name in said}
    return Wishes(
        pairs=frozenset((who, business) for who, business in found if who in known),
        people=dict(sorted(Counter(business for _, business in found).items())),
    )


def names(facts: Facts, businesses: Sequence[str]) -> list[tuple[str, str]]:
    """What each business may be called; a name that several have is none."""
    titles: dict[str, str] = {}
    if facts.has("businesses"):
        rows = facts.table("businesses").select("business", "title").distinct()
        titles = {row["business"]: row["title"] for row in facts.collect(rows).to_pylist() if row["title"]}
    called = {(name, b) for b in businesses for name in (b, b.rsplit("/", 1)[-1], titles.get(b, "")) if len(name) >= SHORTEST_NAME}
    bearers = Counter(name for name, _ in called)
    return sorted((name, business) for name, business in called if bearers[name] == 1)
