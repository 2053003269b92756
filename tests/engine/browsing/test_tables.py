"""Any fact table page by page, in the order of its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.browsing import Page, Place, table_page
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from tests.engine.browsing.rows import START, ZONE, facts_in_files

SHIFTS = [
    {
        "agent_id": f"A{agent}",
        "starts_at": START + timedelta(hours=hour, microseconds=fine),
        "ends_at": START + timedelta(9),
        "activity": "work",
    }
    for agent in (2, 0, 1)
    for hour, fine in ((8, 0), (0, 1), (0, 0), (30, 5))
]
TRANSCRIPTS = [{"call_id": call, "turn": turn, "text": "您好"} for call in ("C2", "C10", "C1") for turn in (10, 2, 0)]
MYSTERY = [{"mystery_id": "M1", "item": item, "centre": "甲", "called_at": START, "caller": "c_0123456789abcdef01234567"} for item in "ba"]
TABLES_WITH_ROWS: Mapping[str, list[dict[str, Any]]] = {
    "shifts": SHIFTS,
    "transcripts": TRANSCRIPTS,
    "mystery_calls": MYSTERY,
    "agents": [{"agent_id": "A2", "tags": {"a": "1"}}, {"agent_id": "A1", "name": "张三"}],
}


@pytest.fixture(scope="module")
def facts(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_in_files(tmp_path_factory.mktemp("tables"), [], 1, compute, **TABLES_WITH_ROWS)


def keys(page: Page, table: str) -> list[tuple[Any, ...]]:
    return list(zip(*(page.rows[name].to_pylist() for name in TABLES[table].key), strict=True))


def forwards(facts: Facts, table: str, size: int) -> Iterator[Page]:
    page = table_page(facts, table, None, size)
    yield page
    while page.next is not None:
        page = table_page(facts, table, Place.read(page.next.as_text()), size)
        yield page


@given(table=st.sampled_from(sorted(TABLES_WITH_ROWS)), size=st.integers(1, 7))
def test_there_and_back(facts: Facts, table: str, size: int) -> None:
    expected = sorted(tuple(row[name] for name in TABLES[table].key) for row in TABLES_WITH_ROWS[table])
    pages = list(forwards(facts, table, size))
    assert [key for page in pages for key in keys(page, table)] == expected
    page, read = pages[-1], keys(pages[-1], table)
    while page.previous is not None:
        page = table_page(facts, table, Place.read(page.previous.as_text()), size)
        read = keys(page, table) + read
    assert read == expected


@given(agents=st.sets(st.sampled_from(["A0", "A2", "nobody"])), size=st.integers(1, 7))
def test_rows_of_some_agents_only(facts: Facts, agents: set[str], size: int) -> None:
    expected = sorted((row["agent_id"], row["starts_at"]) for row in SHIFTS if row["agent_id"] in agents)
    page = table_page(facts, "shifts", None, size, agents=agents)
    read = keys(page, "shifts")
    while page.next is not None:
        page = table_page(facts, "shifts", page.next, size, agents=agents)
        read += keys(page, "shifts")
    assert read == expected


def test_what_is_shown(facts: Facts) -> None:
    assert table_page(facts, "mystery_calls").rows["caller"].to_pylist() == ["01234567"] * 2
    assert table_page(facts, "agents").rows["name"].to_pylist() == ["张三", None]
    assert set(table_page(facts, "agents").rows.column_names) == set(TABLES["agents"].schema.names)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_has_a_page_before_anything_was_loaded(compute: DuckDBCompute, table: str) -> None:
    page = table_page(Facts(compute, {}, ZONE), table)
    assert (page.rows.num_rows, page.more, page.previous) == (0, False, None)


def test_what_is_refused(facts: Facts) -> None:
    with pytest.raises(CoachlineError, match="nothing"):
        table_page(facts, "nothing")
    for place in (Place(("A1",)), Place(("A1", "x")), Place((1, 1))):
        with pytest.raises(CoachlineError) as caught:
            table_page(facts, "shifts", place)
        assert caught.value.code == "place_unreadable"
