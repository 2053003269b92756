"""The desk: results from wherever they come, and as of when what is told from them holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.chapter import Desk
from coachline.report.chapters import CHAPTERS
from coachline.report.writer import sections
from coachline.wording import Wording
from tests.report.conftest import ZONE, run_on

NOW = datetime(2026, 3, 2, 8, tzinfo=ZONE)


class Shelf:
    """Results and refusals that were calculated before, each asked for as often as one likes."""

    def __init__(self, centre: Facts) -> None:
        self.run = run_on(centre)
        self.asked: list[str] = []
        self.closed = False
        self.kept: dict[tuple[str, str], Result | CoachlineError] = {}

    def __call__(self, name: str, **parameters: Any) -> Result:
        self.asked.append(name)
        key = (name, repr(sorted(parameters.items())))
        if key not in self.kept:
            assert not self.closed, f"{name} was not calculated before"
            try:
                self.kept[key] = self.run(name, **parameters)
            except CoachlineError as refused:
                self.kept[key] = refused
        known = self.kept[key]
        if isinstance(known, CoachlineError):
            raise known
        return known


@pytest.fixture(scope="module")
def shelf(centre: Facts) -> Shelf:
    return Shelf(centre)


def desk_over(shelf: Shelf, centre: Facts) -> Desk:
    return Desk(shelf, centre, Wording("zh"), None, None, NOW)


def test_chapters_take_results_from_the_desk_only_and_each_once(centre: Facts, shelf: Shelf) -> None:
    first = sections(desk_over(shelf, centre), CHAPTERS)
    shelf.closed, shelf.asked = True, []
    again = sections(desk_over(shelf, centre), CHAPTERS)
    assert [section.code for section in again] == [section.code for section in first]
    assert len(shelf.asked) == len(set(shelf.asked))


def test_what_is_told_holds_as_of_the_oldest_result(centre: Facts) -> None:
    run = run_on(centre)
    moments = iter(["2026-03-01T09:00:00+08:00", "2026-03-01T00:30:00+00:00"])

    def dated(name: str, **parameters: Any) -> Result:
        found = run(name, **parameters)
        return replace(found, provenance=replace(found.provenance, when=next(moments)))

    desk = Desk(dated, centre, Wording("zh"), None, None, NOW)
    assert desk.as_of is None
    desk.result("operations.passports")
    desk.result("operations.daily")
    assert desk.as_of == datetime(2026, 3, 1, 8, 30, tzinfo=ZONE)
