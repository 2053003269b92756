"""Training: who needs what, in which groups and when, whether past trainings worked, and when the next ones are due."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block
from coachline.report.chapter import Chapter, Desk, NothingToShow
from coachline.report.chapters import (
    training_cycle,
    training_effect,
    training_exams,
    training_groups,
    training_needs,
    training_plan,
)
from coachline.report.parts import Answers, Parts, joined

PARTS: Parts = {
    "needs": training_needs.blocks,
    "groups": training_groups.blocks,
    "plan": training_plan.blocks,
    "effect": training_effect.blocks,
    "cycle": training_cycle.blocks,
    "exams": training_exams.blocks,
}
"""In reading order; ``report.training.part_<code>`` names each where it is left out."""

ANSWERS: Answers = (training_needs.answer, training_effect.answer, training_plan.answer)


def build(desk: Desk) -> Sequence[Block]:
    blocks = joined(desk, "training", PARTS, ANSWERS)
    if not blocks:
        raise NothingToShow("report.training.nothing")
    return blocks


CHAPTER = Chapter("training", (), build)
