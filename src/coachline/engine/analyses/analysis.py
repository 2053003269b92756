"""What an analysis is, and the settings that several have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from coachline.engine.analyses.chart import Chart
from coachline.engine.parameters import Parameter
from coachline.engine.result import Findings
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class Analysis:
    """A row of the table of contents.

    Attributes
    ----------
    name : str
        ``domain.noun``, as in the contract.
    function : callable
        ``function(facts, **parameters) -> Findings``.
    version : str
        Raised whenever a formula changes.
    needs : tuple of str
        Tables without which it cannot run.
    reads : mapping of table to columns
        Columns that it uses; `facts.quality` says from this which results a fault harms.
    parameters : tuple of Parameter
    charts : tuple of Chart
        Pictures worth drawing wherever a result is shown.
    """

    name: str
    function: Callable[..., Findings]
    version: str
    needs: tuple[str, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    charts: tuple[Chart, ...] = ()

    @property
    def domain(self) -> str:
        """What stands before the dot, e.g. ``capability``: analyses of one domain share defaults in ``centre.toml``."""
        return self.name.partition(".")[0]

    def settle(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Complete and checked parameters.

        Raises
        ------
        CoachlineError
            ``unknown_parameter``, or what `Parameter.read` refuses.
        """
        known = {p.name: p for p in self.parameters}
        for name in given:
            if name not in known:
                raise CoachlineError("unknown_parameter", analysis=self.name, name=name, known=", ".join(known) or "-")
        settled = {name: p.default for name, p in known.items()}
        for name, value in given.items():
            read = known[name].read(value)
            if read is not None:
                settled[name] = read
        return settled


SINCE = Parameter("since", "date")
UNTIL = Parameter("until", "date")
ANSWER_WITHIN = Parameter("answer_within", "number", 20.0, low=0, high=3600)
REPEAT_DAYS = Parameter("repeat_days", "integer", 7, low=1, high=90)
SATISFIED_FROM = Parameter("satisfied_from", "integer", 4, low=1, high=5)
MARGIN = Parameter("margin", "number", 0.25, low=0, high=10)
CONFIDENCE = Parameter("confidence", "number", 0.9, low=0.5, high=0.999)
