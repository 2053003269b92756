"""Whom to train, when, and what came of it."""

from __future__ import annotations

from coachline.engine.analyses.analysis import ANSWER_WITHIN, CONFIDENCE, MARGIN, REPEAT_DAYS, SATISFIED_FROM, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
from coachline.engine.parameters import Parameter
from coachline.engine.training.cycle import cycle
from coachline.engine.training.cycle_weeks import CYCLE_COLUMNS, CYCLE_OUTCOMES
from coachline.engine.training.effect import EFFECT_READS, effect
from coachline.engine.training.effect_counts import EFFECT_OUTCOMES
from coachline.engine.training.exam_answers import EXAM_COLUMNS, LINES
from coachline.engine.training.exams import exams
from coachline.engine.training.groups import GROUPS_COLUMNS, groups
from coachline.engine.training.needs import NEEDS_COLUMNS, needs
from coachline.engine.training.newcomers.newcomers import newcomers
from coachline.engine.training.newcomers.plans import DEFAULT_PLANS, DEFAULT_PRICES
from coachline.engine.training.newcomers.records import NEWCOMER_COLUMNS
from coachline.engine.training.paper import paper
from coachline.engine.training.plan.plan import plan
from coachline.engine.training.plan.settings import PLAN_COLUMNS, PLAN_PARAMETERS
from coachline.engine.training.settings import WORTH, WORTH_OF

PASS_BAR = Parameter("pass_bar", "number", 0.6, low=0.01, high=0.99)
LINE = Parameter("line", "choice", "all", choices=("all", *LINES))

WANTED = (
    Parameter("worth", "weights", WORTH, choices=WORTH_OF),
    Parameter("focus", "weights"),
    Parameter("wish_weight", "number", 1.2, low=0, high=10),
    Parameter("horizon", "integer", 30, low=1, high=366),
    Parameter("recent_days", "integer", 28, low=1, high=366),
    Parameter("p_below", "number", 0.5, low=0, high=0.999),
    Parameter("fdr", "number", 0.2, low=0.001, high=0.5),
    Parameter("least_cases", "integer", 5, low=1, high=10_000),
    Parameter("fresh_days", "integer", 60, low=1, high=3650),
    Parameter("pass_share", "number", 0.8, low=0, high=1),
    MARGIN,
    Parameter("half_life", "text", "auto"),
    SATISFIED_FROM,
    REPEAT_DAYS,
)
"""What says who is in need; needs, groups and plan have it alike, so that a centre sets it once for all in ``[parameters.training]``."""

GROUPED = (
    Parameter("least_size", "integer", 4, low=1, high=1_000),
    Parameter("most_size", "integer", 20, low=1, high=1_000),
    Parameter("most_groups", "integer", 40, low=1, high=10_000),
    Parameter("cooldown_days", "integer", 28, low=0, high=3650),
    Parameter("hours_cap", "number", 8.0, low=0, high=1_000),
    Parameter("bundle_hours", "number", 4.0, low=0, high=24),
    Parameter("mentor_load", "integer", 2, low=1, high=100),
    Parameter("least_overlap", "number", 0.2, low=0, high=1),
)

