"""The table of contents as a reader may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q

from coachline.centre import Settings
from coachline.engine.analyses import ANALYSES
from coachline.engine.analyses.analysis import Analysis
from coachline.errors import CoachlineError
from coachline.web.org.queries import Perspective
from coachline.web.runs.keys import settled
from coachline.web.runs.models import Run
from coachline.web.runs.queries import verb_of


@dataclass(frozen=True)
class Entry:
    """An analysis with the state of its results.

    Attributes
    ----------
    finished : datetime or None
        When it was last calculated, with whatever parameters.
    open : bool
        Whether a run of it waits or goes on.
    """

    analysis: Analysis
    finished: Any
    open: bool

    @property
    def title(self) -> str:
        """Code of its name."""
        return f"analysis.{self.analysis.name}.title"

    @property
    def summary(self) -> str:
        """Code of the line that says what it answers."""
        return f"analysis.{self.analysis.name}.summary"


def contents(user: Any) -> dict[str, list[Entry]]:
    """Domain to its analyses that `user` may see."""
    states: dict[str, Any] = {
        row["name"]: row
        for row in Run.objects.filter(kind="analysis")
        .values("name")
        .annotate(finished=Max("finished_at", filter=Q(state=Run.State.DONE)), opened=Max("asked_at", filter=Q(state__in=Run.OPEN)))
    }
    found: dict[str, list[Entry]] = {}
    for name, analysis in ANALYSES.items():
        if user.has_perm(verb_of(name)):
            state = states.get(name, {})
            found.setdefault(analysis.domain, []).append(Entry(analysis, state.get("finished"), state.get("opened") is not None))
    return found


def runs_of(name: str, eyes: Perspective) -> Any:
    """Runs of analysis `name` over the facts that these eyes look at, the newest first."""
    return Run.objects.filter(kind="analysis", name=name, centre=eyes.centre).select_related("asked_by", "centre")


def run_of(name: str, run_id: Any, eyes: Perspective) -> Run:
    """One of them.

    Raises
    ------
    CoachlineError
        ``not_there``: there is none, or its facts are not theirs to see.
    """
    run: Run | None = runs_of(name, eyes).filter(pk=run_id).first()
    if run is None:
        raise CoachlineError("not_there", what=name)
    return run


def differences(run: Run, settings: Settings) -> dict[str, str]:
    """Parameters of a run that are other than this centre's own, as a form has them."""
    usual = settled(run.name, {}, settings)
    return {name: _text(value) for name, value in run.parameters.items() if value is not None and usual.get(name) != value}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}={part}" for name, part in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
