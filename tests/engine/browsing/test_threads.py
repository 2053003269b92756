"""A web process has several threads and one centre: all of them browse at once, while somebody loads, and each gets its own answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from coachline.centre import Centre
from coachline.engine.browsing import CallFilters, Place, calls_count, calls_page, one_call, table_page
from coachline.errors import CoachlineError

THREADS, ROUNDS, CALLS = 8, 3, 240


def export(path: Path, number: int, agent_of: str = "A") -> Path:
    start = datetime(2026, 3, 1) + timedelta(days=number)
    lines = [f"{number}-{i},{start + timedelta(seconds=i // 3)},{agent_of}{i % THREADS},answered,{i % 90 + 1}\n" for i in range(CALLS)]
    path.write_text("call_id,arrived_at,agent_id,outcome,talk_s\n" + "".join(lines), encoding="utf-8")
    return path


def people(path: Path) -> Path:
    lines = [f"A{i},{'甲' if i % 2 else '乙'}\n" for i in range(THREADS)]
    path.write_text("agent_id,centre\n" + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with Centre.create(tmp_path / "centre") as made:
        made.import_file(people(tmp_path / "people.csv"), "agents")
        for number in range(3):
            made.import_file(export(tmp_path / "calls.csv", number))
        yield made


def walk(centre: Centre, agent: int) -> int:
    """One user's way through the pages of one agent; returns how many calls were listed."""
    filters, after, listed = (
        CallFilters(agents=(f"A{agent}",), since=datetime(2026, 3, 1).date(), until=datetime(2026, 3, 3).date()),
        None,
        0,
    )
    while True:
        page = calls_page(centre.facts(), filters, after, 40)
        assert set(page.rows["agent_id"].to_pylist()) == {f"A{agent}"}
        listed += page.rows.num_rows
        if page.next is None:
            return listed
        after = Place.read(page.next.as_text())


def visit(centre: Centre, thread: int) -> None:
    agent = thread % THREADS
    for _ in range(ROUNDS):
        assert walk(centre, agent) == 3 * CALLS // THREADS
        seen = one_call(centre.facts(), "main", f"1-{agent}")
        assert seen is not None and seen.call["agent_id"] == f"A{agent}"
        assert (
            calls_count(centre.facts(), CallFilters(agents=(f"A{agent}",), until=datetime(2026, 3, 3).date())).number
            == 3 * CALLS // THREADS
        )
        assert table_page(centre.facts(), "agents").rows.num_rows == THREADS
        # A view of one centre that another thread has asked for must never come here.
        own = "甲" if agent % 2 else "乙"
        rows = calls_page(centre.facts(of=own), CallFilters(), None, 100).rows
        assert {int(name[1:]) % 2 for name in rows["agent_id"].to_pylist()} == {agent % 2}
        assert table_page(centre.facts(of=own), "exams").rows.num_rows == 0


def test_eight_threads_browse_while_another_loads(centre: Centre, tmp_path: Path) -> None:
    with ThreadPoolExecutor(THREADS + 1) as pool:
        visits = [pool.submit(visit, centre, thread) for thread in range(THREADS)]
        loads = pool.submit(lambda: [centre.import_file(export(tmp_path / "later.csv", number)).accepted for number in range(10, 14)])
        assert loads.result() == [CALLS] * 4
        for done in visits:
            done.result()
    assert calls_count(centre.facts(), CallFilters()).number == 7 * CALLS


def test_a_thread_sees_what_was_loaded_since_it_last_looked(centre: Centre, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        count = lambda: calls_count(centre.facts(), CallFilters()).number  # noqa: E731
        assert pool.submit(count).result() == 3 * CALLS
        centre.import_file(export(tmp_path / "calls.csv", 3))
        assert pool.submit(count).result() == count() == 4 * CALLS


def test_many_threads_come_and_go(centre: Centre) -> None:
    for _ in range(20):
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda _: calls_page(centre.facts(), CallFilters()).rows.num_rows, range(2))) == [50, 50]


def test_an_error_of_one_thread_is_its_own(centre: Centre) -> None:
    def wrong() -> str:
        try:
            calls_page(centre.facts(of="丙"), CallFilters())
        except CoachlineError as error:
            return error.code
        return "none"

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(wrong if i % 2 else lambda: walk(centre, 3)) for i in range(12)]
        assert [done.result() for done in found] == [3 * CALLS // THREADS, "unknown_centre"] * 6
