"""From candidates to groups: what is taught together, who comes, and who finds no place.

A greedy search that can be followed: businesses of one family are taken together where that serves more, everybody's hours go to what gains most per hour,
and a group that stays too small is given up, smallest gain first, so that its people's hours are free again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coachline.engine.training.settings import GroupSettings

SHARED_FROM = 2.0 / 3.0
"""Share of the people of two trainings who need both, from which one session serves them."""


@dataclass(frozen=True)
class Candidate:
    """A pair that may get a place.

    Attributes
    ----------
    agent_id, business : str
    family : int
    team : str or None
    priority : float
        What the place is worth.
    hours : float
        Of training in this business alone.
    """

    agent_id: str
    business: str
    family: int
    team: str | None
    priority: float
    hours: float


@dataclass(frozen=True)
class Formed:
    """A group: what it is about, how long it takes, and who comes, with everybody's pairs."""

    businesses: tuple[str, ...]
    hours: float
    people: Mapping[str, tuple[Candidate, ...]]

    @property
    def worth(self) -> float:
        return sum(pair.priority for pairs in self.people.values() for pair in pairs)


@dataclass(frozen=True)
class Formation:
    """Groups, the worthiest first, and the pairs without a place, each with the code of the reason."""

    groups: tuple[Formed, ...]
    left_out: Mapping[tuple[str, str], str]


class Course:
    """Businesses that may be taught in one session, with everybody who needs any of them."""

    def __init__(self, pairs: Iterable[Candidate]) -> None:
        self.people: dict[str, list[Candidate]] = defaultdict(list)
        of: dict[str, float] = {}
        for pair in pairs:
            self.people[pair.agent_id].append(pair)
            of[pair.business] = pair.hours
        self.businesses = tuple(sorted(of))
        self.hours = sum(of.values())

    @property
    def pairs(self) -> list[Candidate]:
        return [pair for pairs in self.people.values() for pair in pairs]

    @property
    def worth(self) -> float:
        return sum(pair.priority for pair in self.pairs)

    def worth_per_hour(self) -> float:
        """Of each person's hour."""
        return self.worth / (len(self.people) * self.hours)


def form(given: Sequence[Candidate], hours_left: Mapping[str, float], grouping: GroupSettings) -> Formation:
    """Form groups.

    Parameters
    ----------
    given : sequence of Candidate
    hours_left : mapping of str to float
        Hours that each person may still be trained; who is not named has the whole of ``grouping.hours_cap``.
    grouping : GroupSettings
    """
    left_out: dict[tuple[str, str], str] = {}
    courses = bundled(given, grouping)
    while True:
        attending = attended(courses, hours_left, grouping)
        small = [n for n, people in enumerate(attending) if len(people) < grouping.least_size]
        if not small:
            break
        # Those that can never fill go at once; else one at a time, for the people of the one that is given up may fill another.
        hopeless = [n for n in small if _able(courses[n], hours_left, grouping) < grouping.least_size]
        least = set(
            hopeless or [min(small, key=lambda n: (sum(_worth(people) for people in attending[n].values()), courses[n].businesses))]
        )
        for n in least:
            left_out |= {(pair.agent_id, pair.business): "too_few" for pair in courses[n].pairs}
        courses = [course for n, course in enumerate(courses) if n not in least]
    groups: list[Formed] = []
    for course, people in zip(courses, attending, strict=True):
        left_out |= {(p.agent_id, p.business): "hours_used_up" for who, pairs in course.people.items() if who not in people for p in pairs}
        parts, over = split(people, grouping)
        left_out |= {(pair.agent_id, pair.business): "group_full" for pair in over}
        groups += [Formed(course.businesses, course.hours, part) for part in parts]
    groups.sort(key=lambda group: (-group.worth, group.businesses, min(group.people)))
    for group in groups[grouping.most_groups :]:
        left_out |= {(pair.agent_id, pair.business): "too_many_groups" for pairs in group.people.values() for pair in pairs}
    return Formation(tuple(groups[: grouping.most_groups]), left_out)


