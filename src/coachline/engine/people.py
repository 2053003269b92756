"""Which columns and facts of results name people, so that a result can be shown to somebody who may see only some of them.

Everything that can hold a text is declared here, either as naming somebody or as naming nobody. What is not declared counts as naming somebody
whom the reader may not see: a new analysis hides too much until its columns stand here, never too little.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import pyarrow as pa

Named = Literal["agent", "team", "other", "record", "nobody"]
"""Whom a text names: an agent; a team; anybody else or anybody at all (an inspector, a trainer, an example); a call or sheet of somebody; nobody."""

PERSON_COLUMNS: Mapping[str, Named] = MappingProxyType(
    {
        "agent_id": "agent",
        "team": "team",
        "inspector_id": "other",
        "second_inspector_id": "other",
        "trainer_id": "other",
        "mentor_id": "other",
        "other_agent_id": "other",
        "caller": "other",
        "respondent": "other",
        "customer_id": "other",
        "name": "other",
        "example": "other",
        "call_id": "record",
        "inspection_id": "record",
        "training_id": "record",
        "training": "record",
        "exam_id": "record",
        "mystery_id": "record",
    }
)
"""Columns of any table whose texts name people."""

EXAMPLES = frozenset({"example"})
"""Columns that may name somebody by the way; the row is about something else and stands without."""

PLAIN_COLUMNS = frozenset(
    {
        "better", "business", "category", "centre", "coefficient", "column", "component", "denominator", "design", "dimension", "form", "form_version", "formula",
        "first", "group", "harms", "high", "issue", "item", "item_reason", "kind", "last", "line", "low", "measure", "median", "metric", "month", "needs", "no_effect_reason", "numerator",
        "other", "outcome", "period", "purpose", "quadrant", "quadrant_adjusted", "queue", "random_number", "rule", "scope", "severity", "room", "session", "in_the_way", "relax_unit", "sign", "source",
        "exam", "method", "own_business", "proposal", "reason", "stratum", "sure_quadrant", "table", "tag", "unit", "value", "verdict", "weights",
        "cause", "day_type", "events", "holiday", "model", "which",
        "plan", "quantity", "stage", "cost_source", "rests_on", "basis", "activity", "shift", "compared", "roster_rule", "was", "becomes",
        "scenario", "against",
        "why", "bound_by", "known_by", "loosen_unit", "lacking", "other_shift", "other_way",
    }
)  # fmt: skip
"""Columns of any table whose texts name nobody beyond the agent of their row."""

MEMBER = "member"
"""A column whose texts name what another column of the table says."""

MEMBER_KINDS: Mapping[str, Named] = MappingProxyType(
    {
        "agent": "agent",
        "team": "team",
        "inspector": "other",
        "all": "nobody",
        "business": "nobody",
        "centre": "nobody",
        "hour": "nobody",
        "item": "nobody",
        "month": "nobody",
        "queue": "nobody",
        "weekday": "nobody",
    }
)
"""What `MEMBER` names, by what stands in the first of `MEMBER_SAID_BY` that the table has."""

MEMBER_SAID_BY = ("dimension", "kind", "scope")

MEMBER_TABLES: Mapping[tuple[str, str], Named] = MappingProxyType(
    {("quality.mystery", "agents"): "agent", ("quality.mystery", "businesses"): "nobody"}
)
"""What `MEMBER` names in tables where no column says it: (analysis, table)."""

PLAIN_FACTS = frozenset(
    {
        "against_since", "against_until", "best_predictor", "business", "centre", "column", "columns", "day", "dimension", "first", "first_day",
        "form", "inspection_unit", "item", "last", "last_day", "measure", "metric", "month", "outcome", "outcomes", "own_centre", "own_month",
        "since", "strata", "table", "tag", "until", "version", "weights", "items_never_vary.example", "rare_faults_lower_alpha.example",
        "tag_never_imported.name", "targets_left_out.name", "targets_left_out.value",
        "exams_all_right.exam", "businesses", "target", "event", "holiday", "who_is_trained.scenario",
    }
)  # fmt: skip
"""Values, and facts of checks and notes (or ``code.fact``), whose texts name nobody."""

PLAIN_PARAMETERS = frozenset({"centre", "country", "form", "half_life", "purposes"})
"""Parameters of the kind ``text`` that name nobody; the other kinds never name people."""

ABOUT_ONE = "agent"
"""A parameter that limits a result to one agent: all that it says is then about them."""


def named_by(column: str) -> Named | None:
    """Whom the texts of `column` name; None where that is not declared."""
    return "nobody" if column in PLAIN_COLUMNS else PERSON_COLUMNS.get(column)


def can_name(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type can be, or hold, texts."""
    types = pa.types
    harmless = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal, types.is_temporal, types.is_null)
    return not any(is_kind(kind) for is_kind in harmless)
