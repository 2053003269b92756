"""The table of a profile, put together group by group."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

GROUPS = ("basics", "skill", "appraisal", "training", "exam", "licence", "strength", "blind_spot", "tag")

PROFILE = pl.Schema(
    {
        "agent_id": pl.String(),
        "group": pl.String(),
        "tag": pl.String(),
        "business": pl.String(),
        "value": pl.String(),
        "number": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "n": pl.Int64(),
        "as_of": pl.Date(),
    }
)


@dataclass
class Sheet:
    """Rows of a profile; within a group they stand business by business, those without one first, and then in the order in which they came."""

    parts: list[pl.DataFrame] = field(default_factory=list)

    def add(self, group: str, tag: str | pl.Expr, frame: pl.DataFrame, **columns: str | pl.Expr) -> None:
        """Add a row for every row of `frame` that says something.

        Parameters
        ----------
        group : str
        tag : str or polars.Expr
            A code, or names of the centre.
        frame : polars.DataFrame
            With agent_id.
        **columns : str or polars.Expr
            Columns of `PROFILE`, as names of columns of `frame` or expressions; ``as_of`` in days since 1970 or as a date. Rows without value and number
            that rest on no case are left out.
        """
        named = {name: pl.col(given) if isinstance(given, str) else given for name, given in columns.items()}
        named["tag"] = pl.lit(tag) if isinstance(tag, str) else tag
        filled = {
            name: named.get(name, pl.lit(None)).cast(pl.Int32 if name == "as_of" else kind, strict=False).cast(kind)
            for name, kind in PROFILE.items()
            if name not in ("agent_id", "group")
        }
        rows = frame.select("agent_id", group=pl.lit(group), **filled, order=pl.lit(len(self.parts), pl.Int32))
        says_something = pl.col("value").is_not_null() | pl.col("number").is_finite() | (pl.col("n") > 0)
        self.parts.append(rows.filter(says_something))

    def table(self) -> pl.DataFrame:
        """All rows, agent by agent; schema `PROFILE`."""
        empty = pl.DataFrame(schema={**PROFILE, "order": pl.Int32()})
        place = pl.col("group").replace_strict({group: place for place, group in enumerate(GROUPS)}, return_dtype=pl.Int8)
        rows = pl.concat([empty, *self.parts])
        return rows.sort("agent_id", place, "business", "order", "tag", maintain_order=True).select(PROFILE.names()).cast(PROFILE)
