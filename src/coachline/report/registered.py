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
from coachline.report.cells import figure_columns, written
from coachline.report.pictures import short
from coachline.wording import Wording

MOST_POINTS = 40
"""Bars or dots that can be told apart; of more, those with most evidence, else the largest."""
MOST_MOMENTS = 400
MOST_PANELS, MOST_SERIES = 6, 4
TIMES = frozenset({"month", "period", "date"})
"""Panels of these are times, of which the newest come first."""
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
        shown = sorted(members, reverse=True)[:MOST_PANELS] if self.chart.panel in TIMES else members[:MOST_PANELS]
        beyond = [self._said("panels", len(shown), len(members))] if len(shown) < len(members) else []
        for member in shown:
            rows = self.rows.filter(pl.col(self.chart.panel) == member)
            yield from self._picture(rows, self._texts(rows.head(1), self.chart.panel)[0], beyond if member == shown[0] else ())

    def _picture(self, rows: pl.DataFrame, panel: str, remarks: Sequence[str] = ()) -> Iterator[Picture]:
        if rows.is_empty():
            return
        kept, cuts = self._cut(rows)
        title = self._title(panel)
        unit = self._unit(kept)
        spec = {"kind": "registered", "form": self.chart.kind, "unit": unit, **self._points(kept)}
        if unit == "points":
            spec["axis"] = self.words("report.causes.axis_share")
        height = LINE_HEIGHT if self.chart.kind == "line" else 60 + ROW_HEIGHT * kept.height
        caption = self.words("report.sentences").join([*remarks, *cuts]) or None
        yield Picture(title, spec, self._table(kept, title), height=height, wide=self.chart.kind == "line", caption=caption)

    def _title(self, panel: str) -> str:
        """What is drawn; a column that is called just "value" says nothing by its name."""
        head = columns.heading(self.words, self.analysis, self.chart.table, self.chart.y)
        if self.chart.y == "value":
            return panel or self.words(f"analysis.{self.analysis}.title")
        return f"{panel} · {head}" if panel else head

    def _cut(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
        """As much as a picture can show, in the order of the table, and what is not shown; of a line the latest."""
        chart = self.chart
        if chart.kind == "line":
            return self._cut_line(rows)
        if rows.height <= MOST_POINTS:
            return rows, []
        known = "n" in rows.columns
        weight = pl.col("n") if known else pl.col(chart.y).abs()
        kept = rows.with_row_index("_at").top_k(MOST_POINTS, by=weight).sort("_at").drop("_at")
        return kept, [self._said("evidence" if known else "largest", kept.height, rows.height)]

    def _cut_line(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
        chart, cuts = self.chart, []
        rows = rows.sort(*chart.x, maintain_order=True)
        if chart.series:
            largest = rows.group_by(chart.series).agg(pl.col(chart.y).abs().sum()).sort(chart.y, chart.series, descending=[True, False])
            if largest.height > MOST_SERIES:
                cuts.append(self._said("series", MOST_SERIES, largest.height))
                rows = rows.join(largest.head(MOST_SERIES), on=chart.series, how="semi", nulls_equal=True, maintain_order="left")
        moments = rows.select(chart.x).unique(maintain_order=True)
        if moments.height > MOST_MOMENTS:
            cuts.append(self._said("latest", MOST_MOMENTS, moments.height))
            rows = rows.join(moments.tail(MOST_MOMENTS), on=list(chart.x), how="semi", maintain_order="left")
        return rows, cuts

    def _said(self, cut: str, shown: int, total: int) -> str:
        return self.words(f"report.registered.{cut}", shown=f"{shown:,}", total=f"{total:,}")

    def _points(self, rows: pl.DataFrame) -> dict[str, Any]:
        chart = self.chart
        labels = self._labels(rows)
        if chart.kind != "line":
            return {"names": labels, "series": [{"name": "", **self._figures(rows)}]}
        names = list(dict.fromkeys(labels))
        told = {"names": names, "ticks": self._ticks(rows)}
        if chart.series is None:
            return {**told, "series": [{"name": "", **self._figures(rows)}]}
        found = []
        for member in rows[chart.series].unique(maintain_order=True).to_list():
            own = rows.filter(pl.col(chart.series).eq_missing(pl.lit(member)))
            on = dict(zip(self._labels(own), own[chart.y].to_list(), strict=True))
            name = self._texts(own.head(1), chart.series)[0] or self.words("report.not_recorded")
            found.append({"name": name, "values": [short(on.get(at)) for at in names]})
        return {**told, "series": found}

    def _ticks(self, rows: pl.DataFrame) -> list[str]:
        """The same moments as an axis has room for: no year, no weekday."""
        moments = rows.select(self.chart.x).unique(maintain_order=True)
        first = moments.to_series(0)
        if first.dtype == pl.Date:
            return first.dt.strftime("%m-%d").to_list()
        if isinstance(first.dtype, pl.Datetime):
            return first.dt.convert_time_zone(self.zone.key).dt.strftime("%m-%d %H:%M").to_list()
        return self._labels(moments)

    def _figures(self, rows: pl.DataFrame) -> dict[str, Any]:
        chart = self.chart
        figures: dict[str, Any] = {"values": [short(v) for v in rows[chart.y].cast(pl.Float64).to_list()]}
        if chart.low and chart.high:
            figures["low"] = [short(v) for v in rows[chart.low].cast(pl.Float64).to_list()]
            figures["high"] = [short(v) for v in rows[chart.high].cast(pl.Float64).to_list()]
        return figures

    def _labels(self, rows: pl.DataFrame) -> list[str]:
        """What each row is called; a row without any name is about everything."""
        parts = [self._texts(rows, name) for name in self.chart.x]
        return [" · ".join(part for part in row if part) or self.words("report.registered.everything") for row in zip(*parts, strict=True)]

    def _texts(self, rows: pl.DataFrame, column: str) -> list[str]:
        # What a column of data is called depends on its table.
        beside = [name for name in (column, "table") if name in rows.columns]
        texts = [row[0].text for row in written(rows.select(list(dict.fromkeys(beside))).to_arrow(), self.words, self.zone)]
        if column == "member" and "dimension" in rows.columns:
            return [text or self.words("report.not_recorded") for text in texts]
        return texts

    def _unit(self, rows: pl.DataFrame) -> str:
        """The unit in which the picture writes its figures."""
        table = rows.to_arrow()
        subject = columns.subject(table)
        kind = columns.kind_of(table, self.chart.y)
        about = set(rows[subject].drop_nulls().to_list()) if subject else set()
        if subject and columns.follows_subject(self.chart.y) and len(about) == 1:
            kind = columns.kind_in_row(self.chart.y, columns.UNITS[subject].get(next(iter(about)), "number"))
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
