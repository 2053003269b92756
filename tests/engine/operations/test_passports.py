"""Every metric carries its passport, and it says honestly what the data allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.passports import passports
from coachline.engine.tables import TABLES
from coachline.wording import Wording
from tests.engine.operations.rows import call, centre

FactsOf = Callable[..., Facts]


def by_code(facts: Facts) -> dict[str, dict[str, Any]]:
    return {row["metric"]: row for row in passports(facts).tables["passports"].to_pylist()}


def test_a_passport_in_full(facts_of: FactsOf) -> None:
    assert by_code(facts_of({"calls": [call("2026-03-02 09:00", wait_s=1)]}))["service_level_offered"] == {
        "metric": "service_level_offered",
        "unit": "share",
        "better": "up",
        "formula": "(answered_within+abandoned_within)/(answered_wait_known+abandoned_wait_known)@1",
        "version": 1,
        "numerator": "answered_within+abandoned_within",
        "denominator": "answered_wait_known+abandoned_wait_known",
        "needs": "wait_s",
        "available": True,
    }


def test_only_what_is_recorded_is_available(facts_of: FactsOf) -> None:
    found = by_code(facts_of({"calls": [call("2026-03-02 09:00", direction=None)]}))
    assert {code for code, row in found.items() if row["available"]} == {"offered", "answered", "abandoned", "connect_rate", "abandon_rate"}


def test_everything_is_available_where_everything_is_recorded(facts_of: FactsOf) -> None:
    assert all(row["available"] for row in by_code(facts_of(centre(days=2))).values())


def test_needs_name_columns_that_exist() -> None:
    for metric in METRICS.values():
        for need in metric.reads:
            table, _, column = need.rpartition(".")
            TABLES[table or "calls"].column(column)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_metric_has_its_name_and_formula_in_words(language: str) -> None:
    words = Wording(language)
    missing = [code for code in METRICS if not (words.knows(f"metric.{code}") and words.knows(f"metric_formula.{code}"))]
    assert not missing