def bundled(given: Sequence[Candidate], grouping: GroupSettings) -> list[Course]:
    """One course per business, and one for several of a family where that serves more.

    Two are taken together if the session stays short enough, and

    - both have too few people alone, and together enough; or
    - one has too few, and what the added hours gain per hour is no less than what the other gains; or
    - at least two thirds of all who would come need both.
    """
    by_business: dict[tuple[int, str], list[Candidate]] = defaultdict(list)
    for pair in given:
        by_business[pair.family, pair.business].append(pair)
    by_family: dict[int, list[Course]] = defaultdict(list)
    for (family, _), pairs in sorted(by_business.items()):
        by_family[family].append(Course(pairs))
    return [course for _, courses in sorted(by_family.items()) for course in _merged(courses, grouping)]


def _merged(courses: list[Course], grouping: GroupSettings) -> list[Course]:
    while True:
        best: tuple[float, int, int, Course] | None = None
        for one in range(len(courses)):
            for other in range(one + 1, len(courses)):
                both = Course([*courses[one].pairs, *courses[other].pairs])
                if serves_more(courses[one], courses[other], both, grouping) and (best is None or both.worth_per_hour() > best[0]):
                    best = (both.worth_per_hour(), one, other, both)
        if best is None:
            return courses
        courses = [*(course for n, course in enumerate(courses) if n not in best[1:3]), best[3]]


def serves_more(one: Course, other: Course, both: Course, grouping: GroupSettings) -> bool:
    """Whether two courses of a family are better taught in one session; see `bundled`."""
    if both.hours > grouping.bundle_hours + 1e-9 or not common_path(both.businesses):
        return False
    if len(both.people) < grouping.least_size:
        return False
    few = [course for course in (one, other) if len(course.people) < grouping.least_size]
    if len(few) == 2:
        return True
    if len(few) == 1:
        stays = other if few[0] is one else one
        added = len(both.people) * both.hours - len(stays.people) * stays.hours
        return few[0].worth / added >= stays.worth_per_hour()
    return len(one.people.keys() & other.people.keys()) >= SHARED_FROM * len(both.people)


def attended(courses: Sequence[Course], hours_left: Mapping[str, float], grouping: GroupSettings) -> list[dict[str, tuple[Candidate, ...]]]:
    """Who comes to which course if everybody's hours go to what gains most per hour."""
    wishes = sorted(
        ((-_worth(pairs) / course.hours, who, n) for n, course in enumerate(courses) for who, pairs in course.people.items()),
    )
    left = {who: hours_left.get(who, grouping.hours_cap) for _, who, _ in wishes}
    coming: list[dict[str, tuple[Candidate, ...]]] = [{} for _ in courses]
    for _, who, n in wishes:
        if courses[n].hours <= left[who] + 1e-9:
            left[who] -= courses[n].hours
            coming[n][who] = tuple(courses[n].people[who])
    return coming


def _able(course: Course, hours_left: Mapping[str, float], grouping: GroupSettings) -> int:
    """How many have the hours for a course if they attend no other."""
    return sum(course.hours <= hours_left.get(who, grouping.hours_cap) + 1e-9 for who in course.people)


def split(
    people: Mapping[str, tuple[Candidate, ...]], grouping: GroupSettings
) -> tuple[list[dict[str, tuple[Candidate, ...]]], list[Candidate]]:
    """Groups of like size, each team dealt evenly over them so that no team is away at once; and the pairs for whom no group is large enough."""
    by_worth = sorted(people, key=lambda who: (-_worth(people[who]), who))
    parts = -(-len(people) // grouping.most_size)
    if len(people) < parts * grouping.least_size:
        parts = max(len(people) // grouping.least_size, 1)
    staying = by_worth[: parts * grouping.most_size]
    over = [pair for who in by_worth[parts * grouping.most_size :] for pair in people[who]]
    dealt = sorted(staying, key=lambda who: (people[who][0].team or "", -_worth(people[who]), who))
    return [{who: people[who] for who in dealt[part::parts]} for part in range(parts)], over


def common_path(businesses: Sequence[str]) -> str:
    """The deepest path that all `businesses` lie under; empty where there is none.

    Examples
    --------
    >>> common_path(["国际业务/查询/件", "国际业务/投诉"]), common_path(["a", "b"]), common_path(["a/b"])
    ('国际业务', '', 'a/b')
    """
    shared: list[str] = []
    for levels in zip(*(business.split("/") for business in businesses), strict=False):
        if len(set(levels)) > 1:
            break
        shared.append(levels[0])
    return "/".join(shared)


def _worth(pairs: Iterable[Candidate]) -> float:
    return sum(pair.priority for pair in pairs)
