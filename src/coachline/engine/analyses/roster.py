"""Who works when: what comes, whom it takes, rosters of named people and what another roster would change."""

from __future__ import annotations

from coachline.engine.analyses.analysis import ANSWER_WITHIN, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
from coachline.engine.parameters import Parameter
from coachline.engine.roster.explain.explain import explain
from coachline.engine.roster.forecast.forecast import FORECAST_COLUMNS, forecast
from coachline.engine.roster.plan.plan import plan
from coachline.engine.roster.plan.settings import COUNTRY, EVENTS, ROSTER_COLUMNS, ROSTER_PARAMETERS
from coachline.engine.roster.staffing.service import MEASURES
from coachline.engine.roster.staffing.staffing import STAFFING_COLUMNS, staffing
from coachline.engine.roster.whatif.scenarios import DEFAULT_SCENARIOS
from coachline.engine.roster.whatif.whatif import WHATIF_COLUMNS, whatif
from coachline.engine.training.method_effects import METHODS

FIRST_DAY = Parameter("first_day", "date")
DAYS = Parameter("days", "integer", 28, low=1, high=366)
LEVEL = Parameter("level", "integer", low=1, high=10)
"""What is looked ahead at, alike in all that plans."""

ROWS: tuple[Analysis, ...] = (
    Analysis(
        "roster.forecast",
        forecast,
        "1",
        needs=("calls",),
        reads=FORECAST_COLUMNS,
        parameters=(
            FIRST_DAY,
            DAYS,
            LEVEL,
            COUNTRY,
            EVENTS,
            Parameter("coverage", "number", 0.9, low=0.5, high=0.99),
        ),
        charts=(
            Chart("dots", "days", ("date",), "calls", "low", "high"),
            Chart("bars", "backtest", ("model", "horizon_days"), "wape", panel="group"),
            Chart("dots", "effects", ("cause", "which"), "factor", "factor_low", "factor_high"),
        ),
    ),
    Analysis(
        "roster.staffing",
        staffing,
        "1",
        needs=("calls",),
        reads=STAFFING_COLUMNS,
        parameters=(
            Parameter("demand", "choice", "forecast", choices=("forecast", "past")),
            FIRST_DAY,
            DAYS,
            SINCE,
            UNTIL,
            LEVEL,
            COUNTRY,
            EVENTS,
            Parameter("method", "choice", "erlang_a", choices=("erlang_a", "erlang_c", "simulation")),
            Parameter("priorities", "weights"),
            Parameter("target", "choice", "service_level_offered", choices=tuple(MEASURES)),
            Parameter("target_share", "number", low=0.001, high=0.999),
            ANSWER_WITHIN,
            Parameter("occupancy_cap", "number", 0.9, low=0.1, high=1),
            Parameter("shrinkage", "number", low=0, high=0.9),
            Parameter("patience_s", "number", low=1, high=36_000),
            Parameter("uncertain", "flag", True),
        ),
        charts=(Chart("line", "slots", ("starts_at",), "agents_together"), Chart("line", "slots", ("starts_at",), "agents")),
    ),
    Analysis(
        "roster.plan",
        plan,
        "1",
        needs=("calls", "shifts"),
        reads=ROSTER_COLUMNS,
        parameters=ROSTER_PARAMETERS,
        charts=(
            Chart("bars", "people", ("agent_id",), "hours"),
            Chart("dots", "gains", ("compared",), "value", "low", "high", panel="measure"),
        ),
    ),
    Analysis(
        "roster.explain",
        explain,
        "1",
        needs=("calls", "shifts"),
        reads=ROSTER_COLUMNS,
        parameters=(*ROSTER_PARAMETERS, Parameter("price_seconds", "number", 60.0, low=1, high=3600)),
        charts=(Chart("bars", "rule_prices", ("roster_rule",), "by_prices"),),
    ),
    Analysis(
        "roster.whatif",
        whatif,
        "1",
        needs=("calls", "shifts"),
        reads=WHATIF_COLUMNS,
        parameters=(
            Parameter("scenarios", "rules", DEFAULT_SCENARIOS),
            Parameter("tries", "integer", 20, low=2, high=1000),
            Parameter("trained_by", "choice", "class", choices=METHODS),
            Parameter("hour_cost", "number", 40.0, low=0, high=1e6),
            Parameter("priorities", "weights"),
            Parameter("repeat_share", "number", 0.0, low=0, high=0.9),
            Parameter("seed", "integer", 1, low=0, high=2**31 - 1),
            *(each for each in ROSTER_PARAMETERS if each.name not in ("replan_from", "absent", "seconds")),
            Parameter("seconds", "number", 20.0, low=1, high=3600),
        ),
        charts=(
            Chart("dots", "whatif", ("scenario",), "value", "low", "high", panel="measure"),
            Chart("line", "hours", ("hour",), "service_level", series="scenario"),
        ),
    ),
)
