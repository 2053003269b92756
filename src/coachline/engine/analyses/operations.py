"""Running figures."""

from __future__ import annotations

from coachline.engine.analyses.analysis import ANSWER_WITHIN, REPEAT_DAYS, SATISFIED_FROM, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
from coachline.engine.operations.causes import causes
from coachline.engine.operations.daily import daily
from coachline.engine.operations.hours import hours
from coachline.engine.operations.intervals import intervals
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.passports import passports
from coachline.engine.operations.statistics import CALL_COLUMNS
from coachline.engine.parameters import Parameter

_FIGURES = tuple(dict.fromkeys(("arrived_at", "direction", "outcome", *CALL_COLUMNS)))
_SHIFTS = ("agent_id", "starts_at", "ends_at", "activity")

ROWS: tuple[Analysis, ...] = (
    Analysis(
        "operations.daily",
        daily,
        "1",
        needs=("calls",),
        reads={"calls": _FIGURES, "shifts": _SHIFTS},
        parameters=(SINCE, UNTIL, ANSWER_WITHIN, REPEAT_DAYS, SATISFIED_FROM),
        charts=(Chart("line", "daily", ("date",), "value", panel="metric"),),
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
        charts=(Chart("line", "intervals", ("starts_at",), "offered", series="business"),),
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
        charts=(Chart("bars", "causes", ("dimension", "member"), "change", panel="metric"),),
    ),
    Analysis(
        "operations.hours",
        hours,
        "1",
        needs=("shifts",),
        reads={"shifts": _SHIFTS},
        parameters=(Parameter("cap_h", "number", 167.0, low=0, high=744),),
        charts=(Chart("bars", "hours", ("agent_id",), "counted_h", panel="month"),),
    ),
)
