"""The jobs that calculate what pages need: one page for the days asked for, or everything each night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from coachline.centre import Centre as CentreFolder
from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.chapter import NothingToShow
from coachline.report.writer import write_report
from coachline.web.accounts.models import User
from coachline.web.base.centre_folder import centre_settings, folder
from coachline.web.base.language import CODES
from coachline.web.base.refusals import NoPermission
from coachline.web.org.actions import sync_from_facts
from coachline.web.org.models import Centre, Grant
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs.actions import account_of, keep_refusal, keep_result
from coachline.web.runs.days import SPANS, Days, last_whole_day, newest_day
from coachline.web.runs.drawing import desk_of, draw
from coachline.web.runs.jobs import Job, Link
from coachline.web.runs.keys import settled
from coachline.web.runs.models import Run
from coachline.web.runs.pages import PAGES, ResultPage
from coachline.web.runs.progress import Progress
from coachline.web.runs.queries import answer, refusal, result

ALWAYS_READ = ("agents", "calls")
"""Tables by which facts are narrowed to one centre, whatever the analysis reads."""

MOSTLY = 0.95
"""How much of everything is done once all is calculated and only pages of teams are left to be drawn."""


def fresh(run: Run, versions: Mapping[str, int]) -> bool:
    """Whether a stored answer is what the analysis would give again: same facts, same formulas, still there."""
    analysis = ANALYSES[run.name]
    tables = {*analysis.reads, *analysis.needs} if analysis.reads else {*run.lake, *versions}
    if run.centre_id is not None:
        tables.update(ALWAYS_READ)
    there = run.state != Run.State.DONE or run.folder.exists()
    return there and run.summary.get("version") == analysis.version and all(run.lake.get(t) == versions.get(t) for t in tables)


class Calculator:
    """Supplies results, calculating those that are missing or out of date; each becomes a finished run of its own."""

    def __init__(self, opened: CentreFolder, of: Centre | None, run: Run, progress: Progress) -> None:
        self.opened = opened
        self.of = of
        self.run = run
        self.progress = progress
        self.versions = opened.facts().versions
        self.eyes = Perspective(of)

    def __call__(self, name: str, **given: Any) -> Result:
        known = answer(name, given, self.of)
        if known is not None and fresh(known, self.versions):
            refused = refusal(known)
            if refused is not None:
                raise refused
            return result(known, self.eyes)
        self.progress.say("web.runs.log.calculating", analysis=name)
        parameters = settled(name, given, centre_settings())
        began = timezone.now()
        try:
            found = self.opened.run(name, of=self.of.name if self.of else None, **parameters)
        except CoachlineError as error:
            version = ANALYSES[name].version
            keep_refusal(
                error, name, parameters, within=self.run, centre=self.of, since=began, lake=self.opened.facts().versions, version=version
            )
            raise
        keep_result(found, name, parameters, within=self.run, centre=self.of, since=began)
        return found

    def page(self, page: ResultPage, days: Days) -> None:
        """Everything that `page` needs, and the page itself, drawn in every language for those who may see everybody."""
        desk = desk_of(self, days.since, days.until)
        for chapter in page.parts:
            # The page says which chapters the facts do not allow, and why.
            with suppress(NothingToShow):
                chapter.blocks(desk)
        draw_in_every_language(page, self.eyes, days)


def draw_in_every_language(page: ResultPage, eyes: Perspective, days: Days) -> None:
    for code in CODES.values():
        with translation.override(code):
            draw(page, eyes, days.since, days.until)


def work_page(run: Run, progress: Progress) -> None:
    """Calculate one page: ``run.name`` is its code, the parameters its days."""
    if run.name not in PAGES:
        raise CoachlineError("unknown_page", name=run.name)
    since, until = (date.fromisoformat(day) if (day := run.parameters.get(end)) else None for end in ("since", "until"))
    progress.step("web.runs.step.calculating")
    with CentreFolder(folder()) as opened:
        Calculator(opened, run.centre, run, progress).page(PAGES[run.name], Days(since, until))


@dataclass(frozen=True)
class Piece:
    """A part of everything: a page for some days, or an analysis by itself."""

    of: Centre | None
    page: ResultPage | None = None
    days: Days = field(default_factory=Days)
    analysis: str = ""


def work_everything(run: Run, progress: Progress) -> None:
    """Calculate every page and every analysis that the facts allow, for the group and for each of its centres, and draw the pages."""
    progress.step("web.runs.step.organisation", 0.0)
    with CentreFolder(folder()) as opened:
        run.lake = opened.facts().versions
        Run.objects.filter(pk=run.pk).update(lake=run.lake)
        if not run.lake:
            return
        sync_from_facts(by=None)
        pieces = list(_pieces())
        calculator = Calculator(opened, None, run, progress)
        progress.step("web.runs.step.calculating", 0.0)
        for done, piece in enumerate(pieces):
            if piece.of != calculator.of:
                calculator = Calculator(opened, piece.of, run, progress)
            if piece.page is not None:
                calculator.page(piece.page, piece.days)
            else:
                _try(calculator, piece.analysis, progress)
            progress.share(MOSTLY * (done + 1) / len(pieces))
        progress.step("web.runs.step.drawing", MOSTLY)
        circles = list(_circles())
        for done, (page, eyes) in enumerate(circles):
            draw_in_every_language(page, eyes, Days())
            progress.share(MOSTLY + (1 - MOSTLY) * (done + 1) / len(circles))


def _pieces() -> Iterator[Piece]:
    """Pages first, and of these what everybody looks at in the morning: the group, then each centre; analyses that have no page last."""
    centres = list(Centre.objects.all())
    over: list[Centre | None] = [None] if len(centres) <= 1 else [None, *centres]
    last = last_whole_day(datetime.now(centre_settings().zone).date(), newest_day())
    for of in over:
        for page in PAGES.values():
            yield Piece(of, page)
            yield from (Piece(of, page, SPANS[span](last)) for span in page.spans)
    for of in over:
        yield from (Piece(of, analysis=name) for name in ANALYSES)


def _circles() -> Iterator[tuple[ResultPage, Perspective]]:
    """Pages as those see them who may see a team and no more; each circle of people once."""
    seen = set()
    for user in User.objects.filter(is_active=True, pk__in=Grant.objects.exclude(team=None).values("user")):
        for page in PAGES.values():
            try:
                eyes = perspective(user, page.verb)
            except NoPermission:
                continue
            circle = (page.code, eyes.centre, eyes.people)
            if eyes.people is not None and circle not in seen:
                seen.add(circle)
                yield page, eyes


def work_report(run: Run, progress: Progress) -> None:
    """Write the report, as ``coachline report`` does, from what has been calculated."""
    progress.step("web.runs.step.calculating")
    with CentreFolder(folder()) as opened:
        calculator = Calculator(opened, None, run, progress)
        out = folder() / "reports" / "report.html"
        write_report(calculator, opened.facts(), out, title=opened.settings.name, language=run.parameters.get("language"))


def _try(calculator: Calculator, name: str, progress: Progress) -> None:
    try:
        calculator(name)
    except CoachlineError as error:
        # One analysis that the facts do not allow is no reason to leave out the others.
        progress.say("web.runs.log.left_out", analysis=name, reason=account_of(error))


def link(run: Run) -> Link | None:
    """A page stands at the address that bears its code; one that a former version had stands nowhere."""
    if run.name not in PAGES:
        return None
    asked = {**run.parameters, "centre": run.centre.name if run.centre else None}
    query = urlencode({name: value for name, value in asked.items() if value})
    return Link(reverse(run.name.replace(".", ":")) + (f"?{query}" if query else ""), PAGES[run.name].verb)


PAGE_JOB = Job("page", work_page, link=link)
EVERYTHING_JOB = Job("everything", work_everything)
REPORT_JOB = Job("report", work_report)