ROWS: tuple[Analysis, ...] = (
    Analysis(
        "training.needs",
        needs,
        "1",
        needs=("calls",),
        reads=NEEDS_COLUMNS,
        parameters=(
            SINCE,
            UNTIL,
            *WANTED,
            Parameter("looks", "integer", 200, low=0, high=100_000),
            Parameter("new_days", "integer", 90, low=1, high=3650),
        ),
        charts=(Chart("bars", "needs", ("agent_id", "business"), "gain", panel="outcome"),),
    ),
    Analysis(
        "training.groups",
        groups,
        "1",
        needs=("calls",),
        reads=GROUPS_COLUMNS,
        parameters=(
            SINCE,
            UNTIL,
            *GROUPED,
            *WANTED,
        ),
        charts=(Chart("bars", "sessions", ("group", "business"), "gain"),),
    ),
    Analysis(
        "training.effect",
        effect,
        "1",
        needs=("calls",),
        reads=EFFECT_READS,
        parameters=(
            Parameter("outcome", "choice", choices=EFFECT_OUTCOMES),
            Parameter("window_weeks", "integer", 6, low=2, high=52),
            Parameter("fewest_weeks", "integer", 2, low=1, high=26),
            Parameter("selection_weeks", "integer", 4, low=1, high=52),
            Parameter("lead_weeks", "integer", 2, low=0, high=26),
            Parameter("half_life_days", "number", 90.0, low=7, high=36_500),
            Parameter("confidence", "number", 0.95, low=0.5, high=0.999),
            SATISFIED_FROM,
            REPEAT_DAYS,
        ),
        charts=(Chart("dots", "effect", ("training", "business"), "effect", "low", "high", panel="outcome"),),
    ),
    Analysis(
        "training.plan",
        plan,
        "1",
        needs=("calls", "shifts"),
        reads=PLAN_COLUMNS,
        parameters=(SINCE, UNTIL, *PLAN_PARAMETERS, *GROUPED, *WANTED),
        charts=(Chart("bars", "reasons", ("session", "business"), "gain"),),
    ),
    Analysis(
        "training.cycle",
        cycle,
        "1",
        needs=("trainings", "calls"),
        reads={**CYCLE_COLUMNS, "businesses": ("business", "standard")},
        parameters=(
            SINCE,
            UNTIL,
            Parameter("followed", "choice", "resolved", choices=tuple(CYCLE_OUTCOMES)),
            Parameter("keep", "number", 0.5, low=0.01, high=0.99),
            Parameter("recall", "number", 0.9, low=0.5, high=0.99),
            CONFIDENCE,
            SATISFIED_FROM,
        ),
        charts=(
            Chart("dots", "cycle", ("business",), "half_life_days", "low", "high"),
            Chart("bars", "cycle", ("business",), "cases_after"),
        ),
    ),
    Analysis(
        "training.exams",
        exams,
        "1",
        needs=("exams",),
        reads=EXAM_COLUMNS,
        parameters=(SINCE, UNTIL, LINE, PASS_BAR, CONFIDENCE),
        charts=(
            Chart("dots", "exams", ("exam_id", "agent_id"), "ability", "low", "high"),
            Chart("bars", "items", ("item",), "discrimination", panel="verdict"),
        ),
    ),
    Analysis(
        "training.paper",
        paper,
        "1",
        needs=("exams",),
        reads=EXAM_COLUMNS,
        parameters=(
            SINCE,
            UNTIL,
            LINE,
            Parameter("blueprint", "weights"),
            Parameter("length", "integer", 20, low=1, high=200),
            Parameter("papers", "integer", 2, low=1, high=20),
            Parameter("anchors", "integer", low=0, high=200),
            Parameter("exposure", "number", 0.5, low=0, high=1),
            PASS_BAR,
            CONFIDENCE,
        ),
        charts=(Chart("bars", "paper", ("item",), "information", panel="paper"),),
    ),
    Analysis(
        "training.newcomers",
        newcomers,
        "1",
        needs=("agents", "calls"),
        reads=NEWCOMER_COLUMNS,
        parameters=(
            Parameter("plans", "rules", DEFAULT_PLANS),
            Parameter("months", "integer", 12, low=0, high=60),
            Parameter("draws", "integer", 200, low=20, high=5_000),
            Parameter("seed", "integer", 1, low=0, high=2**31 - 1),
            SINCE,
            UNTIL,
            Parameter("growth", "number", low=-0.9, high=5),
            ANSWER_WITHIN,
            *(Parameter(name, "number", default, low=0, high=1e9) for name, default in DEFAULT_PRICES.items()),
        ),
        charts=(
            Chart("line", "newcomers", ("month",), "licensed", series="plan"),
            Chart("dots", "comparison", ("plan",), "value", "low", "high", panel="measure"),
        ),
    ),
)
