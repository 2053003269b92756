"""What is known to be wrong with two real sets is found, and nothing is cried out beyond."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from coachline.engine.analyses import Analysis
from coachline.engine.tables import TABLES
from coachline.engine.trust.quality import quality
from tests.conftest import FactsOf


def found_in(facts_of: FactsOf, calls: pa.Table, zone: str) -> pl.DataFrame:
    reader = Analysis("all", quality, "1", needs=("calls",), reads={"calls": tuple(column.name for column in TABLES["calls"].columns)})
    frame = pl.from_arrow(quality(facts_of({"calls": calls}, zone=zone), readers={"all": reader}).tables["issues"])
    assert isinstance(frame, pl.DataFrame)
    return frame.filter(pl.col("issue") != "empty_column")


def test_the_known_dirt_of_a_bank(facts_of: FactsOf, bank_calls: pa.Table) -> None:
    found = found_in(facts_of, bank_calls, "Asia/Jerusalem")
    rows = {(column, issue): rows for column, issue, rows in found.select("column", "issue", "rows").rows()}
    assert rows == {
        ("ivr_s", "negative"): 25,
        ("agent_id", "answered_has_agent"): 491,
        ("talk_s", "answered_has_talk"): 85,
        # 0 stood for an unknown customer.
        ("customer_id", "missing"): 19558,
        ("ivr_s", "above_plausible"): 1,
        ("talk_s", "overlapping_calls"): 90,
    }
    # No business is taken for a slip of another, although PE is one letter from PS and 144 times rarer; Saturdays are quiet, and that is that.


def test_a_made_up_set_without_faults_of_recording(facts_of: FactsOf, telecom_calls: pa.Table) -> None:
    found = found_in(facts_of, telecom_calls, "Asia/Shanghai")
    assert "high" not in found["severity"]
    # The wait of abandoned calls is unknown; and nobody has two customers on the line at once, which shows that it was made up.
    assert {(row["column"], row["issue"]) for row in found.iter_rows(named=True)} == {
        ("wait_s", "missing"),
        ("talk_s", "overlapping_calls"),
    }
