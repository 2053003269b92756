"""Table of contents: every analysis, what it takes and what it needs.

Adding an analysis is four edits: a function, a row here, a test, a method page in ``docs/methods``. Command line, report and pages read
the row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coachline.engine.capability.agents import agents
from coachline.engine.capability.businesses import businesses
from coachline.engine.capability.cells import cells
from coachline.engine.capability.correlation import CORRELATION_COLUMNS, correlation
from coachline.engine.capability.evidence import EVIDENCE_COLUMNS
from coachline.engine.capability.matrix import INDEX, WEIGHTS, matrix
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.capability.profile.features import DEFAULT_TAGS
from coachline.engine.capability.profile.profile import PROFILE_COLUMNS, profile
from coachline.engine.capability.trend import trend
from coachline.engine.facts import Facts
from coachline.engine.operations.causes import causes
from coachline.engine.operations.daily import daily
from coachline.engine.operations.hours import hours
from coachline.engine.operations.intervals import intervals
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.passports import passports
from coachline.engine.operations.statistics import CALL_COLUMNS
from coachline.engine.parameters import Parameter
from coachline.engine.quality.agreement import agreement
from coachline.engine.quality.agreement_sheets import AGREEMENT_COLUMNS
from coachline.engine.quality.audit import audit
from coachline.engine.quality.audit_pairs import AUDIT_COLUMNS
from coachline.engine.quality.items import ITEM_COLUMNS, items
from coachline.engine.quality.mystery import mystery
from coachline.engine.quality.mystery_calls import MYSTERY_COLUMNS
from coachline.engine.quality.sample.sample import sample
from coachline.engine.quality.sample.settings import SAMPLE_COLUMNS, SAMPLE_PARAMETERS
from coachline.engine.quality.scored import SCORE_COLUMNS
from coachline.engine.quality.scores import scores
from coachline.engine.quality.severity import severity
from coachline.engine.result import Findings, Provenance, Result
from coachline.engine.stats.agreement_weights import WEIGHTINGS
from coachline.engine.tables import TABLES
from coachline.engine.trust.quality import quality
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
    """

    name: str
    function: Callable[..., Findings]
    version: str
    needs: tuple[str, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()

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


def _quality(facts: Facts, *, table: str | None = None) -> Findings:
    return quality(facts, table=table, readers=ANALYSES)


ANSWER_WITHIN = Parameter("answer_within", "number", 20.0, low=0, high=3600)
REPEAT_DAYS = Parameter("repeat_days", "integer", 7, low=1, high=90)
SATISFIED_FROM = Parameter("satisfied_from", "integer", 4, low=1, high=5)

MARGIN = Parameter("margin", "number", 0.25, low=0, high=10)
CONFIDENCE = Parameter("confidence", "number", 0.9, low=0.5, high=0.999)
HALF_LIFE = Parameter("half_life", "text", "auto")
WEIGHED = tuple(code for code, outcome in OUTCOMES.items() if outcome.better != "none")
CAPABILITY_READS = {**EVIDENCE_COLUMNS, "agents": ("agent_id", "team", "hired_on"), "businesses": ("business", "standard")}

_FIGURES = tuple(dict.fromkeys(("arrived_at", "direction", "outcome", *CALL_COLUMNS)))
_SHIFTS = ("agent_id", "starts_at", "ends_at", "activity")

ANALYSES: dict[str, Analysis] = {
    row.name: row
    for row in (
        Analysis("facts.quality", _quality, "1", parameters=(Parameter("table", "choice", choices=tuple(TABLES)),)),
        Analysis(
            "operations.daily",
            daily,
            "1",
            needs=("calls",),
            reads={"calls": _FIGURES, "shifts": _SHIFTS},
            parameters=(SINCE, UNTIL, ANSWER_WITHIN, REPEAT_DAYS, SATISFIED_FROM),
        ),
        Analysis(
            "operations.intervals",
            intervals,
            "1",
            needs=("calls",),
            reads={
                "calls": (
                    "arrived_at",
                    "direction",
                    "outcome",
                    "business",
                    "queue",
                    "agent_id",
                    "ivr_s",
                    "wait_s",
                    "talk_s",
                    "hold_s",
                    "wrap_s",
                ),
                "agents": ("agent_id", "team"),
            },
            parameters=(
                SINCE,
                UNTIL,
                Parameter("minutes", "integer", 30, low=1, high=1440),
                Parameter("by", "choice", "business", choices=("business", "queue", "team", "none")),
                ANSWER_WITHIN,
            ),
        ),
        Analysis("operations.passports", passports, "1", needs=("calls",)),
        Analysis(
            "operations.causes",
            causes,
            "1",
            needs=("calls",),
            reads={"calls": (*_FIGURES, "queue"), "agents": ("agent_id", "team"), "shifts": _SHIFTS},
            parameters=(
                Parameter("metric", "choice", choices=tuple(METRICS)),
                SINCE,
                UNTIL,
                Parameter("against_since", "date"),
                Parameter("against_until", "date"),
                ANSWER_WITHIN,
                REPEAT_DAYS,
                SATISFIED_FROM,
                Parameter("alpha", "number", 0.05, low=0.0001, high=0.5),
            ),
        ),
        Analysis(
            "operations.hours",
            hours,
            "1",
            needs=("shifts",),
            reads={"shifts": _SHIFTS},
            parameters=(Parameter("cap_h", "number", 167.0, low=0, high=744),),
        ),
        Analysis(
            "quality.sample",
            sample,
            "1",
            needs=("calls",),
            reads=SAMPLE_COLUMNS,
            parameters=(SINCE, UNTIL, *SAMPLE_PARAMETERS, REPEAT_DAYS, CONFIDENCE),
        ),
        Analysis(
            "quality.items",
            items,
            "1",
            needs=("inspections", "inspection_items"),
            reads=ITEM_COLUMNS,
            parameters=(
                SINCE,
                UNTIL,
                REPEAT_DAYS,
                Parameter("dissatisfied_to", "integer", 2, low=1, high=4),
                Parameter("nothing_within", "number", 1.5, low=1.01, high=10),
                CONFIDENCE,
                Parameter("false_discoveries", "number", 0.05, low=0.001, high=0.5),
                Parameter("form", "text"),
            ),
        ),
        Analysis(
            "quality.scores",
            scores,
            "1",
            needs=("inspections",),
            reads=SCORE_COLUMNS,
            parameters=(SINCE, UNTIL),
        ),
        Analysis(
            "quality.severity",
            severity,
            "1",
            needs=("inspections",),
            reads=SCORE_COLUMNS,
            parameters=(SINCE, UNTIL, Parameter("margin", "number", 1.0, low=0, high=100), CONFIDENCE),
        ),
        Analysis(
            "quality.agreement",
            agreement,
            "1",
            needs=("inspections",),
            reads={**AGREEMENT_COLUMNS, "calls": ("call_id", "agent_id")},
            parameters=(
                SINCE,
                UNTIL,
                Parameter("purposes", "text", "score,calibration"),
                Parameter("weighting", "choice", "quadratic", choices=tuple(WEIGHTINGS)),
                Parameter("tolerance", "number", 5.0, low=0, high=100),
                Parameter("fewest_calls", "integer", 20, low=2, high=1_000_000),
                Parameter("resamples", "integer", 1000, low=0, high=100_000),
            ),
        ),
        Analysis(
            "quality.audit",
            audit,
            "1",
            needs=("inspections",),
            reads=AUDIT_COLUMNS,
            parameters=(SINCE, UNTIL, Parameter("purposes", "text", "score")),
        ),
        Analysis(
            "quality.mystery",
            mystery,
            "1",
            needs=("mystery_calls",),
            reads=MYSTERY_COLUMNS,
            parameters=(SINCE, UNTIL, Parameter("centre", "text")),
        ),
        Analysis(
            "capability.cells",
            cells,
            "2",
            needs=("calls",),
            reads=EVIDENCE_COLUMNS,
            parameters=(SINCE, UNTIL, SATISFIED_FROM, REPEAT_DAYS, Parameter("by_month", "flag", False)),
        ),
        Analysis(
            "capability.matrix",
            matrix,
            "1",
            needs=("calls",),
            reads=CAPABILITY_READS,
            parameters=(
                SINCE,
                UNTIL,
                Parameter("outcome", "choice", choices=(*OUTCOMES, INDEX)),
                Parameter("unseen", "flag", True),
                MARGIN,
                CONFIDENCE,
                Parameter("fdr", "number", 0.1, low=0.001, high=0.5),
                Parameter("weights", "weights", WEIGHTS, choices=WEIGHED),
                HALF_LIFE,
                SATISFIED_FROM,
                REPEAT_DAYS,
            ),
        ),
        Analysis(
            "capability.agents",
            agents,
            "1",
            needs=("calls",),
            reads=CAPABILITY_READS,
            parameters=(
                SINCE,
                UNTIL,
                MARGIN,
                CONFIDENCE,
                Parameter("weights", "weights", WEIGHTS, choices=WEIGHED),
                HALF_LIFE,
                SATISFIED_FROM,
                REPEAT_DAYS,
            ),
        ),
        Analysis(
            "capability.businesses",
            businesses,
            "1",
            needs=("calls",),
            reads=CAPABILITY_READS,
            parameters=(SINCE, UNTIL, MARGIN, CONFIDENCE, HALF_LIFE, SATISFIED_FROM, REPEAT_DAYS),
        ),
        Analysis(
            "capability.trend",
            trend,
            "1",
            needs=("calls",),
            reads=CAPABILITY_READS,
            parameters=(
                SINCE,
                UNTIL,
                Parameter("outcome", "choice", choices=tuple(OUTCOMES)),
                Parameter("cells", "flag", False),
                Parameter("confidence", "number", 0.95, low=0.5, high=0.999),
                MARGIN,
                SATISFIED_FROM,
                REPEAT_DAYS,
            ),
        ),
        Analysis(
            "capability.profile",
            profile,
            "1",
            needs=("calls",),
            reads={**CAPABILITY_READS, **PROFILE_COLUMNS},
            parameters=(
                SINCE,
                UNTIL,
                Parameter("agent", "text"),
                Parameter("stale_days", "integer", 60, low=1, high=3650),
                Parameter("tags", "rules", DEFAULT_TAGS),
                MARGIN,
                CONFIDENCE,
                Parameter("weights", "weights", WEIGHTS, choices=WEIGHED),
                HALF_LIFE,
                SATISFIED_FROM,
                REPEAT_DAYS,
            ),
        ),
        Analysis(
            "capability.correlation",
            correlation,
            "1",
            needs=("calls",),
            reads=CORRELATION_COLUMNS,
            parameters=(
                SINCE,
                UNTIL,
                SATISFIED_FROM,
                REPEAT_DAYS,
                Parameter("mean", "choice", "agents", choices=("agents", "calls")),
                Parameter("at_least", "integer", 1, low=1, high=1_000_000),
                Parameter("confidence", "number", 0.9, low=0.5, high=0.999),
            ),
        ),
    )
}


def run(name: str, facts: Facts, given: Mapping[str, Any]) -> Result:
    """Run analysis `name` on `facts`.

    Raises
    ------
    CoachlineError
        ``unknown_analysis``, ``unknown_parameter``, ``no_facts`` (a needed table is empty), or what `Parameter.read` or
        the analysis itself refuses.
    """
    if name not in ANALYSES:
        raise CoachlineError("unknown_analysis", name=name, known=", ".join(ANALYSES))
    analysis = ANALYSES[name]
    parameters = analysis.settle(given)
    missing = [table for table in analysis.needs if not facts.has(table)]
    if missing:
        raise CoachlineError("no_facts", analysis=name, tables=", ".join(missing))
    began = time.perf_counter()
    findings = analysis.function(facts, **parameters)
    provenance = Provenance(
        analysis=name,
        version=analysis.version,
        parameters=parameters,
        lake=facts.versions,
        engine=facts.compute.name,
        when=datetime.now(facts.zone).isoformat(timespec="seconds"),
        seconds=time.perf_counter() - began,
    )
    return Result.of(findings, provenance)
