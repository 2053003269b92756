"""What may be read of runs and of their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet

from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.stored import load_result, narrow
from coachline.web.accounts.roles import VERBS
from coachline.web.base.centre_folder import centre_settings
from coachline.web.org.models import Centre
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import Perspective
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run, Timetable

VIEW = {"facts": "facts.quality"}
"""Domains whose analyses are seen under another verb than ``<domain>.view``."""


def verb_of(name: str) -> str:
    """What a reader must be allowed to do to see results of analysis `name`.

    Raises
    ------
    CoachlineError
        ``unknown_analysis``.
    """
    if name not in ANALYSES:
        raise CoachlineError("unknown_analysis", name=name, known=", ".join(ANALYSES))
    domain = ANALYSES[name].domain
    verb = VIEW.get(domain, f"{domain}.view")
    assert verb in VERBS, verb
    return verb


def visible_to(user: Any) -> QuerySet[Run]:
    """Runs over facts that `user` may see whole, and those that they asked for themselves."""
    scope = scope_of(user, "runs.view")
    if scope.everything or (scope.centres and Centre.objects.count() <= 1):
        return Run.objects.all()
    return Run.objects.filter(Q(asked_by=user) | Q(centre__in=scope.centres))


def listed(user: Any, *, state: str = "", kind: str = "", mine: bool = False, of: Run | None = None) -> QuerySet[Run]:
    """Runs that `user` may see, the newest first: those that were asked for, or what was calculated in the course of one of them."""
    found = visible_to(user).filter(within=of).select_related("centre", "asked_by")
    if state == "open":
        found = found.filter(state__in=Run.OPEN)
    elif state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(asked_by=user) if mine else found


def answers() -> QuerySet[Run]:
    """Finished analyses: those with a result, and those that refused, since the facts do not allow them."""
    return Run.objects.filter(Q(state=Run.State.DONE) | Q(state=Run.State.FAILED, summary__has_key="version"), kind="analysis")


def answer(name: str, given: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The newest answer of analysis `name` with these parameters over these facts, be it a result or a refusal."""
    return answers().filter(key=key_of_analysis(name, given, centre)).order_by("-finished_at").first()


def newest_answers(keys: Iterable[str]) -> dict[str, str]:
    """The run of the newest answer to each of these questions; empty where there is none."""
    found = answers().filter(key__in=list(keys)).order_by("finished_at").values_list("key", "pk")
    return dict.fromkeys(keys, "") | {key: str(pk) for key, pk in found}


def refusal(run: Run) -> CoachlineError | None:
    """What the analysis refused with; None where it has a result."""
    return CoachlineError(run.error["code"], **run.error["facts"]) if run.state == Run.State.FAILED and run.error else None


def latest(name: str, given: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The newest finished run of analysis `name` with these parameters over these facts."""
    return Run.objects.filter(key=key_of_analysis(name, given, centre), state=Run.State.DONE).order_by("-finished_at").first()


def key_of_analysis(name: str, given: Mapping[str, Any], centre: Centre | None) -> str:
    return key_of("analysis", name, settled(name, given, centre_settings()), centre.pk if centre else None)


def pending(kind: str, name: str, parameters: Mapping[str, Any], centre: Centre | None) -> Run | None:
    """The same question, waiting or being worked on."""
    key = key_of(kind, name, parameters, centre.pk if centre else None)
    return Run.objects.filter(key=key, state__in=Run.OPEN).first()


def result(run: Run, eyes: Perspective) -> Result:
    """The result of a run as these eyes may see it.

    Raises
    ------
    CoachlineError
        ``result_damaged``, ``result_gone``; ``result_hidden`` where what it is about are people whom they may not see.
    """
    if run.state != Run.State.DONE or not run.folder.exists():
        raise CoachlineError("result_gone", name=run.name)
    whole = load_result(run.folder)
    if eyes.people is None:
        return whole
    narrowed = narrow(whole, eyes.people)
    if narrowed.main in narrowed.hidden:
        raise CoachlineError("result_hidden")
    return narrowed


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


FIRST_HOUR = time(3, 0)
"""When everything is calculated until somebody chooses another hour."""


def timetable() -> Timetable:
    """The one row of the timetable."""
    found = Timetable.objects.order_by("pk").first()
    return found or Timetable.objects.get_or_create(pk=1, defaults={"at": FIRST_HOUR})[0]


def next_night(found: Timetable, now: datetime) -> datetime | None:
    """The next start, on the wall clock of `now`; None where it is switched off."""
    if not found.enabled:
        return None
    done = found.last_day == now.date()
    return datetime.combine(now.date() + timedelta(days=done), found.at, tzinfo=now.tzinfo)
