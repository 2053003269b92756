"""The jobs that calculate what pages need: one page for the days asked for, or everything each night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.utils import timezone, translation

from coachline.centre import Centre as CentreFolder
from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.chapter import NothingToShow
from coachline.web.base.centre_folder import centre_settings, folder
from coachline.web.base.language import CODES
from coachline.web.org.models import Centre
from coachline.web.org.queries import Perspective
from coachline.web.runs.actions import keep_result
from coachline.web.runs.drawing import desk_of, draw
from coachline.web.runs.jobs import Job
from coachline.web.runs.keys import settled
from coachline.web.runs.models import Run
from coachline.web.runs.pages import PAGES, ResultPage
from coachline.web.runs.progress import Progress
from coachline.web.runs.queries import latest, result


def fresh(run: Run | None, versions: dict[str, int]) -> bool:
    """Whether a stored result is what the analysis would give again: same facts, same formulas, still there."""
    if run is None or not run.folder.exists():
        return False
    analysis = ANALYSES[run.name]
    tables = set(analysis.reads) | set(analysis.needs) | set(run.lake if not analysis.reads else ())
    return run.summary.get("version") == analysis.version and all(run.lake.get(t) == versions.get(t) for t in tables)


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
        known = latest(name, given, self.of)
        if known is not None and fresh(known, self.versions):
            return result(known, self.eyes)
        self.progress.say("web.runs.log.calculating", analysis=name)
        parameters = settled(name, given, centre_settings())
        began = timezone.now()
        found = self.opened.run(name, of=self.of.name if self.of else None, **parameters)
        keep_result(found, name, parameters, by=self.run.asked_by, centre=self.of, since=began)
        return found

    def page(self, page: ResultPage, since: date | None, until: date | None) -> None:
        """Everything that `page` needs, and the page itself, drawn in every language for those who may see everybody."""
        desk = desk_of(self, since, until)
        for chapter in page.parts:
            try:
                chapter.blocks(desk)
            except NothingToShow:
                # The page says which chapters the facts do not allow, and why.
                continue
        for code in CODES.values():
            with translation.override(code):
                draw(page, self.eyes, since, until)


def work_page(run: Run, progress: Progress) -> None:
    """Calculate one page: ``run.name`` is its code, the parameters its days."""
    if run.name not in PAGES:
        raise CoachlineError("unknown_page", name=run.name)
    since, until = (date.fromisoformat(day) if (day := run.parameters.get(end)) else None for end in ("since", "until"))
    progress.step("web.runs.step.calculating")
    with CentreFolder(folder()) as opened:
        Calculator(opened, run.centre, run, progress).page(PAGES[run.name], since, until)


def work_everything(run: Run, progress: Progress) -> None:
    """Calculate every page and every analysis that the facts allow, for the group and for each of its centres."""
    centres = list(Centre.objects.all())
    over: Sequence[Centre | None] = [None] if len(centres) <= 1 else [None, *centres]
    steps = len(over) * (len(PAGES) + 1)
    done = 0
    progress.step("web.runs.step.calculating", 0.0)
    with CentreFolder(folder()) as opened:
        for of in over:
            calculator = Calculator(opened, of, run, progress)
            for page in PAGES.values():
                calculator.page(page, None, None)
                done += 1
                progress.share(done / steps)
            for name in ANALYSES:
                _try(partial(calculator, name), name, progress)
            done += 1
            progress.share(done / steps)


def _try(calculate: partial[Result], name: str, progress: Progress) -> None:
    try:
        calculate()
    except CoachlineError as error:
        # One analysis that the facts do not allow is no reason to leave out the others.
        progress.say(
            "web.runs.log.left_out", analysis=name, error=error.code, **{k: str(v) for k, v in error.facts.items() if k != "analysis"}
        )


PAGE_JOB = Job("page", work_page)
EVERYTHING_JOB = Job("everything", work_everything)
