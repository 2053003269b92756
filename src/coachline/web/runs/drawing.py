"""Draws a page from stored results. Nothing is calculated here: what has no result yet is said to be missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from django.core.cache import cache

import coachline
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.chapter import Desk, LeftOut, NothingToShow
from coachline.report.finding import finding
from coachline.report.page import fragment
from coachline.report.writer import sections
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.base.language import short, words
from coachline.web.org.queries import Perspective
from coachline.web.runs.pages import ResultPage
from coachline.web.runs.queries import latest, result, stamp

KEPT_S = 7 * 24 * 3600
PASSPORT_LINK = "/operations/passports/{metric}"
LINKS: Mapping[str, str] = MappingProxyType({"agent": "/capability/agents/{name}", "business": "/capability/businesses/{name}"})


@dataclass(frozen=True)
class Drawn:
    """A page, ready to be put into the frame.

    Attributes
    ----------
    html, data : str
        The chapters, and what their pictures are drawn from.
    finding : str
        The one sentence that says what was found; empty where nothing was.
    as_of : datetime or None
        When the oldest of the results was calculated.
    left_out : tuple of LeftOut
        Chapters that the facts do not allow.
    missing : tuple of str
        Analyses that have not been calculated for these days yet.
    """

    html: str
    data: str
    finding: str
    as_of: datetime | None
    left_out: tuple[LeftOut, ...]
    missing: tuple[str, ...]


def draw(page: ResultPage, eyes: Perspective, since: date | None = None, until: date | None = None) -> Drawn:
    """`page` as these eyes may see it; drawn once for each result, reader's language and circle of people."""
    whom = "*" if eyes.people is None else hashlib.sha256("\n".join(sorted(eyes.people)).encode()).hexdigest()
    parts = (page.code, eyes.centre.pk if eyes.centre else "", whom, since, until, short(), stamp(eyes.centre), coachline.__version__)
    key = "drawn:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    drawn: Drawn | None = cache.get(key)
    if drawn is None:
        drawn = _draw(page, eyes, since, until)
        if not drawn.missing:
            cache.set(key, drawn, KEPT_S)
    return drawn


def desk_of(run: Callable[..., Result], since: date | None, until: date | None) -> Desk:
    """The desk on which chapters find their results, whoever supplies these."""
    return Desk(run, centre().facts(), words(), since, until, datetime.now(centre_settings().zone))


def stored(eyes: Perspective, missing: list[str], name: str, **parameters: Any) -> Result:
    """The newest stored result of an analysis.

    Raises
    ------
    CoachlineError
        ``not_calculated``; the analysis is then entered in `missing`.
    """
    run = latest(name, parameters, eyes.centre)
    if run is None:
        missing.append(name)
        raise CoachlineError("not_calculated", analysis=words()(f"analysis.{name}.title"))
    return result(run, eyes)


def _draw(page: ResultPage, eyes: Perspective, since: date | None, until: date | None) -> Drawn:
    missing: list[str] = []
    desk = desk_of(partial(stored, eyes, missing), since, until)
    built = sections(desk, page.parts)
    part = fragment(
        built,
        words=desk.words,
        passports=frozenset(desk.units) if built else frozenset(),
        passport_link=PASSPORT_LINK,
        links=LINKS,
        stores=desk.stores,
        headings=len(page.chapters) > 1,
    )
    moments = [datetime.fromisoformat(found.provenance.when) for found in desk.all_results]
    return Drawn(
        html=part.html,
        data=part.data,
        finding=_finding(desk) if built else "",
        as_of=min(moments, default=None),
        left_out=tuple(desk.left_out),
        missing=tuple(dict.fromkeys(missing)),
    )


def _finding(desk: Desk) -> str:
    try:
        return finding(desk)
    except NothingToShow:
        return ""
