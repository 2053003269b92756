"""Stretches of time: adjoining, complete, and of about the size that was asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.browsing.stretches import stretches
from coachline.engine.facts import FileSpan
from tests.engine.browsing.rows import START

MOMENTS = st.integers(0, 400 * 86_400).map(lambda s: START + timedelta(seconds=s))
SPANS = st.lists(
    st.builds(
        lambda number, rows, first, length: FileSpan(str(number), rows, first, first + length),
        st.integers(),
        st.integers(1, 10_000),
        MOMENTS,
        st.timedeltas(timedelta(0), timedelta(60)),
    ),
    max_size=6,
)


@given(
    spans=SPANS,
    first=st.none() | MOMENTS,
    last=st.none() | MOMENTS,
    sizes=st.lists(st.integers(1, 5_000), max_size=3),
    upwards=st.booleans(),
)
def test_together_they_are_the_whole(
    spans: list[FileSpan], first: datetime | None, last: datetime | None, sizes: list[int], upwards: bool
) -> None:
    found = list(stretches(spans, first, last, sizes, upwards))
    assert len(found) <= len(sizes) + 1
    assert (found[0][0], found[-1][1]) == (first, last) if upwards else (found[0][1], found[-1][0]) == (last, first)
    for one, following in pairwise(found):
        nearer, further = (one[1], following[0]) if upwards else (one[0], following[1])
        assert nearer is not None and nearer == further and nearer.microsecond == 0
    for low, high in found[1:-1]:
        assert low is not None and high is not None and low < high


def test_of_evenly_spread_calls_a_stretch_holds_what_was_asked_for() -> None:
    days = [FileSpan(str(day), 86_400, START + timedelta(day), START + timedelta(day + 1, microseconds=-1)) for day in range(30)]

    def near(moment: datetime | None, day: float) -> bool:
        return moment is not None and abs(moment - START - timedelta(day)) <= timedelta(seconds=2)

    [one, two, rest] = stretches(days, None, None, (43_200, 10 * 86_400), upwards=False)
    assert near(one[0], 29.5) and near(two[0], 19.5) and rest[0] is None
    [one, rest] = stretches(days, START + timedelta(3), None, (43_200,), upwards=True)
    assert near(one[1], 3.5) and rest[1] is None
    # A gap without calls belongs to the stretch that reaches over it.
    [one, rest] = stretches([days[0], days[29]], None, None, (86_400 + 3600,), upwards=False)
    assert near(one[0], 23 / 24)
    # Most calls of a file may lie where its few others do not; then a stretch is larger or smaller, and nothing else.
    assert len(list(stretches([FileSpan("", 10, START, START + timedelta(9000))], None, None, (20,), upwards=False))) == 1
