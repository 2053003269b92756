"""An inspection form as data, and the one function that turns answers into a score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from coachline.errors import CoachlineError

Kind = Literal["points", "plus", "minus", "question"]
Fatal = Literal["form", "section"]
WhenWanted = Literal["never", "failed", "always"]
NotApplicable = Literal["left_out", "full"]

FAILED, KEPT, NOT_APPLICABLE = "failed", "kept", "not_applicable"
STATES = (FAILED, KEPT, NOT_APPLICABLE)
"""What a condition may ask of any item; of levels and choices it may ask by their names, too."""

NEAR = 1e-9
"""Points closer than this are the same."""


@dataclass(frozen=True)
class Condition:
    """An item is shown only if item `item` is shown and has one of the states, levels or choices `any_of`."""

    item: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One line of a form.

    Attributes
    ----------
    name : str
    points : float
        The most that can be had (kinds ``points`` and ``plus``) or lost (``minus``). A line with 0 points only says failed or not.
    kind : str
        ``points`` count towards the section; ``plus`` are added to the total, ``minus`` taken off; a ``question`` has no points and only steers.
    levels : mapping of str to float
        Names of the only points that may be given, e.g. ``{"完整": 5, "缺一项": 3, "未说": 0}``; without them any number within the limits.
    choices : tuple of str
        What may be answered to a question.
    fatal : str, optional
        If the line is lost altogether: ``form`` fails the whole call, ``section`` costs all points of the section.
    when : tuple of Condition
        All of them must hold for the line to be shown.
    comment : str
        When a comment must be written: ``never``, ``failed``, ``always``.
    remedy : bool
        Whether what to do instead must be written where the line is failed.
    """

    name: str
    points: float = 0.0
    kind: Kind = "points"
    levels: Mapping[str, float] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    fatal: Fatal | None = None
    when: tuple[Condition, ...] = ()
    comment: WhenWanted = "never"
    remedy: bool = False

    @property
    def lowest(self) -> float:
        """Points of a line that is lost altogether."""
        return -self.points if self.kind == "minus" else 0.0

    @property
    def highest(self) -> float:
        return 0.0 if self.kind == "minus" else self.points


@dataclass(frozen=True)
class Section:
    """Lines that belong together. With a weight, the share of the total that the section makes up; ``fatal``: losing any of its lines fails the call."""

    name: str
    items: tuple[Item, ...]
    weight: float | None = None
    fatal: bool = False


@dataclass(frozen=True)
class Band:
    """A grade such as 优, given from score `low` on."""

    name: str
    low: float


@dataclass(frozen=True)
class Form:
    """A form in one of its versions; `read_form` reads and checks one.

    Attributes
    ----------
    name, version : str
        As inspections name them.
    sections : tuple of Section
        Either all have a weight or none; without weights the points themselves weigh.
    pass_from : float
        Lowest score that passes.
    bands : tuple of Band
        Highest first.
    not_applicable : str
        What a line that does not apply does: ``left_out``, the others make up the whole; ``full``, it counts as kept.
    fatal_score : float
        A call with a fatal error scores no more than this.
    """

    name: str
    version: str
    sections: tuple[Section, ...]
    pass_from: float = 80.0
    bands: tuple[Band, ...] = ()
    not_applicable: NotApplicable = "left_out"
    fatal_score: float = 0.0

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    @property
    def deducts_only(self) -> bool:
        """Nothing is earned: 100 points are there from the start."""
        return not any(item.kind == "points" and item.points > 0 for item in self.items)

    def in_order(self) -> Iterator[Item]:
        """All lines, each after those on which its conditions depend."""
        waiting, done = list(self.items), set[str]()
        while waiting:
            ready = [item for item in waiting if all(condition.item in done for condition in item.when)]
            assert ready, "reading a form refuses conditions that go in a circle"
            yield from ready
            done |= {item.name for item in ready}
            waiting = [item for item in waiting if item.name not in done]

    def band(self, score: float | None) -> str | None:
        return next((band.name for band in self.bands if score is not None and score >= band.low - NEAR), None)


