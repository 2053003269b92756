"""What may be read of runs and of their results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.stored import load_result, narrow
from coachline.web.base.centre_folder import centre_settings
from coachline.web.org.models import Centre
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import Perspective
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run


def visible_to(user: Any) -> QuerySet[Run]:
    """Runs over facts that `user` may see whole, and those that they asked for themselves."""
    scope = scope_of(user, "runs.view")
    own = Q(asked_by=user)
    if scope.everything or (scope.centres and Centre.objects.count() <= 1):
        return Run.objects.all()
    return Run.objects.filter(own | Q(centre__in=scope.centres))


def latest(name: str, given: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The newest finished run of analysis `name` with these parameters over these facts."""
    parameters = settled(name, given, centre_settings())
    key = key_of("analysis", name, parameters, centre.pk if centre else None)
    return Run.objects.filter(key=key, state=Run.State.DONE).order_by("-finished_at").first()


def pending(kind: str, name: str, parameters: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The same question, waiting or being worked on."""
    key = key_of(kind, name, parameters, centre.pk if centre else None)
    return Run.objects.filter(key=key, state__in=Run.OPEN).first()


def result(run: Run, eyes: Perspective) -> Result:
    """The result of a run as these eyes may see it.

    Raises
    ------
    CoachlineError
        ``result_damaged``, ``result_gone``.
    """
    if run.state != Run.State.DONE or not run.folder.exists():
        raise CoachlineError("result_gone", name=run.name)
    whole = load_result(run.folder)
    return whole if eyes.people is None else narrow(whole, eyes.people)


def stamp(centre: Centre | None) -> str:
    """Changes whenever a result over these facts is added: what was drawn before may then be out of date."""
    newest = Run.objects.filter(centre=centre, state=Run.State.DONE, kind="analysis").order_by("-finished_at").values_list("pk", flat=True)
    return str(newest.first() or "")


def page_run(page: str, parameters: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The last time that somebody asked for this page to be calculated."""
    key = key_of("page", page, parameters, centre.pk if centre else None)
    return Run.objects.filter(key=key).order_by("-asked_at").first()


def last_check(page: str, parameters: Mapping[str, Any], centre: Centre | None) -> datetime | None:
    """When it was last seen whether what the page needs is still up to date: by itself, or with everything."""
    keys = [key_of("page", page, parameters, centre.pk if centre else None), key_of("everything", "everything", {}, None)]
    found = Run.objects.filter(key__in=keys, state=Run.State.DONE).aggregate(at=Max("started_at"))
    at: datetime | None = found["at"]
    return at
