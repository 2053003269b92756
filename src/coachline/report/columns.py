"""What the columns of result tables hold, so that every table is written with the right formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pyarrow as pa

from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.operations.metrics import METRICS
from coachline.wording import Wording

Kind = Literal["share", "points", "seconds", "count", "number", "chance", "hours", "day", "instant", "flag", "text"]

_BY_NAME: dict[str, Kind] = {
    "service_level": "share", "share": "share", "missing_share": "share", "share_of_change": "share",
    "known_probability": "share", "failed_share": "share", "share_failed": "share", "share_kept": "share", "otherwise_share": "share",
    "pass_rate": "share", "false_pass_rate": "share", "corrected_pass_rate": "share", "share_of_overturned": "share",
    "points_share": "share", "share_correct": "share", "wrong_by_points": "share", "p_pass": "chance",
    "share_left": "share", "recall_today": "share", "p_no_fading": "chance",
    "exam_share": "share", "closed": "share", "older": "share", "overlap": "share",
    "item_agreement": "share", "pass_agreement": "share", "others": "share",
    **dict.fromkeys(("naive", "effect", "placebo", "placebo_low", "placebo_high", "between_sd"), "points"),
    "change": "points", "change_low": "points", "change_high": "points", "difference": "points",
    **{f"defect_{end}": "share" for end in ("rate", "low", "high")},
    "p": "chance", "p_adjusted": "chance", "p_below": "chance",
    "wait_s": "seconds", "handle_s": "seconds", "patience_s": "seconds",
    **dict.fromkeys(("handle_low", "handle_high"), "seconds"),
    **dict.fromkeys(("wape", "wape_of_days", "weight"), "share"),
    **dict.fromkeys(("occupancy", "abandoned_share", "waits_share", "spread"), "share"),
    "answered_share": "share", "skill": "share",
    "numerator": "number", "denominator": "number", "quadrant_probability": "share", "certainty": "share", "wrong_so_far": "share",
    "p_change": "chance",
    **dict.fromkeys(("probability", "probability_either", "margin_now", "margin_if_10_more", "margin_assisted"), "share"),
    **{f"{purpose}_probability_{end}": "share" for purpose in ("score", "coach") for end in ("low", "high")},
    **{f"{measure}{end}": "share" for measure in ("satisfaction", "resolution") for end in ("", "_low", "_high", "_adjusted")},
    "p_better": "chance",
    **{f"{figure}{end}": "share" for figure in ("capability", "mentor_load", "service_level") for end in ("", "_low", "_high")},
}  # fmt: skip
_BY_UNIT = frozenset(
    {"value", "expected", "low", "high", "value_before", "value_after", "estimate", "standard", "observed", "raw", "mentor_estimate"}
)
_ENDS = ("low", "high")
_CHANGE_BY_UNIT = frozenset(
    {"change", "mix", "rate", "gap"} | {f"{figure}{end}" for figure in ("more", "against_now") for end in ("", "_low", "_high")}
)

_METRIC_UNITS: Mapping[str, str] = {code: metric.unit for code, metric in METRICS.items()}
_OUTCOME_UNITS: Mapping[str, str] = {
    outcome.code: {"share": "share", "rating": "number", "time": "seconds"}[outcome.kind] for outcome in OUTCOMES.values()
}
"""Outcome to the unit of its estimates; the index, which is none of them, is a number."""
_MEASURED_SHARES = (
    "resolved_share", "answered_share", "skill", "service_level_offered", "answered", "resolved", "resolved_of_all", "occupancy", "capability",
    "service_level", "service_level_mean", "mentor_load_peak",
)  # fmt: skip

UNITS: Mapping[str, Mapping[str, str]] = {
    "metric": _METRIC_UNITS,
    "outcome": _OUTCOME_UNITS,
    "measure": dict.fromkeys(_MEASURED_SHARES, "share"),
}
"""Of each column that says what a row is about, what it can say -> the unit of the row's figures."""


def heading(words: Wording, analysis: str, table: str, column: str) -> str:
    """What stands above a column: the name that it has in this table, else in this analysis, else everywhere."""
    own = (f"column.{analysis}.{table}.{column}", f"column.{analysis}.{column}")
    return words(next((code for code in own if words.knows(code)), f"column.{column}"))


def kind_of(table: pa.Table, column: str) -> Kind:
    """The kind of a column by its name and type; of those that follow what the row is about, see `kind_in_row`.

    The ends of an interval are of the kind of the figure that stands before them.
    """
    if column in _ENDS:
        names = table.schema.names
        figure = next((name for name in reversed(names[: names.index(column)]) if name not in _ENDS), None)
        if figure in _BY_NAME:
            return _BY_NAME[figure]
    if column in _BY_NAME:
        return _BY_NAME[column]
    if column.endswith("_h"):
        return "hours"
    type_ = table.schema.field(column).type
    if pa.types.is_date(type_):
        return "day"
    if pa.types.is_timestamp(type_):
        return "instant"
    if pa.types.is_boolean(type_):
        return "flag"
    if pa.types.is_integer(type_):
        return "count"
    return "number" if pa.types.is_floating(type_) or pa.types.is_decimal(type_) else "text"


def subject(table: pa.Table) -> str | None:
    """The column that says what a row is about, and with that its unit: a metric, an outcome or a measure."""
    return next((name for name in UNITS if name in table.schema.names), None)


def follows_subject(column: str) -> bool:
    """Whether the unit of `column` is that of what the row is about."""
    return column in _BY_UNIT | _CHANGE_BY_UNIT


def kind_in_row(column: str, unit: str) -> Kind:
    """The kind of a column that follows what its row is about, `unit` being ``share``, ``seconds``, ``count`` or ``number``."""
    if unit == "share":
        return "points" if column in _CHANGE_BY_UNIT else "share"
    return "seconds" if unit == "seconds" else "number"


def plain(value: Any) -> Any:
    """Lists and maps as one text; everything else as it is."""
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list | tuple):
        return ", ".join("=".join(str(v) for v in item) if isinstance(item, tuple) else str(item) for item in value)
    return value
