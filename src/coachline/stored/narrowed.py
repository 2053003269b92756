"""A result as somebody sees it who may see only some people."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from coachline.engine.analyses import ANALYSES
from coachline.engine.people import (
    ABOUT_ONE,
    EXAMPLES,
    MEMBER,
    MEMBER_KINDS,
    MEMBER_SAID_BY,
    MEMBER_TABLES,
    PLAIN_FACTS,
    PLAIN_PARAMETERS,
    Named,
    can_name,
    named_by,
)
from coachline.engine.result import Check, Note, Result
from coachline.report.chapter import NothingToShow
from coachline.stored.folder import StoredTables

Remark = TypeVar("Remark", Check, Note)


class _NarrowedValues(dict[str, Any]):
    """Values that may be seen; the others are refused, not missing."""

    def __missing__(self, name: str) -> Any:
        raise NothingToShow("error.result_hidden")


@dataclass(frozen=True)
class NarrowedResult(Result):
    """A result of which some tables may be hidden.

    Attributes
    ----------
    hidden : tuple of str
        Tables that were left out.
    main : str
        The main table of the whole result.
    """

    hidden: tuple[str, ...] = ()
    main: str = ""

    def table(self, name: str | None = None) -> pa.Table:
        if (name or self.main) in self.hidden:
            raise NothingToShow("error.result_hidden")
        return super().table(name or self.main or None)


def narrow(result: Result, keep: Collection[str], teams: Collection[str] = ()) -> NarrowedResult:
    """What of `result` may be shown to somebody who may see only some agents.

    Of tables about agents the rows of these remain, with inspectors, trainers and examples beside them left blank; tables about other people, about
    single calls of people who are not told, and tables with a column of which it is not declared whom it names are left out; so are values, checks and
    notes that name people. What is said of everybody together stays, counts and ranks included. See `coachline.engine.people`.

    Parameters
    ----------
    result : Result
        In memory or stored; tables are read and narrowed when they are asked for.
    keep : collection of str
        The agents.
    teams : collection of str
        Teams whose figures may be seen; without them rows about teams are left out.

    Returns
    -------
    NarrowedResult
        With the same provenance, less the parameters that name other people. Whoever asks it for a table or a value that was left out is
        told so by `NothingToShow`, as of anything else that the facts do not allow to be drawn.
    """
    analysis = result.provenance.analysis
    sight = _Sight(frozenset(keep), frozenset(teams))
    parameters = {
        name: value if sight.may_see_parameter(analysis, name, value) else None for name, value in result.provenance.parameters.items()
    }
    asked = result.provenance.parameters.get(ABOUT_ONE)
    # A result about one other agent says nothing of everybody.
    foreign = asked is not None and asked not in sight.agents
    plans = {name: plan for name in result.tables if (plan := sight.plan(analysis, name, _schema(result.tables, name)))}
    shown = {name: plan for name, plan in plans.items() if plan.rows or not foreign}
    return NarrowedResult(
        hidden=tuple(name for name in result.tables if name not in shown),
        main=next(iter(result.tables), ""),
        values=_NarrowedValues({} if foreign else {key: value for key, value in result.values.items() if _plain(analysis, key, value)}),
        tables=_NarrowedTables(result.tables, shown, sight),
        checks=() if foreign else _plain_ones(result.checks),
        notes=() if foreign else _plain_ones(result.notes),
        provenance=replace(result.provenance, parameters=MappingProxyType(parameters)),
    )


@dataclass(frozen=True)
class _Plan:
    """How a table is narrowed: by which column its rows (None: all stay), whom that names, and which columns are blanked."""

    rows: str | None
    named: Named
    blank: tuple[str, ...]


@dataclass(frozen=True)
class _Sight:
    """Who may be seen."""

    agents: frozenset[str]
    teams: frozenset[str]

    def plan(self, analysis: str, name: str, schema: pa.Schema) -> _Plan | None:
        """How to narrow a table, or None where it must be left out."""
        texts = [field for field in schema if can_name(field.type)]
        named = {field.name: _named_by(analysis, name, field.name, schema) for field in texts}
        if None in named.values() or len(named) < len(texts) or not all(_plain_text(f.type) or named[f.name] == "nobody" for f in texts):
            return None
        agents, teams, others, records = ([c for c, what in named.items() if what == who] for who in ("agent", "team", "other", "record"))
        if len(agents) > 1:
            # Of two people in a row the one may be seen and the other not.
            return None
        rows = next(iter((*agents, *teams)), None)
        if rows is None and (records or set(others) - set(EXAMPLES)):
            return None
        return _Plan(rows, (named[rows] if rows else None) or "nobody", tuple(others))

    def of(self, table: pa.Table, plan: _Plan) -> pa.Table:
        if plan.rows is not None:
            table = table.filter(self._seen(table, plan.rows, plan.named))
        for column in plan.blank:
            place, old = table.schema.get_field_index(column), table[column]
            seen = pc.if_else(_among(old, self.agents), old, pa.scalar(None, old.type))
            table = table.set_column(place, table.schema.field(place), seen)
        return table

    def _seen(self, table: pa.Table, rows: str, named: Named) -> pa.ChunkedArray:
        """Rows that name nobody, or somebody who may be seen."""
        column = table[rows]
        said_by = _said_by(table.schema) if rows == MEMBER else None
        if said_by is None:
            return pc.or_(pc.is_null(column), _among(column, self.teams if named == "team" else self.agents))
        agents, teams, everybody = (
            _among(table[said_by], [kind for kind, what in MEMBER_KINDS.items() if what == who]) for who in ("agent", "team", "nobody")
        )
        someone = pc.or_(
            pc.and_(agents, pc.or_(pc.is_null(column), _among(column, self.agents))),
            pc.and_(teams, pc.or_(pc.is_null(column), _among(column, self.teams))),
        )
        return pc.or_(everybody, someone)

    def may_see_parameter(self, analysis: str, name: str, value: Any) -> bool:
        if name == ABOUT_ONE:
            return value in self.agents
        kinds = {p.name: p.kind for p in ANALYSES[analysis].parameters} if analysis in ANALYSES else {}
        return not _texts(value) or name in PLAIN_PARAMETERS or kinds.get(name, "text") != "text"


def _named_by(analysis: str, table: str, column: str, schema: pa.Schema) -> Named | None:
    if column != MEMBER:
        return named_by(column)
    return MEMBER_TABLES.get((analysis, table)) if _said_by(schema) is None else "agent"


def _said_by(schema: pa.Schema) -> str | None:
    """The column that says what kind of thing `MEMBER` names."""
    return next((name for name in MEMBER_SAID_BY if name in schema.names), None)


def _plain_text(kind: pa.DataType) -> bool:
    """Whether a name can be looked for: not within a list or a map."""
    types = pa.types
    return any(is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view, types.is_dictionary))


def _among(column: pa.ChunkedArray, names: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(names), pa.string()))


def _plain_ones(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
    return tuple(remark for remark in remarks if all(_plain(remark.code, key, value) for key, value in remark.facts.items()))


def _plain(code: str, key: str, value: Any) -> bool:
    return not _texts(value) or key in PLAIN_FACTS or f"{code}.{key}" in PLAIN_FACTS


def _texts(value: Any) -> bool:
    """Whether a value is, or may hold, a text."""
    return not (value is None or isinstance(value, bool | int | float) or hasattr(value, "isoformat"))


def _schema(tables: Mapping[str, pa.Table], name: str) -> pa.Schema:
    return tables.schema(name) if isinstance(tables, StoredTables) else tables[name].schema


class _NarrowedTables(Mapping[str, pa.Table]):
    """Tables of another mapping, each narrowed once, when it is first asked for."""

    def __init__(self, tables: Mapping[str, pa.Table], plans: Mapping[str, _Plan], sight: _Sight) -> None:
        self._tables = tables
        self._plans = plans
        self._sight = sight
        self._done: dict[str, pa.Table] = {}
        self._narrowing = threading.Lock()

    def __getitem__(self, name: str) -> pa.Table:
        plan = self._plans[name]
        with self._narrowing:
            if name not in self._done:
                self._done[name] = self._sight.of(self._tables[name], plan)
            return self._done[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)

    def __contains__(self, name: object) -> bool:
        return name in self._plans
