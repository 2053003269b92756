"""The job that runs one analysis and keeps its result."""

from __future__ import annotations

from django.urls import reverse

from coachline.centre import Centre as CentreFolder
from coachline.engine.analyses import ANALYSES
from coachline.stored import save_result
from coachline.web.base.centre_folder import folder
from coachline.web.runs.actions import summary_of
from coachline.web.runs.jobs import Job, Link
from coachline.web.runs.models import Run
from coachline.web.runs.progress import Progress
from coachline.web.runs.queries import verb_of


def work(run: Run, progress: Progress) -> None:
    """Run the analysis that `run` names over the facts of its centre."""
    progress.step("web.runs.step.calculating")
    with CentreFolder(folder()) as opened:
        run.lake, run.summary = opened.facts().versions, {"version": ANALYSES[run.name].version}
        result = opened.run(run.name, of=run.centre.name if run.centre else None, **run.parameters)
        progress.step("web.runs.step.keeping")
        save_result(result, run.folder)
    run.lake, run.summary = dict(result.provenance.lake), summary_of(result)


def link(run: Run) -> Link:
    return Link(reverse("analyses:result", args=[run.name, run.pk]), verb_of(run.name))


JOB = Job("analysis", work, link=link)
