"""The public staff rostering instances of Curtois & Qu (2014) as a problem, and what a roster of theirs costs, counted apart from the solver."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coachline.engine.roster.solver.problem import OFF, Cover, Ints, Problem


@dataclass(frozen=True)
class Instance:
    """An instance as its file tells it: rows of fields by section."""

    sections: dict[str, list[list[str]]]

    @classmethod
    def read(cls, path: Path) -> Instance:
        sections: dict[str, list[list[str]]] = defaultdict(list)
        section = ""
        for line in path.read_text().splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("SECTION_"):
                section = line.removeprefix("SECTION_")
            else:
                sections[section].append(line.split(","))
        return cls(dict(sections))

    @property
    def days(self) -> int:
        return int(self.sections["HORIZON"][0][0])

    def problem(self) -> Problem:
        """As arrays: a post for all, a slot for every shift of a day."""
        shift_rows, staff = self.sections["SHIFTS"], self.sections["STAFF"]
        days, shifts, people = self.days, len(shift_rows), len(staff)
        shift_of = {row[0]: s for s, row in enumerate(shift_rows)}
        person_of = {row[0]: p for p, row in enumerate(staff)}
        follows = np.ones((shifts, shifts), np.bool_)
        for s, row in enumerate(shift_rows):
            for name in filter(None, row[2].split("|") if len(row) > 2 else ()):
                follows[s, shift_of[name]] = False
        most = np.zeros((people, shifts), np.int64)
        for p, row in enumerate(staff):
            for entry in row[1].split("|"):
                name, number = entry.split("=")
                most[p, shift_of[name]] = int(number)
        allowed = np.ones((people, days, shifts), np.bool_) & (most > 0)[:, None, :]
        for row in self.sections.get("DAYS_OFF", ()):
            allowed[person_of[row[0]], [int(day) for day in row[1:]]] = False
        cost = np.zeros((people, days, shifts))
        off_cost = np.zeros((people, days))
        for name, day, shift, weight in self.sections.get("SHIFT_ON_REQUESTS", ()):
            p, d = person_of[name], int(day)
            # Not to get the shift costs the weight, whatever else the day holds.
            cost[p, d] += int(weight)
            cost[p, d, shift_of[shift]] -= int(weight)
            off_cost[p, d] += int(weight)
        for name, day, shift, weight in self.sections.get("SHIFT_OFF_REQUESTS", ()):
            cost[person_of[name], int(day), shift_of[shift]] += int(weight)
        steps, widths = np.zeros((days * shifts, 1, 2)), np.ones((days * shifts, 1, 2))
        for day, shift, requirement, under, over in self.sections["COVER"]:
            cell = int(day) * shifts + shift_of[shift]
            steps[cell, 0] = -int(under), int(over)
            widths[cell, 0, 0] = int(requirement)
        of_person = {name: np.array([int(row[k]) for row in staff], np.int64) for k, name in enumerate(FIELDS, 2)}
        weekday = np.arange(days) % 7
        return Problem(
            minutes=np.array([int(row[1]) for row in shift_rows], np.int64),
            follows=follows,
            weekend=np.where(weekday >= 5, np.arange(days) // 7, -1),
            period=np.zeros(days, np.int64),
            allowed=allowed,
            may_be_off=np.ones((people, days), np.bool_),
            least_minutes=of_person["least_minutes"][:, None],
            most_minutes=of_person["most_minutes"][:, None],
            longest_run=of_person["longest_run"],
            shortest_run=of_person["shortest_run"],
            shortest_rest=of_person["shortest_rest"],
            night=np.zeros(shifts, np.bool_),
            longest_nights=np.full(people, days, np.int64),
            most_weekends=of_person["most_weekends"],
            counted=np.broadcast_to(np.eye(shifts, dtype=np.bool_)[:, None, :], (shifts, days, shifts)),
            most=most,
            run_before=np.zeros(people, np.int64),
            shift_before=np.full(people, OFF, np.int64),
            night_run_before=np.zeros(people, np.int64),
            cost=cost,
            off_cost=off_cost,
            cover=Cover(
                part_shift=np.arange(shifts),
                part_slots=np.eye(shifts),
                slots_a_day=shifts,
                may=np.ones((people, 1), np.bool_),
                skill=np.zeros((people, 1)),
                worth=np.zeros((days * shifts, 1)),
                steps=steps,
                widths=widths,
            ),
        )

    @property
    def everything_missing(self) -> float:
        """Cost of an empty cover, which the problem's costs leave out."""
        return float(sum(int(row[2]) * int(row[3]) for row in self.sections["COVER"]))

    def cost(self, shift: Ints) -> float:
        """What a roster costs, counted line by line from the file; a broken rule is an error.

        Parameters
        ----------
        shift : (people, days) int array

        Raises
        ------
        AssertionError
            A rule is broken.
        """
        shift_rows, staff = self.sections["SHIFTS"], self.sections["STAFF"]
        names = [row[0] for row in shift_rows]
        length = {row[0]: int(row[1]) for row in shift_rows}
        barred = {row[0]: set(filter(None, row[2].split("|"))) if len(row) > 2 else set() for row in shift_rows}
        roster = {row[0]: ["" if s == OFF else names[s] for s in shift[p]] for p, row in enumerate(staff)}
        for row in staff:
            own = roster[row[0]]
            for entry in row[1].split("|"):
                name, number = entry.split("=")
                assert own.count(name) <= int(number), (row[0], name)
            most_minutes, least_minutes, longest, shortest, rest, weekends = map(int, row[2:8])
            minutes = sum(length[s] for s in own if s)
            assert least_minutes <= minutes <= most_minutes, (row[0], minutes)
            assert all(b not in barred[a] for a, b in itertools.pairwise(own) if a and b), row[0]
            pattern = "".join("W" if s else "-" for s in own)
            assert "W" * (longest + 1) not in pattern, (row[0], pattern)
            inner = [m for m in re.finditer(r"W+|-+", pattern) if m.start() > 0 and m.end() < len(pattern)]
            for m in inner:
                assert len(m[0]) >= (shortest if m[0][0] == "W" else rest), (row[0], pattern)
            assert sum("W" in pattern[d + 5 : d + 7] for d in range(0, len(pattern), 7)) <= weekends, (row[0], pattern)
        for row in self.sections.get("DAYS_OFF", ()):
            assert not any(roster[row[0]][int(day)] for day in row[1:]), row
        total = 0
        for name, day, wanted, weight in self.sections.get("SHIFT_ON_REQUESTS", ()):
            total += int(weight) * (roster[name][int(day)] != wanted)
        for name, day, unwanted, weight in self.sections.get("SHIFT_OFF_REQUESTS", ()):
            total += int(weight) * (roster[name][int(day)] == unwanted)
        for day, name, requirement, under, over in self.sections["COVER"]:
            heads = sum(own[int(day)] == name for own in roster.values())
            total += int(under) * max(int(requirement) - heads, 0) + int(over) * max(heads - int(requirement), 0)
        return float(total)


FIELDS = ("most_minutes", "least_minutes", "longest_run", "shortest_run", "shortest_rest", "most_weekends")
