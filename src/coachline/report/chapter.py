"""What a chapter of the report is, and the desk on which it finds its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.report.blocks import Block
from coachline.report.capability import Capability
from coachline.report.figures import Figures
from coachline.report.metrics import Metrics
from coachline.report.terms import Terms
from coachline.wording import Wording

MISTAKES = frozenset(
    {"unknown_analysis", "unknown_parameter", "bad_parameter", "unknown_weight", "bad_weight", "no_weight", "period_backwards"}
)
"""Refusals that are no matter of facts: the report cannot make up for them."""

TOO_LARGE = "too_many_cells"


class KnownFacts(Protocol):
    """What the report asks of a centre's facts; `coachline.engine.facts.Facts` has it."""

    zone: ZoneInfo

    def has(self, name: str) -> bool: ...

    def days(self, name: str, column: str) -> tuple[date, date] | None: ...


class Run(Protocol):
    """Runs an analysis by name on facts that the caller has bound."""

    def __call__(self, name: str, **parameters: Any) -> Result: ...


class NothingToShow(Exception):
    """A chapter, or a part of one, that the facts do not allow: `code` and `facts` word the reason."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Need:
    """An analysis that a chapter reads.

    Parameters
    ----------
    analysis : str
    parameters : Mapping
        What it wants beside the period.
    over : str
        ``period``: the days of the report. ``last_day``: the last of them that has calls.
    smaller : Mapping
        What else it wants where it refuses because the result would be too large; empty where nothing helps.
    """

    analysis: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    over: Literal["period", "last_day"] = "period"
    smaller: Mapping[str, Any] = field(default_factory=dict)


DAILY = Need("operations.daily")
PASSPORTS = Need("operations.passports")
CAUSES = Need("operations.causes", over="last_day")
MATRIX = Need("capability.matrix", smaller={"unseen": False})


@dataclass(frozen=True)
class LeftOut:
    """What the report does not contain, and why: both in the language of the report."""

    what: str
    why: str


class Desk:
    """Everything a chapter may look at: results, wording, number formats, the period.

    An analysis runs at most once for the same parameters, however many chapters read it.
    """

    def __init__(self, run: Run, facts: KnownFacts, words: Wording, since: date | None, until: date | None, now: datetime) -> None:
        self.facts = facts
        self.words = words
        self.terms = Terms(words)
        self.show = Figures(words, facts.zone)
        self.since = since
        self.until = until
        self.now = now
        self._results: dict[tuple[str, str], Result] = {}
        self._refused: dict[tuple[str, str], NothingToShow] = {}
        self.left_out: list[LeftOut] = []
        self.stores: dict[str, Any] = {}
        """Data that several pictures draw from, by name; each stands on the page once."""
        self._run = run

    def result(self, need: Need | str) -> Result:
        """The result of `need`.

        Raises
        ------
        NothingToShow
            The analysis lacks facts or refuses those that there are.
        """
        if isinstance(need, str):
            need = Need(need)
        key = (need.analysis, repr(sorted(need.parameters.items())))
        if key in self._refused:
            raise self._refused[key]
        if key not in self._results:
            try:
                self._results[key] = self._run_for(need)
            except NothingToShow as refused:
                self._refused[key] = refused
                raise
        return self._results[key]

    def maybe(self, need: Need | str) -> Result | None:
        """The result of `need`, or None where the facts do not allow it."""
        try:
            return self.result(need)
        except NothingToShow:
            return None

    @property
    def all_results(self) -> list[Result]:
        """Every result so far, in the order in which they were first needed."""
        return list(self._results.values())

    @property
    def as_of(self) -> datetime | None:
        """When the oldest of the results so far was calculated: what is told from them holds as of then."""
        return min((datetime.fromisoformat(result.provenance.when) for result in self.all_results), default=None)

    @cached_property
    def units(self) -> dict[str, str]:
        """Metric to ``share``, ``seconds`` or ``count``."""
        passports = self.maybe(PASSPORTS)
        return {} if passports is None else {row["metric"]: row["unit"] for row in passports.table().to_pylist()}

    def _run_for(self, need: Need) -> Result:
        analysis = ANALYSES[need.analysis]
        missing = [table for table in analysis.needs if not self.facts.has(table)]
        if not any(self.facts.has(table) for table in TABLES):
            raise NothingToShow("report.why.nothing_imported")
        if missing:
            raise NothingToShow("report.why.no_table", tables=self.terms.tables(missing))
        known = {p.name for p in analysis.parameters}
        period = {"since": self.since, "until": self.until}
        if need.over == "last_day":
            period = dict.fromkeys(period, date.fromisoformat(str(self.result(DAILY).values["last_day"])))
        parameters = {name: value for name, value in period.items() if name in known and value is not None}
        try:
            return self._run(need.analysis, **parameters, **need.parameters)
        except CoachlineError as error:
            if error.code in MISTAKES:
                raise
            if error.code == TOO_LARGE and need.smaller:
                return self._run_for(replace(need, parameters={**need.parameters, **need.smaller}, smaller={}))
            raise NothingToShow(f"error.{error.code}", **error.facts) from error

    @cached_property
    def metrics(self) -> Metrics:
        """Figures of every day, by metric."""
        return Metrics(self.result(DAILY), self.result(PASSPORTS), self.maybe(CAUSES))

    @cached_property
    def capability(self) -> Capability:
        """The capability matrix, read once."""
        return Capability(self.result(MATRIX))

    def leave_out(self, what: str, why: str) -> None:
        entry = LeftOut(what, why)
        if entry not in self.left_out:
            self.left_out.append(entry)

    def member(self, dimension: str, member: str | None) -> str:
        """A member of a dimension as people call it: hours as times, and a word for what was not recorded."""
        if member is None:
            return self.words("report.not_recorded")
        if dimension == "hour":
            return self.words("report.hour", hour=f"{int(member):02d}")
        return member


@dataclass(frozen=True)
class Chapter:
    """A chapter: what it reads, and how it is built from that.

    Parameters
    ----------
    code : str
        Anchor on the page; ``report.chapter.<code>`` is the title.
    needs : tuple of Need
        Without any of these the chapter is left out, and listed with the reason.
    build : callable
        ``build(desk) -> blocks``; may raise `NothingToShow`.
    """

    code: str
    needs: tuple[Need, ...]
    build: Callable[[Desk], Sequence[Block]]

    def blocks(self, desk: Desk) -> Sequence[Block]:
        for need in self.needs:
            desk.result(need)
        return self.build(desk)
