"""Inspection: samples, scores, inspectors, items, audits, mystery calls."""

from __future__ import annotations

from coachline.engine.analyses.analysis import CONFIDENCE, REPEAT_DAYS, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
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
from coachline.engine.stats.agreement_weights import WEIGHTINGS

ROWS: tuple[Analysis, ...] = (
    Analysis(
        "quality.sample",
        sample,
        "1",
        needs=("calls",),
        reads=SAMPLE_COLUMNS,
        parameters=(SINCE, UNTIL, *SAMPLE_PARAMETERS, REPEAT_DAYS, CONFIDENCE),
        charts=(Chart("bars", "strata", ("stratum",), "calls"),),
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
        charts=(Chart("dots", "items", ("item",), "link_dissatisfied", "low", "high"),),
    ),
    Analysis(
        "quality.scores",
        scores,
        "1",
        needs=("inspections",),
        reads=SCORE_COLUMNS,
        parameters=(SINCE, UNTIL),
        charts=(Chart("dots", "scores", ("agent_id",), "fair_estimate", "fair_low", "fair_high"),),
    ),
    Analysis(
        "quality.severity",
        severity,
        "1",
        needs=("inspections",),
        reads=SCORE_COLUMNS,
        parameters=(SINCE, UNTIL, Parameter("margin", "number", 1.0, low=0, high=100), CONFIDENCE),
        charts=(Chart("dots", "severity", ("inspector_id",), "severity", "low", "high"),),
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
        charts=(Chart("dots", "agreement", ("item",), "value", "low", "high", panel="coefficient"),),
    ),
    Analysis(
        "quality.audit",
        audit,
        "1",
        needs=("inspections",),
        reads=AUDIT_COLUMNS,
        parameters=(SINCE, UNTIL, Parameter("purposes", "text", "score")),
        charts=(Chart("dots", "audit", ("scope", "member"), "corrected_pass_rate", "low", "high"),),
    ),
    Analysis(
        "quality.mystery",
        mystery,
        "1",
        needs=("mystery_calls",),
        reads=MYSTERY_COLUMNS,
        parameters=(SINCE, UNTIL, Parameter("centre", "text")),
        charts=(Chart("dots", "mystery", ("centre",), "share", "low", "high", panel="month"),),
    ),
)
