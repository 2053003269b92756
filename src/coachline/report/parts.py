"""Chapters made of parts: each is there or left out with its reason, and the answers of all stand first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import Desk, NothingToShow

Parts = Mapping[str, Callable[[Desk], Sequence[Block]]]
Answers = Sequence[Callable[[Desk], str | None]]


def joined(desk: Desk, chapter: str, parts: Parts, answers: Answers) -> list[Block]:
    """The blocks of all parts that the facts allow, below one paragraph of answers; empty where they allow none.

    Parameters
    ----------
    desk : Desk
    chapter : str
        Its code; ``report.<chapter>.part_<code>`` names a part where it is left out, ``report.<chapter>.left_out`` says so.
    parts : mapping of str to callable
        In reading order; one may raise `NothingToShow`.
    answers : sequence of callable
        A sentence each, or None.
    """
    words = desk.words
    blocks: list[Block] = []
    missing: dict[str, list[str]] = {}
    for code, build_part in parts.items():
        try:
            blocks += build_part(desk)
        except NothingToShow as nothing:
            missing.setdefault(words(nothing.code, **nothing.facts), []).append(words(f"report.{chapter}.part_{code}"))
    for why, left in missing.items():
        desk.leave_out(words(f"report.{chapter}.left_out", parts=desk.terms.listed(left)), why)
    told = [sentence for answer in answers if (sentence := answer(desk))]
    return [Paragraph(words("report.sentences").join(told)), *blocks] if told else blocks
