"""What a card is, and the results that cards are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs import queries
from coachline.web.runs.models import Run


@dataclass(frozen=True)
class Line:
    """A sentence of a card, with where it leads; `look` draws the eye to it."""

    text: str
    link: str = ""
    look: bool = False


@dataclass(frozen=True)
class Card:
    """A few lines under one title.

    Parameters
    ----------
    code : str
        ``web.home.card.<code>`` is the title.
    lines : sequence of Line
    link, link_text : str
        Where it goes on.
    as_of : datetime or None
        Of the result that it tells of.
    """

    code: str
    lines: Sequence[Line]
    link: str = ""
    link_text: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True)
class Seen:
    """A stored result as the reader may see it."""

    run: Run
    result: Result
    eyes: Perspective

    def rows(self, table: str | None = None) -> pl.DataFrame:
        return self.result.polars(table)


def seen(user: Any, name: str, **parameters: Any) -> Seen | None:
    """The newest stored result of analysis `name` with the centre's default parameters; None where there is none, or it is not theirs."""
    verb = queries.verb_of(name)
    if not user.has_perm(verb):
        return None
    eyes = perspective(user, verb)
    run = queries.latest(name, parameters, eyes.centre)
    if run is None:
        return None
    try:
        return Seen(run, queries.result(run, eyes), eyes)
    except CoachlineError:
        return None