@dataclass(frozen=True)
class Answer:
    """What an inspector enters on one line: points, the name of a level or choice, or just failed or not; or that the line does not apply."""

    points: float | None = None
    value: str | None = None
    failed: bool | None = None
    comment: str | None = None
    remedy: str | None = None

    @property
    def not_applicable(self) -> bool:
        return self.points is None and self.value is None and self.failed is None

    @classmethod
    def of_row(cls, item: Item, points: float | None, failed: bool | None, comment: str | None) -> Answer:
        """The answer that a row of ``inspection_items`` holds: without points and mark it does not apply; a question's answer is its comment."""
        if item.kind == "question":
            return cls(value=comment)
        return cls(points=points, failed=failed, comment=comment)


@dataclass(frozen=True)
class Total:
    """What a sheet comes to.

    Attributes
    ----------
    score : float or None
        0 to 100; None where no line with points applies.
    passed : bool or None
    fatal : tuple of str
        Lines by which the call failed as a whole.
    sections : mapping of str to float or None
        Score of each section, 0 to 100; None where nothing of it applies.
    band : str or None
    failed : tuple of str
        Lines on which points were lost.
    unanswered : tuple of str
        Lines that are shown and have no answer; they count as left out.
    hidden : tuple of str
        Lines with an answer that is ignored because they are not shown.
    missing_comments, missing_remedies : tuple of str
        Lines that demand one and have none.
    """

    score: float | None
    passed: bool | None
    fatal: tuple[str, ...]
    sections: Mapping[str, float | None]
    band: str | None
    failed: tuple[str, ...]
    unanswered: tuple[str, ...]
    hidden: tuple[str, ...]
    missing_comments: tuple[str, ...]
    missing_remedies: tuple[str, ...]


@dataclass(frozen=True)
class _Judged:
    """One line as answered: its points (None: does not apply), whether it is failed or lost altogether, and the choice made."""

    points: float | None
    failed: bool = False
    lost: bool = False
    choice: str | None = None

    def has(self, item: Item, wanted: str) -> bool:
        if self.choice is not None:
            return self.choice == wanted
        if self.points is None:
            return wanted == NOT_APPLICABLE
        if wanted in (FAILED, KEPT):
            return self.failed == (wanted == FAILED)
        return wanted in item.levels and abs(item.levels[wanted] - self.points) < NEAR


def score(form: Form, answers: Mapping[str, Answer], remedy: str | None = None) -> Total:
    """The total of a sheet.

    A section scores the points had out of those that apply; sections count by their weights, those of which nothing applies leave theirs to
    the others. Plus and minus points are added, the sum is kept within 0 to 100, and a fatal error cuts it down to `Form.fatal_score`.

    Parameters
    ----------
    form : Form
    answers : mapping of str to Answer
        By the name of the line; the order does not matter.
    remedy : str, optional
        What to do instead, written for the sheet as a whole; it serves every line.

    Returns
    -------
    Total

    Raises
    ------
    CoachlineError
        ``form_unknown_line``, ``form_points_outside``, ``form_unknown_level``, ``form_unknown_choice``.
    """
    known = {item.name for item in form.items}
    for name in answers:
        if name not in known:
            raise CoachlineError("form_unknown_line", form=form.name, line=name, known=", ".join(item.name for item in form.items))
    of_item = {item.name: item for item in form.items}
    judged: dict[str, _Judged] = {}
    shown: set[str] = set()
    for item in form.in_order():
        if not all(
            condition.item in judged and any(judged[condition.item].has(of_item[condition.item], wanted) for wanted in condition.any_of)
            for condition in item.when
        ):
            continue
        shown.add(item.name)
        if item.name in answers:
            judged[item.name] = _judge(item, answers[item.name])
    sections = {section.name: _of_section(form, section, judged) for section in form.sections}
    fatal = tuple(
        item.name
        for section in form.sections
        for item in section.items
        if item.name in judged and judged[item.name].lost and (section.fatal or item.fatal == "form")
    )
    total = _total(form, sections, judged)
    if fatal:
        total = form.fatal_score if total is None else min(total, form.fatal_score)
    failed = tuple(item.name for item in form.items if item.name in judged and judged[item.name].failed)
    return Total(
        score=total,
        passed=None if total is None else not fatal and total >= form.pass_from - NEAR,
        fatal=fatal,
        sections={name: share for name, (share, _) in sections.items()},
        band=form.band(total),
        failed=failed,
        unanswered=tuple(item.name for item in form.items if item.name in shown and item.name not in answers),
        hidden=tuple(item.name for item in form.items if item.name in answers and item.name not in shown),
        missing_comments=tuple(
            item.name
            for item in form.items
            if item.name in judged
            and (item.comment == "always" or (item.comment == "failed" and item.name in failed))
            and not _written(answers[item.name].comment)
        ),
        missing_remedies=tuple(
            item.name
            for item in form.items
            if item.remedy and item.name in failed and not _written(remedy) and not _written(answers[item.name].remedy)
        ),
    )


