"""Who is good at what."""

from __future__ import annotations

from coachline.engine.analyses.analysis import CONFIDENCE, MARGIN, REPEAT_DAYS, SATISFIED_FROM, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
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
from coachline.engine.parameters import Parameter

HALF_LIFE = Parameter("half_life", "text", "auto")
WEIGHED = tuple(code for code, outcome in OUTCOMES.items() if outcome.better != "none")
CAPABILITY_READS = {**EVIDENCE_COLUMNS, "agents": ("agent_id", "team", "hired_on"), "businesses": ("business", "standard")}

ROWS: tuple[Analysis, ...] = (
    Analysis(
        "capability.cells",
        cells,
        "2",
        needs=("calls",),
        reads=EVIDENCE_COLUMNS,
        parameters=(SINCE, UNTIL, SATISFIED_FROM, REPEAT_DAYS, Parameter("by_month", "flag", False)),
        charts=(Chart("bars", "cells", ("agent_id", "business"), "n", panel="outcome"),),
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
        charts=(Chart("dots", "matrix", ("agent_id", "business"), "estimate", "low", "high", panel="outcome"),),
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
        charts=(Chart("dots", "agents", ("agent_id",), "estimate", "low", "high", panel="outcome"),),
    ),
    Analysis(
        "capability.businesses",
        businesses,
        "1",
        needs=("calls",),
        reads=CAPABILITY_READS,
        parameters=(SINCE, UNTIL, MARGIN, CONFIDENCE, HALF_LIFE, SATISFIED_FROM, REPEAT_DAYS),
        charts=(Chart("dots", "businesses", ("business",), "estimate", "low", "high", panel="outcome"),),
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
        charts=(Chart("dots", "changes", ("agent_id", "business"), "change", "low", "high", panel="outcome"),),
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
        charts=(Chart("bars", "tags", ("tag",), "agents"),),
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
        charts=(
            Chart("dots", "agents", ("agent_id",), "satisfaction", "satisfaction_low", "satisfaction_high"),
            Chart("dots", "agents", ("agent_id",), "resolution", "resolution_low", "resolution_high"),
        ),
    ),
)
