"""How groups are formed: each rule with a case that breaks it and one that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from coachline.engine.training.forming import Candidate, Course, Formation, common_path, form, serves_more, split
from coachline.engine.training.settings import GroupSettings

USUAL = GroupSettings(least_size=3, most_size=6, most_groups=10, hours_cap=4.0, bundle_hours=3.0)


def need(who: str, business: str, priority: float = 1.0, hours: float = 1.0, family: int = 0, team: str | None = None) -> Candidate:
    return Candidate(who, business, family, team, priority, hours)


def needs(people: str, business: str, priority: float = 1.0, hours: float = 1.0, family: int = 0) -> list[Candidate]:
    """One need per letter."""
    return [need(who, business, priority, hours, family) for who in people]


def formed(*given: Sequence[Candidate], grouping: GroupSettings = USUAL, **left: float) -> Formation:
    return form([pair for part in given for pair in part], left, grouping)


def shape(formation: Formation) -> list[tuple[tuple[str, ...], str]]:
    return [(group.businesses, "".join(sorted(group.people))) for group in formation.groups]


def test_a_group_has_at_least_so_many_people() -> None:
    assert shape(formed(needs("abc", "x/1"))) == [(("x/1",), "abc")]
    few = formed(needs("ab", "x/1"))
    assert not few.groups and few.left_out == {("a", "x/1"): "too_few", ("b", "x/1"): "too_few"}


def test_a_group_has_at_most_so_many_people() -> None:
    assert shape(formed(needs("abcdef", "x/1"))) == [(("x/1",), "abcdef")]
    assert sorted(len(group.people) for group in formed(needs("abcdefg", "x/1")).groups) == [3, 4]
    # Seven do not fill two groups of four; the one that gains least stays out.
    tight = formed(needs("abcdef", "x/1", 2.0), needs("g", "x/1"), grouping=replace(USUAL, least_size=4))
    assert shape(tight) == [(("x/1",), "abcdef")] and tight.left_out == {("g", "x/1"): "group_full"}


def test_groups_of_one_business_take_from_every_team_alike() -> None:
    people = {who: (need(who, "x/1", team=team),) for who, team in zip("abcdefgh", "ssssttuu", strict=True)}
    parts, over = split(people, USUAL)
    assert not over and [len(part) for part in parts] == [4, 4]
    assert [sorted(pairs[0].team or "" for pairs in part.values()) for part in parts] == [["s", "s", "t", "u"]] * 2


def test_there_are_at_most_so_many_groups_and_the_worthiest_stay() -> None:
    both = (needs("abc", "x/1"), needs("def", "y/1", 5.0, family=1))
    assert [group.businesses for group in formed(*both).groups] == [("y/1",), ("x/1",)]
    one = formed(*both, grouping=replace(USUAL, most_groups=1))
    assert [group.businesses for group in one.groups] == [("y/1",)]
    assert set(one.left_out.values()) == {"too_many_groups"} and len(one.left_out) == 3


def test_hours_of_one_person_are_capped_and_go_to_what_gains_most_per_hour() -> None:
    given = (
        needs("abcd", "x/1", 3.0, 2.5),
        needs("abcde", "y/1", 2.0, family=1, hours=1.0),
        needs("abcd", "z/1", 1.0, family=2, hours=1.0),
    )
    roomy = formed(*given, grouping=replace(USUAL, hours_cap=4.5))
    assert [group.businesses for group in roomy.groups] == [("x/1",), ("y/1",), ("z/1",)]
    tight = formed(*given)
    assert [group.businesses for group in tight.groups] == [("x/1",), ("y/1",)]
    assert {code for pair, code in tight.left_out.items() if pair[1] == "z/1"} == {"too_few"}
    # Who has had hours before has fewer left.
    tired = formed(*given, a=1.0)
    people = {group.businesses: group.people for group in tired.groups}
    assert "a" not in people["x/1",] and "a" in people["y/1",]
    assert tired.left_out["a", "x/1"] == "hours_used_up"


def test_who_is_freed_by_a_group_given_up_may_fill_another() -> None:
    # c can attend one only; x would gain more but does not come about without b, who has no hours.
    given = (needs("abc", "x/1", 5.0, 2.0), needs("cde", "y/1", 1.0, 2.0, family=1))
    found = formed(*given, grouping=replace(USUAL, hours_cap=2.0), b=0.0)
    assert shape(found) == [(("y/1",), "cde")]
    assert found.left_out["c", "x/1"] == "too_few"


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ("ab", "cd", True),  # both too few alone, together enough
        ("ab", "b", False),  # together still too few
        ("abcdef", "abcdef", True),  # the same people
        ("abcdef", "defghi", False),  # a third of them
        ("abcde", "abcdef", True),  # nearly the same
    ],
)
def test_businesses_of_a_family_are_taken_together_where_that_serves_more(one: str, other: str, merged: bool) -> None:
    courses = [Course(needs(people, business)) for people, business in ((one, "x/1"), (other, "x/2"))]
    assert serves_more(*courses, Course([*courses[0].pairs, *courses[1].pairs]), USUAL) is merged


def test_one_that_is_too_small_joins_only_where_the_added_hours_gain_as_much() -> None:
    large = needs("abcde", "x/1", 1.0)
    assert shape(formed(large, needs("ab", "x/2", 9.0))) == [(("x/1", "x/2"), "abcde")]
    apart = formed(large, needs("ab", "x/2", 1.0))
    assert shape(apart) == [(("x/1",), "abcde")] and apart.left_out["a", "x/2"] == "too_few"


def test_a_session_of_several_businesses_stays_short_and_within_a_family() -> None:
    assert [group.businesses for group in formed(needs("ab", "x/1"), needs("cd", "x/2")).groups] == [("x/1", "x/2")]
    assert not formed(needs("ab", "x/1", hours=1.6), needs("cd", "x/2", hours=1.6)).groups
    assert not formed(needs("ab", "x/1"), needs("cd", "y/2", family=1)).groups
    assert not formed(needs("ab", "x"), needs("cd", "y")).groups, "nothing stands above both"


def test_several_needs_of_one_person_are_met_in_one_place() -> None:
    [group] = formed(needs("abcd", "x/1"), needs("abcd", "x/2", 2.0)).groups
    assert {who: [pair.business for pair in pairs] for who, pairs in group.people.items()} == {who: ["x/1", "x/2"] for who in "abcd"}
    assert group.hours == 2.0 and group.worth == 12.0
    assert common_path(group.businesses) == "x"


def test_nobody_gives_no_group() -> None:
    assert formed() == Formation((), {})
