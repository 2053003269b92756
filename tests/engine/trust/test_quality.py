"""The whole list: what is planted is in it, what is not planted is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from coachline.engine.analyses import ANALYSES, Analysis, run
from coachline.engine.result import Findings
from coachline.engine.trust.quality import quality
from coachline.errors import CoachlineError
from coachline.wording import Wording
from tests.conftest import FactsOf

Steady = Callable[..., pl.DataFrame]
READERS = {
    "operations.daily": Analysis("operations.daily", quality, "1", needs=("calls",), reads={"calls": ("talk_s", "wrap_s", "agent_id")}),
    "facts.quality": Analysis("facts.quality", quality, "1", needs=("calls",), reads={"calls": ("talk_s",)}),
}


def issues(findings: Findings) -> pl.DataFrame:
    frame = pl.from_arrow(findings.tables["issues"])
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_cried_out_over_a_clean_centre(facts_of: FactsOf, steady: Steady, seed: int) -> None:
    found = issues(quality(facts_of({"calls": steady(days=60, seed=seed).to_arrow()}), readers=READERS))
    # The unrecorded one per cent of wrap-up is really missing.
    assert found.select("column", "issue", "severity").rows() == [("wrap_s", "missing", "low")]


def test_a_day_without_wrap_up_and_a_change_to_milliseconds(facts_of: FactsOf, steady: Steady) -> None:
    day = pl.col("arrived_at").dt.date()
    calls = steady(days=40, seed=1).with_columns(
        wrap_s=pl.when(day != date(2026, 3, 12)).then("wrap_s"),
        talk_s=pl.when(day >= date(2026, 3, 30)).then(pl.col("talk_s") * 1000).otherwise("talk_s"),
    )
    found = issues(quality(facts_of({"calls": calls.to_arrow()}), readers=READERS))
    rows = {row["issue"]: row for row in found.iter_rows(named=True)}
    assert rows["unit_from"]["example"] == "2026-03-30: ×1000"
    assert rows["unit_from"]["severity"] == "high"
    assert rows["unit_from"]["harms"] == "operations.daily"
    assert rows["unit_from"]["rows"] == calls.filter((day >= date(2026, 3, 30)) & pl.col("talk_s").is_not_null()).height
    assert rows["missing_on"]["example"] == "2026-03-12: 1% → 100%"
    assert rows["missing_on"]["rows"] == calls.filter((day == date(2026, 3, 12)) & (pl.col("outcome") == "answered")).height
    # Calls that last days run into each other.
    assert set(rows) == {"unit_from", "missing_on", "missing", "above_plausible", "overlapping_calls"}


def test_gravest_first_then_most_rows(facts_of: FactsOf, steady: Steady) -> None:
    calls = steady(days=10, seed=2).with_columns(
        agent_id=pl.when(pl.int_range(pl.len()) % 10 != 0).then("agent_id"), talk_s=pl.when(pl.int_range(pl.len()) % 50 != 0).then("talk_s")
    )
    found = issues(quality(facts_of({"calls": calls.to_arrow()}), readers=READERS))
    order = {"high": 0, "medium": 1, "low": 2}
    keys = [(order[severity], -rows) for severity, rows in found.select("severity", "rows").rows()]
    assert keys == sorted(keys)
    assert found["issue"][0] == "answered_has_agent"


def test_one_table_only(facts_of: FactsOf, steady: Steady) -> None:
    facts = facts_of({"calls": steady(days=3).to_arrow(), "agents": [{"agent_id": "A000"}, {"agent_id": "A001", "name": ""}]})
    result = run("facts.quality", facts, {"table": "agents"})
    assert set(result.table("columns")["table"].to_pylist()) == {"agents"}
    assert result.values["rows.agents"] == 2
    assert "rows.calls" not in result.values
    assert set(result.table()["table"].to_pylist()) <= {"agents"}


@pytest.mark.parametrize(("loaded", "table"), [((), None), (("agents",), "calls")])
def test_nothing_loaded(facts_of: FactsOf, loaded: tuple[str, ...], table: str | None) -> None:
    facts = facts_of({name: [{"agent_id": "A1"}] for name in loaded})
    with pytest.raises(CoachlineError) as caught:
        quality(facts, table=table)
    assert caught.value.code == "no_facts"


def test_tables_of_one_row_and_of_nulls(facts_of: FactsOf) -> None:
    moment = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    facts = facts_of(
        {
            "calls": [{"call_id": "1", "arrived_at": moment, "outcome": "answered"}],
            "agents": [{"agent_id": "A1"}] * 60,
            "businesses": [{"business": "a/b", "standard": {"resolved": 0.9}}],
            "inspections": [{"inspection_id": "i1"}],
            "inspection_items": [{"inspection_id": "i1", "item": "x"}],
            "trainings": [{"training_id": "t"}],
            "exams": [{"exam_id": "e"}],
            "shifts": [{"agent_id": "A1"}],
            "transcripts": [{"call_id": "1"}],
            "mystery_calls": [{"mystery_id": "m"}],
            "survey_answers": [{"survey": "s"}],
        }
    )
    found = quality(facts)
    assert found.values["rows.agents"] == 60
    assert found.values["issues"] == found.tables["issues"].num_rows
    assert found.values["high"] == 0


def test_every_issue_that_is_named_has_its_words(facts_of: FactsOf) -> None:
    """The codes as they stand in the source, with the rules that warn."""
    from coachline.engine.tables import TABLES

    codes = {rule.code for table in TABLES.values() for rule in table.rules if rule.severity == "warn"}
    for language in ("zh", "en"):
        words = Wording(language)
        assert not {code for code in codes if not words.knows(f"issue.{code}") or not words.knows(f"rule.{code}")}


def test_it_stands_in_the_table_of_contents() -> None:
    assert ANALYSES["facts.quality"].settle({"table": "calls"}) == {"table": "calls"}
    with pytest.raises(CoachlineError):
        ANALYSES["facts.quality"].settle({"table": "nonsense"})
