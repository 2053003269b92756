"""What rules may speak of: features of an agent, and questions about an agent and a business. Declared once, with their Chinese names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "flag", "imported"]
"""``imported`` is a tag of the table of agents: a text, which may hold a number or say yes or no."""


@dataclass(frozen=True)
class Feature:
    """Something that is known of an agent.

    Attributes
    ----------
    code : str
    kind : str
    also : tuple of str
        Chinese names under which rules may use it.
    """

    code: str
    kind: Kind
    also: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A function of a rule.

    Attributes
    ----------
    code : str
    also : tuple of str
    arguments : int
        The most it takes: a text, and for some a number of days.
    example : str
    """

    code: str
    also: tuple[str, ...]
    arguments: int
    example: str


FEATURES = (
    Feature("team", "text", ("班组",)),
    Feature("centre", "text", ("中心",)),
    Feature("role", "text", ("岗位",)),
    Feature("seat_level", "number", ("台席等级", "坐席等级")),
    Feature("tenure_days", "number", ("工龄天数", "司龄天数", "入职天数")),
    Feature("left", "flag", ("已离职",)),
    Feature("calls", "number", ("通话量", "接听量", "话务量")),
    Feature("active_days", "number", ("上线天数", "出勤天数")),
    Feature("days_since_call", "number", ("距上次通话天数",)),
    Feature("night_share", "number", ("夜班占比", "夜间占比")),
    Feature("outbound", "number", ("外呼量",)),
    Feature("businesses", "number", ("业务数",)),
    Feature("largest_share", "number", ("最大业务占比", "主业务占比")),
    Feature("stale_businesses", "number", ("生疏业务数",)),
    Feature("stale_share", "number", ("生疏业务占比",)),
    Feature("strengths", "number", ("强项数",)),
    Feature("weaknesses", "number", ("待提升数", "弱项数")),
    Feature("inspections", "number", ("质检次数", "质检数")),
    Feature("days_since_inspection", "number", ("距上次质检天数",)),
    Feature("score", "number", ("质检得分", "质检均分")),
    Feature("pass_share", "number", ("质检合格率",)),
    Feature("fatal", "number", ("致命次数", "致命错误数")),
    Feature("satisfaction", "number", ("满意率", "满意度")),
    Feature("rated", "number", ("参评数",)),
    Feature("mystery", "number", ("拨测得分率",)),
    Feature("trainings", "number", ("培训次数",)),
    Feature("training_hours", "number", ("培训学时", "学时")),
    Feature("days_since_training", "number", ("距上次培训天数",)),
    Feature("exams", "number", ("考试次数",)),
    Feature("exam_share", "number", ("考试正确率",)),
    Feature("days_since_exam", "number", ("距上次考试天数",)),
    Feature("licences", "number", ("持证业务数",)),
)

QUESTIONS = (
    Question("strong", ("擅长", "强项"), 1, 'strong("投诉")'),
    Question("below", ("待提升", "弱项"), 1, 'below("投诉")'),
    Question("handles", ("处理", "处理过"), 1, 'handles("投诉")'),
    Question("trained", ("培训", "培训过"), 2, 'trained("投诉", 90)'),
    Question("inspected", ("质检", "质检过"), 2, 'inspected("投诉", 90)'),
    Question("examined", ("考试", "考试过"), 2, 'examined("投诉", 90)'),
    Question("tag", ("标签",), 1, 'tag("new")'),
)

FEATURE_OF = {name: feature for feature in FEATURES for name in (feature.code, *feature.also)}
QUESTION_OF = {name: question for question in QUESTIONS for name in (question.code, *question.also)}

DEFAULT_TAGS = {
    "new": "tenure_days < 180 and not left",
    "night": "night_share > 0.3",
    "complaint_strong": '(strong("投诉") or strong("complaint")) and not (below("投诉") or below("complaint"))',
    "all_rounder": "businesses >= 10 and strengths >= 3 and weaknesses == 0",
    "mentor_candidate": "tenure_days >= 1095 and strengths >= 3 and weaknesses == 0 and not left",
    "needs_support": "weaknesses >= 3 and not left",
    "needs_refresh": "stale_share > 0.1 and not left",
    "training_due": "(trainings == 0 or days_since_training >= 180) and not left",
    "few_inspections": "calls >= 100 and inspections < 10 and not left",
}
"""Tags unless the centre sets its own."""
