"""The main metrics of the last day against the same weekdays of the four weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coachline.report.blocks import Block, Paragraph, Tile, Tiles
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.chapters import trust
from coachline.report.figures import FEW
from coachline.report.metrics import Series

MAIN = (
    "offered",
    "connect_rate",
    "service_level_offered",
    "asa",
    "satisfaction",
    "resolution_recorded",
    "resolution_no_repeat",
    "transfer_rate",
    "ticket_rate",
    "outbound_calls",
)  # handle time is not here: it is no target


def build(desk: Desk) -> Sequence[Block]:
    shown = desk.metrics.several(*MAIN)
    last_day = desk.metrics.last_day
    if not shown or last_day is None:
        raise NothingToShow("report.why.no_days")
    words = desk.words
    blocks: list[Block] = [
        Paragraph(words("report.overview.intro", day=desk.show.day(last_day)), "quiet"),
        Tiles([_tile(desk, series) for series in shown]),
    ]
    quality = desk.maybe("facts.quality")
    if quality is not None:
        said = trust.statement(desk, quality)
        blocks.append(replace(said, text=said.text + words("report.trust.see")) if quality.table("issues").num_rows else said)
    return blocks


def _tile(desk: Desk, series: Series) -> Tile:
    words, show = desk.words, desk.show
    last = series.last
    assert last is not None
    assert last.value is not None
    cases = series.cases(last)
    before = series.before(last.day)
    change = words("report.tile.no_past")
    if before is not None:
        change = show.change(series.unit, last.value, before, cases)
    asides = []
    if last.day != desk.metrics.last_day:
        asides.append(words("report.tile.as_of", day=show.day(last.day)))
    if cases is not None:
        asides.append(words("report.tile.n_few" if cases < FEW else "report.tile.n", n=show.count(cases)))
    unusual = series.is_unusual(last.day)
    if unusual:
        change = words("report.tile.unusual", change=change)
    return Tile(
        words(f"metric.{series.metric}"),
        show.value(series.unit, last.value, cases),
        change,
        series.metric,
        words("report.pause").join(asides),
        unusual,
    )


CHAPTER = Chapter("overview", (DAILY, PASSPORTS), build)
