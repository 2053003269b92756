"""Pages about one agent or one business, drawn by the chapters of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report import capability_store
from coachline.report.blocks import Block, Picture
from coachline.report.chapter import Chapter, Desk
from coachline.report.chapters import agent_pages, business_pages
from coachline.report.page import Section, fragment
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words
from coachline.web.capability.queries.sources import Source, bars_of, kept
from coachline.web.runs.drawing import LINKS


@dataclass(frozen=True)
class Part:
    """A picture with its table, ready to be put into a page."""

    html: str
    data: str


@dataclass
class FactsBehind:
    """What chapters ask of facts: the stored results say that there were some."""

    zone: ZoneInfo

    def has(self, name: str) -> bool:
        return True

    def days(self, name: str, column: str) -> tuple[date, date] | None:
        return None


def agent_part(agent_id: str, matrix: Source, agents: Source, trend: Source | None, *, own: bool) -> Part | None:
    """The page of an agent against the band of all colleagues; None where there is no evidence.

    Nobody else's number is in it. For the agent themselves (`own`) strengths stand first, and nothing leads to pages that they may not open.
    """
    sources = [found for found in (matrix, agents, trend) if found is not None]
    return kept(sources, ("agent", agent_id, own), lambda: _agent(agent_id, matrix, agents, trend, own))


def business_part(business: str, matrix: Source, businesses: Source, trend: Source | None) -> Part | None:
    """The page of a business with those of its agents who may be seen; None where there is no evidence."""
    sources = [found for found in (matrix, businesses, trend) if found is not None]
    return kept(sources, ("business", business), lambda: _business(business, matrix, businesses, trend))


def _agent(agent_id: str, matrix: Source, agents: Source, trend: Source | None, own: bool) -> Part | None:
    cells = matrix.everybody("matrix").filter((pl.col("agent_id") == agent_id) & (pl.col("n") > 0)).collect()
    if cells.is_empty():
        return None
    results = {
        "capability.matrix": matrix.part(matrix=cells),
        # Of the others only the band, the middle and how many they are get onto the page.
        "capability.agents": agents.part(agents=agents.everybody("agents").collect()),
    }
    if trend is not None:
        about = (pl.col("agent_id").is_null() | (pl.col("agent_id") == agent_id)) & pl.col("business").is_null()
        results["capability.trend"] = trend.part(trend=trend.everybody("trend").filter(about).collect())
    return _drawn(
        agent_pages.CHAPTER, results, bars_of(matrix), words()("web.capability.agent.picture"), _of_agent(own), {} if own else LINKS
    )


def _business(business: str, matrix: Source, businesses: Source, trend: Source | None) -> Part | None:
    cells = matrix.rows("matrix").filter((pl.col("business") == business) & (pl.col("n") > 0)).collect()
    if cells.is_empty():
        return None
    results = {
        "capability.matrix": matrix.part(matrix=cells),
        "capability.businesses": businesses.part(businesses=businesses.everybody("businesses").collect()),
    }
    if trend is not None:
        about = pl.col("agent_id").is_null() & (pl.col("business").is_null() | (pl.col("business") == business))
        results["capability.trend"] = trend.part(trend=trend.everybody("trend").filter(about).collect())
    return _drawn(business_pages.CHAPTER, results, bars_of(matrix), words()("web.capability.business.picture"), {}, LINKS)


def _of_agent(own: bool) -> dict[str, Any]:
    return {"strengths_first": True} if own else {}


def _drawn(
    chapter: Chapter, results: Mapping[str, Result], compared: pl.DataFrame, title: str, more: Mapping[str, Any], links: Mapping[str, str]
) -> Part:
    def stored(name: str, **parameters: Any) -> Result:
        if name not in results:
            raise CoachlineError("not_calculated", analysis=words()(f"analysis.{name}.title"))
        return results[name]

    zone = centre_settings().zone
    desk = Desk(stored, FactsBehind(zone), words(), None, None, datetime.now(zone))
    known = desk.capability
    desk.stores[capability_store.NAME] = capability_store.packed(
        known.seen, known.measures, known.agents, known.businesses, compared, desk.words
    )
    blocks = [_entitled(block, title, more) for block in chapter.blocks(desk) if isinstance(block, Picture)]
    part = fragment(
        [Section(chapter.code, blocks)], words=desk.words, passports=frozenset(), links=links, stores=desk.stores, headings=False
    )
    return Part(part.html, part.data)


def _entitled(block: Picture, title: str, more: Mapping[str, Any]) -> Block:
    spec = {**block.spec, **more}
    if "overall" in spec:
        spec["overall"] = {code: _without_low_ranks(overall) for code, overall in spec["overall"].items()}
    return replace(block, title=title, caption=None, spec=spec, table=replace(block.table, caption=title))


def _without_low_ranks(overall: Mapping[str, Any]) -> dict[str, Any]:
    """The picture shows no rank below the middle, so the page carries none either."""
    middle = math.ceil(overall["people"] / 2)
    shown = [worst is not None and worst <= middle for worst in overall["worst"]]
    return {**overall, **{end: _where(shown, overall[end]) for end in ("best", "worst")}}


def _where(shown: Sequence[bool], values: Sequence[Any]) -> list[Any]:
    return [value if keep else None for keep, value in zip(shown, values, strict=True)]
