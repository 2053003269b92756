"""What inspection can say: the sample, fair scores, the inspectors, and how far all of it can be relied on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import Chapter, Desk, NothingToShow
from coachline.report.chapters import (
    inspection_agreement,
    inspection_audit,
    inspection_items,
    inspection_sample,
    inspection_scores,
    inspection_severity,
)

PARTS: dict[str, Callable[[Desk], Sequence[Block]]] = {
    "sample": inspection_sample.blocks,
    "scores": inspection_scores.blocks,
    "severity": inspection_severity.blocks,
    "agreement": inspection_agreement.blocks,
    "audit": inspection_audit.blocks,
    "items": inspection_items.blocks,
}
"""In reading order; ``report.inspection.part_<code>`` names each where it is left out."""

ANSWERS: tuple[Callable[[Desk], str | None], ...] = (inspection_severity.answer, inspection_scores.answer, inspection_audit.answer)


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    if not desk.facts.has("inspections"):
        raise NothingToShow("report.why.no_table", tables=desk.terms.tables(["inspections"]))
    blocks: list[Block] = []
    missing: dict[str, list[str]] = {}
    for code, build_part in PARTS.items():
        try:
            blocks += build_part(desk)
        except NothingToShow as nothing:
            missing.setdefault(words(nothing.code, **nothing.facts), []).append(words(f"report.inspection.part_{code}"))
    for why, parts in missing.items():
        desk.leave_out(words("report.inspection.left_out", parts=desk.terms.listed(parts)), why)
    told = [sentence for answer in ANSWERS if (sentence := answer(desk))]
    return [Paragraph(words("report.sentences").join(told)), *blocks] if told else blocks


CHAPTER = Chapter("inspection", (), build)
