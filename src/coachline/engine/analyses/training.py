"""Whom to train, when, and what came of it."""

from __future__ import annotations

from coachline.engine.analyses.analysis import CONFIDENCE, SINCE, UNTIL, Analysis
from coachline.engine.analyses.chart import Chart
from coachline.engine.parameters import Parameter
from coachline.engine.training.exam_answers import EXAM_COLUMNS, LINES
from coachline.engine.training.exams import exams

PASS_BAR = Parameter("pass_bar", "number", 0.6, low=0.01, high=0.99)
LINE = Parameter("line", "choice", "all", choices=("all", *LINES))

ROWS: tuple[Analysis, ...] = (
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
)
