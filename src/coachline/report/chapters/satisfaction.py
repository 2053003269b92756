"""The chain from asking for a rating to a satisfied answer."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.metrics import Series
from coachline.report.pictures import trend

CHAIN = ("invited_rate", "rated_rate", "satisfaction")


def build(desk: Desk) -> Sequence[Block]:
    links = desk.metrics.several(*CHAIN)
    if not links:
        raise NothingToShow("report.why.no_ratings")
    blocks: list[Block] = [_sentence(desk, links), _chain(desk, links)]
    blocks += [trend(desk, [series]) for series in reversed(links)]
    return blocks


def _sentence(desk: Desk, links: Sequence[Series]) -> Paragraph:
    """How large the group is of whom satisfaction speaks."""
    by_metric = {series.metric: series for series in links}
    if set(by_metric) != set(CHAIN):
        return Paragraph(desk.words("report.satisfaction.part"))
    rated, _ = by_metric["rated_rate"].sums
    _, answered = by_metric["invited_rate"].sums
    speaks_for = rated / answered if answered else None
    return Paragraph(desk.words("report.satisfaction.intro", share=desk.show.share(speaks_for, answered), n=desk.show.count(rated)))


def _chain(desk: Desk, links: Sequence[Series]) -> Picture:
    words, show = desk.words, desk.show
    names, counts, labels, rows = [], [], [], []
    steps: list[tuple[str, float, float | None]]
    first_below = links[0].sums[1]
    steps = [(words(f"report.satisfaction.base_{links[0].metric}"), first_below, None)]
    for series in links:
        above, below = series.sums
        steps.append((words(f"report.satisfaction.step_{series.metric}"), above, above / below if below else None))
    for name, count, share in steps:
        names.append(name)
        counts.append(count)
        written = show.count(count)
        labels.append(written if share is None else words("report.satisfaction.label", count=written, share=show.share(share)))
        rows.append(Row([name, written, show.share(share) if share is not None else ""]))
    heads = [
        Column(words("report.column.step"), figure=False),
        Column(words("report.column.calls")),
        Column(words("report.column.of_previous")),
    ]
    title = words("report.satisfaction.chain")
    return Picture(
        title,
        {"kind": "chain", "names": names, "counts": counts, "labels": labels},
        Table.of(title, heads, rows),
        height=44 * len(steps) + 20,
    )


CHAPTER = Chapter("satisfaction", (DAILY, PASSPORTS), build)
