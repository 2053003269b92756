"""The list of calls against brute force: the same calls in the same order, none twice and none left out, whichever way one pages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coachline.engine.browsing import CallFilters, Page, Place, calls_count, calls_page
from coachline.engine.browsing import calls as calls_module
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period
from coachline.errors import CoachlineError
from tests.engine.browsing.rows import CALLS, FEW_FILTERS, START, ZONE, Call, facts_in_files, is_repeat, meant

MOST_PAGES = 100

folders = (Path(str(number)) for number in itertools.count())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browsing")


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few calls take the way that millions take: from stretch to stretch."""
    monkeypatch.setattr(calls_module, "SIZES", (4, 12))
    monkeypatch.setattr(calls_module, "SIZES_OF_REPEATS", (4, 12))


def keys(page: Page) -> list[tuple[str, str]]:
    return list(zip(page.rows["source"].to_pylist(), page.rows["call_id"].to_pylist(), strict=True))


def keys_of(calls: Sequence[Call]) -> list[tuple[str, str]]:
    return [(call["source"], call["call_id"]) for call in calls]


def forwards(facts: Facts, filters: CallFilters, size: int) -> Iterator[Page]:
    page = calls_page(facts, filters, None, size)
    yield page
    for _ in range(MOST_PAGES):
        if page.next is None:
            return
        page = calls_page(facts, filters, Place.read(page.next.as_text()), size)
        yield page
    pytest.fail("the list has no end")


@settings(max_examples=60)
@given(calls=CALLS, filters=FEW_FILTERS, size=st.integers(1, 9), files=st.integers(1, 5))
def test_paging_there_and_back(
    compute: DuckDBCompute, folder: Path, calls: list[Call], filters: CallFilters, size: int, files: int
) -> None:
    facts = facts_in_files(folder / next(folders), calls, files, compute)
    expected = keys_of(meant(calls, filters))
    pages = list(forwards(facts, filters, size))
    assert [key for page in pages for key in keys(page)] == expected
    assert pages[0].previous is None
    assert all(len(keys(page)) == size for page in pages[:-1])
    for before, page in itertools.pairwise(pages):
        assert page.previous is not None
        back = calls_page(facts, filters, Place.read(page.previous.as_text()), size)
        assert keys(back) == keys(before)
        assert (back.previous is None) == (before.previous is None)
        assert back.next == before.next
    count = calls_count(facts, filters)
    assert (count.number, count.exact) == (len(expected), True)


@pytest.mark.parametrize("backwards", [False, True])
def test_nothing_lies_beyond_the_last(compute: DuckDBCompute, tmp_path: Path, backwards: bool) -> None:
    # Between two looks the filters of an address may have been changed by hand, or calls been erased.
    calls = [{"source": "main", "call_id": "C1", "arrived_at": START, "outcome": "answered"}]
    facts = facts_in_files(tmp_path, calls, 1, compute)
    shown = calls_page(facts, CallFilters(), Place.read(Place((calls_module.LATEST_US if backwards else 0, "", ""), backwards).as_text()))
    assert shown.rows.num_rows == 0
    assert (shown.previous, shown.next) == (None, None)


@settings(max_examples=20)
@given(calls=CALLS)
def test_repeats_are_those_of_all_figures(compute: DuckDBCompute, folder: Path, calls: list[Call]) -> None:
    facts = facts_in_files(folder / next(folders), calls, 2, compute)
    if not calls:
        return
    rows = follow_up(facts, Period(), 7, ())
    in_figures = facts.collect(rows.aggregate(n=rows.repeats.cast("int64").sum()))["n"][0].as_py() or 0
    assert calls_count(facts, CallFilters(repeat=True)).number == in_figures == sum(is_repeat(call, calls) is True for call in calls)


def test_what_makes_a_call_a_repeat(compute: DuckDBCompute, tmp_path: Path) -> None:
    week, late = timedelta(7), START + timedelta(10)
    few = timedelta(microseconds=1)

    def call(number: str, customer: str, at: datetime, outcome: str = "answered", **more: str | None) -> Call:
        same = {
            "source": "main",
            "call_id": number,
            "arrived_at": at,
            "customer_id": f"c_{customer}",
            "business": "国际",
            "outcome": outcome,
        }
        return same | more

    calls = [
        *(call("a1", "a", late - week, "abandoned"), call("a2", "a", late)),
        *(call("b1", "b", late - week - few), call("b2", "b", late)),
        # At one moment the answered call is the later one, whatever the numbers are; of two answered ones it is the larger number.
        *(call("c9", "c", late, "abandoned"), call("c1", "c", late)),
        *(call("d1", "d", late), call("d2", "d", late), call("d0", "d", late, source="aux")),
        *(call("e1", "e", late - few, "ignored"), call("e2", "e", late)),
        *(call("f1", "f", late - few, direction="outbound"), call("f2", "f", late)),
        *(call("g1", "g", late - few, business="国内"), call("g2", "g", late)),
        *(call("h1", "h", late - few), call("h2", "h", late, "abandoned"), call("h3", "h", late, direction="outbound")),
        *(call("i1", "i", late - few, business=None), call("i2", "i", late, business=None)),
    ]
    last_days = CallFilters(since=late.date() - timedelta(1), repeat=True)
    for files in (1, len(calls)):
        facts = facts_in_files(tmp_path / str(files), calls, files, compute)
        assert {number for _, number in keys(calls_page(facts, last_days))} == {"a2", "c1", "d1", "d2"}
        assert calls_count(facts, last_days).number == 4
        first_calls = {number for _, number in keys(calls_page(facts, CallFilters(since=last_days.since, repeat=False)))}
        assert first_calls == {"b2", "d0", "e2", "f2", "g1", "g2", "h1"}
        # Who took the earlier call does not matter to whose calls are asked for.
        assert keys(calls_page(facts, CallFilters(repeat=True, call_id="a2"))) == [("main", "a2")]


