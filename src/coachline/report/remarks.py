"""What an analysis remarks on its own result, for the chapter that shows it."""

from __future__ import annotations

from collections.abc import Collection

from coachline.engine.result import Result
from coachline.report.blocks import Paragraph
from coachline.report.chapter import Desk


def remarks(desk: Desk, result: Result, but: Collection[str] = ()) -> list[Paragraph]:
    """Notes and failed checks of `result` as one quiet paragraph, those in `but` left out; nothing where there are none."""
    said = [
        desk.terms.said("check", check.code, {**check.facts, "figure": check.figure})
        for check in result.checks
        if not check.ok and check.code not in but
    ]
    said += [desk.terms.said("note", note.code, note.facts) for note in result.notes if note.code not in but]
    return [Paragraph(desk.words("report.sentences").join(said), "quiet")] if said else []
