"""Draws a page from stored results. Nothing is calculated here: what has no result yet is said to be missing."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.core.cache import cache

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.chapter import Desk, LeftOut, NothingToShow
from coachline.report.finding import finding
from coachline.report.page import fragment
from coachline.report.writer import sections
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.base.language import short, words
from coachline.web.org.queries import Perspective
from coachline.web.runs.models import Run
from coachline.web.runs.pages import ResultPage
from coachline.web.runs.queries import answer, key_of_analysis, newest_answers, refusal, result

KEPT_S = 7 * 24 * 3600
PASSPORT_LINK = "/operations/passports/{metric}/"
LINKS: Mapping[str, str] = MappingProxyType({"agent": "/capability/agents/{name}/", "business": "/capability/businesses/{name}/"})


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


@dataclass
class Shelf:
    """Supplies stored results and remembers which, so that what was drawn from them is known to hold as long as these are the newest."""

    eyes: Perspective
    used: dict[str, str] = field(default_factory=dict)
    """Question to the run that answers it; empty where nothing does yet."""
    missing: list[str] = field(default_factory=list)
    excuses: set[str] = field(default_factory=set)
    """What chapters say that only wait for a calculation."""

    def __call__(self, name: str, **parameters: Any) -> Result:
        """The newest stored result of an analysis.

        Raises
        ------
        CoachlineError
            ``not_calculated``; the analysis is then entered in `missing`. Or what the analysis itself refused with.
        """
        run = answer(name, parameters, self.eyes.centre)
        self.used[key_of_analysis(name, parameters, self.eyes.centre)] = str(run.pk) if run else ""
        if run is None or (run.state == Run.State.DONE and not run.folder.exists()):
            self.missing.append(name)
            error = CoachlineError("not_calculated", analysis=words()(f"analysis.{name}.title"))
            self.excuses.add(words()(f"error.{error.code}", **error.facts))
            raise error
        refused = refusal(run)
        if refused is not None:
            raise refused
        return result(run, self.eyes)


def draw(page: ResultPage, eyes: Perspective, since: date | None = None, until: date | None = None) -> Drawn:
    """`page` as these eyes may see it; drawn once for each result, reader's language and circle of people."""
    key = "drawn:" + hashlib.sha256(repr(_circumstances(page, eyes, since, until)).encode()).hexdigest()
    kept: tuple[dict[str, str], Drawn] | None = cache.get(key)
    if kept is not None and newest_answers(kept[0]) == kept[0]:
        return kept[1]
    shelf = Shelf(eyes)
    drawn = _draw(page, shelf, since, until)
    cache.set(key, (shelf.used, drawn), KEPT_S)
    return drawn


def _circumstances(page: ResultPage, eyes: Perspective, since: date | None, until: date | None) -> tuple[Any, ...]:
    """Everything but the results that a page looks different by: even the date, since it says "yesterday"."""
    whom = "*" if eyes.people is None else sorted(eyes.people)
    where = eyes.centre.pk if eyes.centre else ""
    today = datetime.now(centre_settings().zone).date()
    tables = sorted(centre().lake.snapshots())
    return (page, where, whom, since, until, short(), today, tables, importlib.metadata.version("coachline"))


def desk_of(run: Callable[..., Result], since: date | None, until: date | None) -> Desk:
    """The desk on which chapters find their results, whoever supplies these."""
    return Desk(run, centre().facts(), words(), since, until, datetime.now(centre_settings().zone))


def _draw(page: ResultPage, shelf: Shelf, since: date | None, until: date | None) -> Drawn:
    desk = desk_of(shelf, since, until)
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
    found = _finding(desk) if built and page.tells_last_day else ""
    return Drawn(
        html=part.html,
        data=part.data,
        finding=found,
        as_of=desk.as_of,
        left_out=tuple(left for left in desk.left_out if left.why not in shelf.excuses),
        missing=tuple(dict.fromkeys(shelf.missing)),
    )


def _finding(desk: Desk) -> str:
    try:
        return finding(desk)
    except NothingToShow:
        return ""
