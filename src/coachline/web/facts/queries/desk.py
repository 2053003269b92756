"""The data-quality desk: faults as the newest stored reading has them, each with its ticket and what it harms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import F, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from coachline.engine.analyses import ANALYSES
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.report.issues import folded, names
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import holders
from coachline.web.facts.models import Finding, Ticket
from coachline.web.org.models import Centre, Grant
from coachline.web.org.permissions import require_scope
from coachline.web.org.queries import Perspective
from coachline.web.runs.models import Run
from coachline.web.runs.pages import PAGES
from coachline.web.runs.queries import latest, result

QUALITY = "facts.quality"
SEVERITIES = ("high", "medium", "low")
KEPT_S = 24 * 3600
LONGEST_TREND = 60
"""Readings that a trend shows."""


@dataclass(frozen=True)
class Fault:
    """One fault of the newest reading, folded as in the report.

    Attributes
    ----------
    many : int
        Cases beyond those that are listed singly; such a row has no count of its own.
    ticket : Ticket or None
    """

    table: str
    columns: tuple[str, ...]
    issue: str
    severity: str
    rows: int | None
    share: float | None
    example: str
    harms: tuple[str, ...]
    many: int = 0
    ticket: Ticket | None = None


@dataclass(frozen=True)
class Desk:
    """What the newest reading found.

    Attributes
    ----------
    run : Run or None
        None where nothing was calculated yet.
    counts : dict
        Faults by severity.
    columns : list of dict
        The profile: a row for each column of each table.
    """

    run: Run | None
    faults: tuple[Fault, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    columns: Sequence[dict[str, Any]] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that the reading looked at, in their usual order."""
        seen = {row["table"] for row in self.columns}
        return tuple(name for name in TABLES if name in seen)


def desk(eyes: Perspective) -> Desk:
    """The newest stored reading as these eyes may see it."""
    run = latest(QUALITY, {}, eyes.centre)
    if run is None:
        return Desk(None)
    kept = cache.get(f"facts.desk:{run.pk}")
    if kept is None:
        try:
            found = result(run, Perspective(eyes.centre))
        except CoachlineError:
            # The result has been tidied away: the page offers to calculate anew.
            return Desk(None)
        issues = sorted(found.table("issues").to_pylist(), key=lambda i: (SEVERITIES.index(i["severity"]), -(i["share"] or 0)))
        kept = {"issues": folded(issues), "columns": found.table("columns").to_pylist(), "values": dict(found.values)}
        cache.set(f"facts.desk:{run.pk}", kept, KEPT_S)
    tickets = {
        (ticket.table, ticket.issue, column): ticket
        for ticket in Ticket.objects.filter(centre=eyes.centre).select_related("owner")
        for column in ticket.columns
    }
    faults = tuple(_fault(issue, tickets) for issue in kept["issues"])
    counts = {severity: int(kept["values"].get(severity) or 0) for severity in SEVERITIES}
    return Desk(run, faults, counts, kept["columns"])


def chosen(faults: Iterable[Fault], *, table: str = "", severity: str = "", harmed: str = "", ticket: str = "") -> list[Fault]:
    """The faults that fit every filter that is set; `ticket` is ``none`` or ``some``."""
    return [
        fault
        for fault in faults
        if (not table or fault.table == table)
        and (not severity or fault.severity == severity)
        and (not harmed or harmed in fault.harms)
        and (not ticket or (fault.ticket is None) == (ticket == "none"))
    ]


@dataclass(frozen=True)
class Effect:
    """An analysis that a fault harms, and the page on which it is seen, if there is one."""

    analysis: str
    address: str


def effects(harms: Iterable[str]) -> list[Effect]:
    """Which results suffer, each with its page."""
    return [Effect(name, _page_of(name)) for name in harms if name in ANALYSES]


def tickets(user: Any, verb: str = QUALITY) -> QuerySet[Ticket]:
    """Tickets that `user` may see (or, by another verb, work on).

    Raises
    ------
    NoPermission
    """
    scope = require_scope(user, verb)
    found = Ticket.objects.select_related("owner", "centre")
    if scope.everything:
        return found
    of_all = Q(centre=None) if Centre.objects.count() <= 1 else Q(pk=None)
    return found.filter(Q(centre__in=scope.centres) | of_all) if scope.centres else found.none()


def listed(
    found: QuerySet[Ticket], *, state: str = "", owner: int | None = None, table: str = "", late_on: date | None = None
) -> QuerySet[Ticket]:
    """Tickets that fit the filters; those that wait for somebody first, by day, then by rows. `state` may be ``active``."""
    if state == "active":
        found = found.filter(state__in=Ticket.ACTIVE)
    elif state:
        found = found.filter(state=state)
    if owner is not None:
        found = found.filter(owner=owner)
    if table:
        found = found.filter(table=table)
    if late_on is not None:
        found = found.filter(due__lt=late_on, state__in=Ticket.ACTIVE)
    return found.order_by(F("due").asc(nulls_last=True), "-rows", "pk")


def owners(user: Any) -> QuerySet[User]:
    """Who can see the desk, and so can answer for a ticket: those of the centres that `user` sees, and those of the group.

    Raises
    ------
    NoPermission
    """
    scope = require_scope(user, QUALITY)
    grants = Grant.objects.filter(role__in=holders(QUALITY))
    if not scope.everything:
        grants = grants.filter(Q(centre__in=scope.centres) | Q(centre=None, team=None))
    return User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name", "username")


@dataclass(frozen=True)
class Point:
    """A reading of a ticket's fault; no rows where it was not found."""

    at: Any
    rows: int
    share: float | None


def trend(ticket: Ticket) -> list[Point]:
    """Rows over the last readings of these facts, oldest first."""
    from coachline.web.facts.models import Reading

    readings = list(Reading.objects.filter(centre=ticket.centre)[:LONGEST_TREND])
    found: dict[int, Finding] = {}
    for finding in Finding.objects.filter(reading__in=readings, table=ticket.table, issue=ticket.issue, column__in=ticket.columns):
        known = found.get(finding.reading_id)
        if known is None or finding.rows > known.rows:
            found[finding.reading_id] = finding
    return [
        Point(reading.at, found[reading.pk].rows if reading.pk in found else 0, found[reading.pk].share if reading.pk in found else 0.0)
        for reading in reversed(readings)
    ]


def _fault(issue: dict[str, Any], tickets: dict[tuple[str, str, str], Ticket]) -> Fault:
    columns = tuple(names(issue["column"])) or ("",)
    ticket = next((found for column in columns if (found := tickets.get((issue["table"], issue["issue"], column)))), None)
    return Fault(
        table=issue["table"],
        columns=columns,
        issue=issue["issue"],
        severity=issue["severity"],
        rows=issue["rows"],
        share=issue["share"],
        example=issue["example"] or "",
        harms=tuple(names(issue["harms"])),
        many=issue["many"],
        ticket=ticket,
    )


def _page_of(analysis: str) -> str:
    """Address of the first page that shows an analysis; empty where it has none."""
    for page in PAGES.values():
        if page.code != QUALITY and any(need.analysis == analysis for chapter in page.parts for need in chapter.needs):
            slice_name, _, rest = page.code.partition(".")
            try:
                return reverse(f"{slice_name}:{rest}")
            except NoReverseMatch:
                continue
    return ""