def _judge(item: Item, answer: Answer) -> _Judged:
    if answer.not_applicable:
        return _Judged(None)
    if item.kind == "question":
        if answer.value not in item.choices:
            raise CoachlineError("form_unknown_choice", line=item.name, given=answer.value, known=", ".join(item.choices))
        return _Judged(None, choice=answer.value)
    points = answer.points
    if answer.value is not None:
        if answer.value not in item.levels:
            raise CoachlineError("form_unknown_level", line=item.name, given=answer.value, known=", ".join(item.levels) or "-")
        points = item.levels[answer.value]
    if points is None:
        # A mark alone: a plus is only had where its points are written.
        points = item.lowest if answer.failed or item.kind == "plus" else item.highest
    allowed = [*item.levels.values()]
    outside = not item.lowest - NEAR <= points <= item.highest + NEAR or (
        bool(allowed) and min(abs(points - level) for level in allowed) >= NEAR
    )
    if math.isnan(points) or outside:
        raise CoachlineError("form_points_outside", line=item.name, given=points, low=item.lowest, high=item.highest)
    if item.kind == "plus":
        return _Judged(points)
    if item.points == 0:
        return _Judged(0.0, failed=bool(answer.failed), lost=bool(answer.failed))
    return _Judged(points, failed=points < item.highest - NEAR, lost=points <= item.lowest + NEAR)


def _of_section(form: Form, section: Section, judged: Mapping[str, _Judged]) -> tuple[float | None, float]:
    """Score of a section and what it weighs."""
    had, most = 0.0, 0.0
    for item in section.items:
        if item.kind != "points" or item.name not in judged:
            continue
        points = judged[item.name].points
        if points is not None:
            had, most = had + points, most + item.points
        elif form.not_applicable == "full":
            had, most = had + item.points, most + item.points
    if most == 0:
        return None, 0.0
    lost = any(item.fatal == "section" and item.name in judged and judged[item.name].lost for item in section.items)
    return 0.0 if lost else 100.0 * had / most, most if section.weight is None else section.weight


def _total(form: Form, sections: Mapping[str, tuple[float | None, float]], judged: Mapping[str, _Judged]) -> float | None:
    counted = [(share, weight) for share, weight in sections.values() if share is not None]
    weights = sum(weight for _, weight in counted)
    extra = [judged[item.name].points for item in form.items if item.kind in ("plus", "minus") and item.name in judged]
    extra_points = [points for points in extra if points is not None]
    if weights > 0:
        base = sum(share * weight for share, weight in counted) / weights
    elif form.deducts_only and extra_points:
        base = 100.0
    else:
        return None
    return min(max(base + sum(extra_points), 0.0), 100.0)


def _written(text: str | None) -> bool:
    return bool(text and text.strip())
