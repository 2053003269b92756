"""What the inspected calls can say about all calls, and what they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.engine.quality.inspected import SCORING
from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Heading, Paragraph, Row, Table
from coachline.report.chapter import Desk, Need

SCORES = Need("quality.scores")
SEVERITY = Need("quality.severity")


def blocks(desk: Desk) -> Sequence[Block]:
    words = desk.words
    result = desk.result(SCORES)
    parts = result.polars("parts")
    cannot = _cannot(desk, result, parts)
    found: list[Block] = [Heading(words("report.inspection.sample")), Paragraph(_can(desk, result))]
    if cannot:
        found.append(Paragraph(words("report.inspection.cannot", what=words("report.sentences").join(cannot)), "look"))
    return [*found, _table(desk, parts)]


def _can(desk: Desk, result: Result) -> str:
    """How many inspections speak for whom, and how near a typical agent's score is to the truth."""
    words, show = desk.words, desk.show
    values: Mapping[str, Any] = result.values
    own = result.polars().filter(pl.col("n") > 0)
    if own.is_empty():
        return words("report.inspection.only_risk", inspections=show.count(values["inspections"]))
    half = (own["high"] - own["low"]).median()
    assert isinstance(half, float)
    n = own["n"].median()
    assert isinstance(n, float)
    return words(
        "report.inspection.can",
        inspections=show.count(values["inspections"]),
        random=show.count(values["random_part"]),
        agents=show.count(own.height),
        n=show.count(n),
        margin=show.number(half / 2),
        centre=show.estimate("rating", values["centre_score"], values["centre_low"], values["centre_high"]),
        interval=show.interval("rating", values["centre_low"], values["centre_high"]),
    )


def _cannot(desk: Desk, result: Result, parts: pl.DataFrame) -> list[str]:
    words, show = desk.words, desk.show
    found = [desk.terms.said("note", note.code, note.facts) for note in result.notes]
    random = parts.filter(pl.col("purpose") == SCORING)
    known, drawn = float((random["n"] * random["known_probability"]).sum()), int(random["n"].sum())
    if 0 < known < drawn:
        found.append(words("report.inspection.some_probabilities", share=show.share(known / drawn, drawn)))
    severity = desk.maybe(SEVERITY)
    if severity is not None and not severity.values["calls_scored_twice"]:
        found.append(words("report.inspection.nobody_scored_twice"))
    return found


def _table(desk: Desk, parts: pl.DataFrame) -> Table:
    words, show = desk.words, desk.show

    def called(family: str, code: str | None) -> str:
        """A code in words; a centre names strata of its own, too."""
        if code is None:
            return words("report.not_recorded")
        return words(f"{family}.{code}") if words.knows(f"{family}.{code}") else code

    heads = [
        *(Column(words(f"column.{name}"), figure=False) for name in ("purpose", "stratum")),
        Column(words("report.inspection.inspections")),
        *(Column(words(f"column.{name}")) for name in ("share", "known_probability")),
    ]
    rows = [
        Row(
            [
                called("purpose", row["purpose"]),
                called("stratum", row["stratum"]),
                show.count(row["n"]),
                show.share(row["share"]),
                show.share(row["known_probability"], row["n"]),
            ]
        )
        for row in parts.iter_rows(named=True)
    ]
    return Table.of(words("report.inspection.sample_table"), heads, rows)
