"""Draws the pictures that the table of contents names for an analysis, from any result of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from coachline.engine.analyses import ANALYSES
from coachline.engine.analyses.chart import Chart
from coachline.engine.result import Result
from coachline.report import columns
from coachline.report.blocks import Column, Picture, Table
from coachline.report.cells import UNITS, figure_columns, written
from coachline.report.pictures import short
from coachline.wording import Wording

MOST_POINTS = 40
"""Bars or dots that can be told apart; of more, those with most evidence, else the largest."""
MOST_MOMENTS = 400
MOST_PANELS, MOST_SERIES = 6, 4
ROW_HEIGHT, LINE_HEIGHT = 22, 260

_UNIT: dict[str, str] = {"chance": "number", "text": "number", "day": "number", "instant": "number", "flag": "number"}


def pictures(result: Result, words: Wording, zone: ZoneInfo) -> list[Picture]:
    """Every registered picture that this result has rows for."""
    analysis = ANALYSES[result.provenance.analysis]
    return [picture for chart in analysis.charts if chart.table in result.tables for picture in _Drawing(result, chart, words, zone).all()]


class _Drawing:
    """One chart of one result."""

    def __init__(self, result: Result, chart: Chart, words: Wording, zone: ZoneInfo) -> None:
        self.chart = chart
        self.words = words
        self.zone = zone
        self.analysis = result.provenance.analysis
        self.rows = result.polars(chart.table).filter(pl.col(chart.y).is_not_null())

    def all(self) -> Iterator[Picture]:
        if self.chart.panel is None:
            yield from self._picture(self.rows, "")
            return
        members = self.rows[self.chart.panel].drop_nulls().unique(maintain_order=True).to_list()
        for member in members[:MOST_PANELS]:
            name = self._texts(self.rows.filter(pl.col(self.chart.panel) == member).head(1), self.chart.panel)[0]
            yield from self._picture(self.rows.filter(pl.col(self.chart.panel) == member), name)

    def _picture(self, rows: pl.DataFrame, panel: str) -> Iterator[Picture]:
        if rows.is_empty():
            return
        kept = self._cut(rows)
        head = columns.heading(self.words, self.analysis, self.chart.table, self.chart.y)
        title = f"{panel} · {head}" if panel else head
        spec = {"kind": "registered", "form": self.chart.kind, "unit": self._unit(kept), **self._points(kept)}
        height = LINE_HEIGHT if self.chart.kind == "line" else 60 + ROW_HEIGHT * kept.height
        caption = self.words("report.registered_cut", shown=kept.height, total=f"{rows.height:,}") if kept.height < rows.height else None
        yield Picture(title, spec, self._table(kept, title), height=height, wide=self.chart.kind == "line", caption=caption)

    def _cut(self, rows: pl.DataFrame) -> pl.DataFrame:
        """As much as a picture can show, in the order of the table; of a line the latest."""
        chart = self.chart
        if chart.kind == "line":
            rows = rows.sort(*chart.x, maintain_order=True)
            if chart.series:
                largest = rows.group_by(chart.series).agg(pl.col(chart.y).abs().sum()).sort(chart.y, chart.series, descending=[True, False])
                rows = rows.filter(pl.col(chart.series).is_in(largest[chart.series].head(MOST_SERIES).implode()))
            moments = rows.select(chart.x).unique(maintain_order=True).tail(MOST_MOMENTS)
            return rows.join(moments, on=list(chart.x), how="semi", maintain_order="left")
        if rows.height <= MOST_POINTS:
            return rows
        weight = pl.col("n") if "n" in rows.columns else pl.col(chart.y).abs()
        return rows.with_row_index("_at").top_k(MOST_POINTS, by=weight).sort("_at").drop("_at")

    def _points(self, rows: pl.DataFrame) -> dict[str, Any]:
        chart = self.chart
        labels = self._labels(rows)
        if chart.kind != "line" or chart.series is None:
            return {"names": labels, "series": [{"name": "", **self._figures(rows)}]}
        names = list(dict.fromkeys(labels))
        found = []
        for member in rows[chart.series].unique(maintain_order=True).to_list():
            own = rows.filter(pl.col(chart.series) == member)
            on = dict(zip(self._labels(own), own[chart.y].to_list(), strict=True))
            found.append({"name": self._texts(own.head(1), chart.series)[0], "values": [short(on.get(name)) for name in names]})
        return {"names": names, "series": found}

    def _figures(self, rows: pl.DataFrame) -> dict[str, Any]:
        chart = self.chart
        figures: dict[str, Any] = {"values": [short(v) for v in rows[chart.y].cast(pl.Float64).to_list()]}
        if chart.low and chart.high:
            figures["low"] = [short(v) for v in rows[chart.low].cast(pl.Float64).to_list()]
            figures["high"] = [short(v) for v in rows[chart.high].cast(pl.Float64).to_list()]
        return figures

    def _labels(self, rows: pl.DataFrame) -> list[str]:
        parts = [self._texts(rows, name) for name in self.chart.x]
        return [" · ".join(part for part in row if part) for row in zip(*parts, strict=True)]

    def _texts(self, rows: pl.DataFrame, column: str) -> list[str]:
        return [row[0].text for row in written(rows.select(column).to_arrow(), self.words, self.zone)]

    def _unit(self, rows: pl.DataFrame) -> str:
        """The unit in which the picture writes its figures."""
        table = rows.to_arrow()
        subject = columns.subject(table)
        kind = columns.kind_of(table, self.chart.y)
        about = set(rows[subject].drop_nulls().to_list()) if subject else set()
        if columns.follows_subject(self.chart.y) and len(about) == 1:
            kind = columns.kind_in_row(self.chart.y, UNITS.get(next(iter(about)), "number"))
        return _UNIT.get(kind, kind)

    def _table(self, rows: pl.DataFrame, title: str) -> Table:
        chart = self.chart
        wanted = [chart.series, *chart.x, chart.y, chart.low, chart.high, "n" if "n" in rows.columns else None]
        subject = columns.subject(rows.to_arrow())
        shown = rows.select(list(dict.fromkeys(name for name in (subject, *wanted) if name is not None))).to_arrow()
        heads = [
            Column(columns.heading(self.words, self.analysis, chart.table, name), figure=figure)
            for name, figure in zip(shown.schema.names, figure_columns(shown), strict=True)
        ]
        cells: Sequence[Sequence[str]] = [[cell.text for cell in row] for row in written(shown, self.words, self.zone)]
        return Table.of(title, heads, cells)
