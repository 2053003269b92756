"""Training: who needs what, in which groups and when, whether past trainings worked, and when the next ones are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import Chapter, Desk, NothingToShow
from coachline.report.chapters import (
    training_cycle,
    training_effect,
    training_exams,
    training_groups,
    training_needs,
    training_plan,
)

PARTS: dict[str, Callable[[Desk], Sequence[Block]]] = {
    "needs": training_needs.blocks,
    "groups": training_groups.blocks,
    "plan": training_plan.blocks,
    "effect": training_effect.blocks,
    "cycle": training_cycle.blocks,
    "exams": training_exams.blocks,
}
"""In reading order; ``report.training.part_<code>`` names each where it is left out."""

ANSWERS: tuple[Callable[[Desk], str | None], ...] = (training_needs.answer, training_effect.answer, training_plan.answer)


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    blocks: list[Block] = []
    missing: dict[str, list[str]] = {}
    for code, build_part in PARTS.items():
        try:
            blocks += build_part(desk)
        except NothingToShow as nothing:
            missing.setdefault(words(nothing.code, **nothing.facts), []).append(words(f"report.training.part_{code}"))
    if not blocks:
        raise NothingToShow("report.training.nothing")
    for why, parts in missing.items():
        desk.leave_out(words("report.training.left_out", parts=desk.terms.listed(parts)), why)
    told = [sentence for answer in ANSWERS if (sentence := answer(desk))]
    return [Paragraph(words("report.sentences").join(told)), *blocks] if told else blocks


CHAPTER = Chapter("training", (), build)