def test_what_a_row_shows(compute: DuckDBCompute, tmp_path: Path) -> None:
    shown = {"source": "main", "call_id": "C1", "arrived_at": START, "outcome": "answered", "customer_id": "c_0123456789abcdef01234567"}
    facts = facts_in_files(
        tmp_path, [{**shown, "recording": "13800001111.wav"}, {**shown, "call_id": "C2", "customer_id": None}], 1, compute
    )
    first, second = calls_page(facts, CallFilters()).rows.to_pylist()
    assert (first["customer_id"], first["recorded"], first["arrived_at"]) == ("01234567", True, START)
    assert (second["customer_id"], second["recorded"], second["rating"]) == (None, False, None)
    assert "recording" not in first and "loaded_at" not in first


def test_days_are_those_of_the_centre_and_each_second_counts(compute: DuckDBCompute, tmp_path: Path) -> None:
    midnight = datetime(2026, 3, 4, 16, tzinfo=UTC)
    moments = [midnight + timedelta(microseconds=step) for step in (-1, 0, 86_400_000_000 - 1, 86_400_000_000)]
    calls = [{"source": "main", "call_id": f"C{i}", "arrived_at": at, "outcome": "answered"} for i, at in enumerate(moments)]
    facts = facts_in_files(tmp_path, calls, 4, compute)
    day = CallFilters(since=date(2026, 3, 5), until=date(2026, 3, 5))
    assert keys(calls_page(facts, day)) == [("main", "C2"), ("main", "C1")]


@pytest.mark.parametrize(
    "filters",
    [
        CallFilters(agents=()),
        CallFilters(since=date(2026, 3, 9), until=date(2026, 3, 1)),
        CallFilters(since=date(9999, 12, 31)),
        CallFilters(until=date(1, 1, 1)),
    ],
)
def test_nothing_can_be_meant(compute: DuckDBCompute, tmp_path: Path, filters: CallFilters) -> None:
    calls = [{"source": "main", "call_id": "C1", "arrived_at": START, "outcome": "answered", "agent_id": "A1"}]
    facts = facts_in_files(tmp_path, calls, 1, compute)
    page = calls_page(facts, filters)
    assert (page.rows.num_rows, page.next, page.previous, page.more) == (0, None, None, False)
    assert calls_count(facts, filters).number == 0
    assert keys(calls_page(facts, CallFilters(since=date(1, 1, 1), until=date(9999, 12, 31)))) == [("main", "C1")]


def test_before_anything_was_loaded(compute: DuckDBCompute) -> None:
    for facts in (Facts(compute, {}, ZONE), Facts(compute, {"calls": Snapshot(0, [], 0)}, ZONE)):
        assert calls_page(facts, CallFilters()).rows.num_rows == 0
        assert calls_count(facts, CallFilters()).number == 0


def test_more_than_so_many(compute: DuckDBCompute, tmp_path: Path) -> None:
    calls = [{"source": "main", "call_id": f"C{i}", "arrived_at": START, "outcome": "answered"} for i in range(30)]
    facts = facts_in_files(tmp_path, calls, 2, compute)
    count = calls_count(facts, CallFilters(), at_most=29)
    assert (count.number, count.exact) == (29, False)
    assert calls_count(facts, CallFilters(), at_most=30).exact


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "!!!!",
        Place(("a", "b", "c")).as_text(),
        Place((1, "b")).as_text(),
        Place((-1, "b", "c")).as_text(),
        Place((2**70, "b", "c")).as_text(),
        "W10",
        "e30",
        "WzIsMSwiYSIsImIiXQ",
        Place((True, "b", "c")).as_text(),
        "[" * 9999,
    ],
)
def test_a_forged_address_is_refused(compute: DuckDBCompute, tmp_path: Path, text: str) -> None:
    calls = [{"source": "main", "call_id": "C1", "arrived_at": START, "outcome": "answered"}]
    facts = facts_in_files(tmp_path, calls, 1, compute)
    with pytest.raises(CoachlineError) as caught:
        calls_page(facts, CallFilters(), Place.read(text))
    assert caught.value.code == "place_unreadable"
    assert caught.value.code not in str(caught.value)


@given(st.lists(st.integers(-(2**61), 2**61) | st.text(max_size=9), max_size=4).map(tuple), st.booleans())
def test_a_place_comes_back_from_its_address(key: tuple[int | str, ...], backwards: bool) -> None:
    place = Place(key, backwards)
    text = place.as_text()
    assert Place.read(text) == place
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
