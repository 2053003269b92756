"""Who the agents are: the table of agents, without names, and everybody of whom there are facts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from coachline.engine.facts import Facts

LICENCE_KEYS = ("licence", "license", "licences", "licenses", "licensed", "上岗证", "持证", "持证业务", "持证上岗", "上岗资格", "业务资格")
"""Imported tags that name the businesses which an agent may handle."""

YES_WORDS = ("1", "有", "是", "已取得", "yes", "y", "true")
NO_WORDS = ("", "0", "无", "没有", "否", "未取得", "不是", "no", "n", "none", "false")
"""Values of an imported tag that affirm or deny it and say nothing more."""

_BETWEEN = re.compile("[|｜,，;；、\n]")

_SCHEMA = pl.Schema(
    {
        "agent_id": pl.String(),
        "team": pl.String(),
        "centre": pl.String(),
        "role": pl.String(),
        "hired_on": pl.Date(),
        "left_on": pl.Date(),
        "seat_level": pl.Int64(),
    }
)


@dataclass(frozen=True)
class People:
    """The table of agents.

    Attributes
    ----------
    listed : polars.DataFrame
        One row per agent in the table: agent_id, team, centre, role, hired_on, left_on, seat_level.
    tags : polars.DataFrame
        Imported tags but for licences: agent_id, ``name``, ``value``.
    licences : polars.DataFrame
        agent_id, ``business`` (null where only yes or no is recorded), ``held``.
    """

    listed: pl.DataFrame
    tags: pl.DataFrame
    licences: pl.DataFrame


def people(facts: Facts) -> People:
    """Read the table of agents; of an agent who stands there twice the row loaded last counts."""
    table = facts.table("agents")
    # A map comes back from Spark as a structure with a field per key, so names and values come by themselves.
    columns = {"names": table.tags.keys(), "values": table.tags.values()}
    listing = table.filter(table.agent_id.notnull()).select(*_SCHEMA.names(), "loaded_at", **columns)
    rows = facts.collect(listing).to_pylist() if facts.has("agents") else []
    rows.sort(key=lambda row: (row["agent_id"], row["loaded_at"], str(row)))
    latest = {row["agent_id"]: row for row in rows}
    listed = pl.DataFrame([{name: row[name] for name in _SCHEMA} for row in latest.values()], schema=_SCHEMA)
    tags: list[tuple[str, str, str]] = []
    licences: list[tuple[str, str | None, bool]] = []
    for agent, row in latest.items():
        for name, value in zip(row["names"] or (), row["values"] or (), strict=True):
            if not name or value is None:
                continue
            if name.strip().lower() in LICENCE_KEYS:
                licences += [(agent, *licence) for licence in _licences(value)]
            else:
                tags.append((agent, name.strip(), value.strip()))
    return People(
        listed=listed,
        tags=pl.DataFrame(tags, {"agent_id": pl.String(), "name": pl.String(), "value": pl.String()}, orient="row"),
        licences=pl.DataFrame(
            list(dict.fromkeys(licences)), {"agent_id": pl.String(), "business": pl.String(), "held": pl.Boolean()}, orient="row"
        ),
    )


def _licences(value: str) -> list[tuple[str | None, bool]]:
    """The businesses of a list, or a plain yes or no."""
    if value.strip().lower() in NO_WORDS:
        return [(None, False)]
    if value.strip().lower() in YES_WORDS:
        return [(None, True)]
    return [(business.strip(), True) for business in _BETWEEN.split(value) if business.strip()]
