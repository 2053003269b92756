"""What inspection can say: the sample, fair scores, the inspectors, and how far all of it can be relied on."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block
from coachline.report.chapter import Chapter, Desk, NothingToShow
from coachline.report.chapters import (
    inspection_agreement,
    inspection_audit,
    inspection_items,
    inspection_sample,
    inspection_scores,
    inspection_severity,
)
from coachline.report.parts import Answers, Parts, joined

PARTS: Parts = {
    "sample": inspection_sample.blocks,
    "scores": inspection_scores.blocks,
    "severity": inspection_severity.blocks,
    "agreement": inspection_agreement.blocks,
    "audit": inspection_audit.blocks,
    "items": inspection_items.blocks,
}
"""In reading order; ``report.inspection.part_<code>`` names each where it is left out."""

ANSWERS: Answers = (inspection_severity.answer, inspection_scores.answer, inspection_audit.answer)


def build(desk: Desk) -> Sequence[Block]:
    if not desk.facts.has("inspections"):
        raise NothingToShow("report.why.no_table", tables=desk.terms.tables(["inspections"]))
    return joined(desk, "inspection", PARTS, ANSWERS)


CHAPTER = Chapter("inspection", (), build)
