"""Table of contents: every analysis, what it takes and what it needs.

Adding an analysis is four edits: a function, a row in the file of its domain here, a test, a method page in ``docs/methods``. Command line, report
and pages read the row.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from coachline.engine.analyses import capability, operations, roster, training
from coachline.engine.analyses import quality as inspection
from coachline.engine.analyses.analysis import Analysis
from coachline.engine.analyses.chart import Chart
from coachline.engine.facts import Facts
from coachline.engine.parameters import Parameter
from coachline.engine.result import Findings, Note, Provenance, Result
from coachline.engine.tables import TABLES
from coachline.engine.trust.quality import quality
from coachline.errors import CoachlineError


def _quality(facts: Facts, *, table: str | None = None) -> Findings:
    return quality(facts, table=table, readers=ANALYSES)


ANALYSES: dict[str, Analysis] = {
    row.name: row
    for row in (
        Analysis(
            "facts.quality",
            _quality,
            "1",
            parameters=(Parameter("table", "choice", choices=tuple(TABLES)),),
            charts=(Chart("bars", "issues", ("table", "column", "issue"), "rows"),),
        ),
        *operations.ROWS,
        *capability.ROWS,
        *inspection.ROWS,
        *training.ROWS,
        *roster.ROWS,
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
        centre=facts.centre,
    )
    return Result.of(replace(findings, notes=(*findings.notes, *_left_out(analysis, facts))), provenance)


def _left_out(analysis: Analysis, facts: Facts) -> Iterator[Note]:
    """What a result on one centre's facts lacks. An analysis that names no table may read any."""
    if facts.centre is None or not ("calls" in (*analysis.needs, *analysis.reads) or not (analysis.needs or analysis.reads)):
        return
    count = facts.calls_of_no_centre
    if count:
        yield Note("calls_of_no_centre", {"calls": count, "share": count / (count + facts.rows("calls"))})
