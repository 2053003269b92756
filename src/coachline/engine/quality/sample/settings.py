"""What can be set about a sample, beside the period and what other analyses have in common with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from coachline.engine.parameters import Parameter
from coachline.engine.quality.strata import STRATUM_RULES

RISK_WEIGHTS: Mapping[str, float] = {"dissatisfied": 6, "repeat": 3, "ticketed": 1, "complaint": 1, "long_silence": 1, "new_agent": 1}
"""Weights of the risk part: the habit of many centres, kept for finding faults and no longer used for judging."""

SAMPLE_PARAMETERS = (
    Parameter("budget", "integer", low=1, high=10_000_000),
    Parameter("per_agent", "integer", 20, low=1, high=1000),
    Parameter("least_per_agent", "integer", 5, low=0, high=1000),
    Parameter("share_random", "number", 0.5, low=0, high=1),
    Parameter("strata", "rules", STRATUM_RULES),
    Parameter("risk_weights", "weights", RISK_WEIGHTS),
    Parameter("quota", "weights"),
    Parameter("leave_inspected", "flag", True),
    Parameter("named_inspectors", "text"),
    Parameter("conflicts", "text"),
    Parameter("own_team", "flag", False),
    Parameter("double_share", "number", 0.1, low=0, high=1),
    Parameter("expected_defects", "number", 0.1, low=0.001, high=0.999),
    Parameter("seed", "integer", 1, low=0, high=2**53),
)

SAMPLE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "calls": (
            "call_id", "arrived_at", "direction", "outcome", "agent_id", "business", "customer_id", "recording", "rating", "ticketed", "wait_s", "hold_s",
        ),
        "agents": ("agent_id", "team", "role", "hired_on", "left_on"),
        "inspections": ("call_id", "agent_id", "inspector_id", "inspected_at", "purpose", "passed"),
    }
)  # fmt: skip
"""Columns on which a sample depends, for the table of contents."""
