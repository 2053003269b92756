"""Types and checks the rows of a file, all of them in one pass of DuckDB, before anything touches the lake.

``typed`` is a view over the raw text; ``staged`` is the table made of it, with a flag on rows that break a rule. Only if there are
such rows is the file read a second time, to say what is wrong with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from coachline.engine.sources.mapping import Mapping, Recipe
from coachline.engine.sources.raw import RawRows
from coachline.engine.sources.rejected import ROWS_AT_ONCE, MalformedLines
from coachline.engine.sources.values import AMBIGUOUS_ORDER, Reading, bare, identifier, known, literal, plain, value
from coachline.engine.tables import Column, FactTable
from coachline.engine.tables.kinds import Day, Instant, Pseudonym, Text
from coachline.errors import CoachlineError

MAIN_FEED = "main"
"""Name of the feed where neither file nor map names one."""

MONTHS = 12

SUMMARY_WORDS = ("合计", "总计", "小计", "总和", "汇总", "total", "grand total", "sum")


@dataclass(frozen=True)
class Staged:
    """A file, read and checked.

    Attributes
    ----------
    present : tuple of str
        Columns that the file supplies.
    rows, bad : int
        Rows in the table ``staged``, and how many of them break a rule.
    """

    table: FactTable
    recipes: dict[str, Recipe]
    raw: RawRows
    reading: Reading
    present: tuple[str, ...]
    rows: int
    bad: int


def stage(raw: RawRows, table: FactTable, mapping: Mapping, reading: Reading, connection: Backend) -> Staged:
    """Make ``staged``: the columns of `table` that the file supplies, and ``bad``; its ``rowid`` is the order of the file."""
    recipes = _with_source(mapping)
    _refuse_bad_formats(recipes, connection)
    present = tuple(c.name for c in table.stored if c.name in recipes)
    order = _day_first(raw, table, recipes, connection) if reading.day_first is None else reading.day_first
    reading = Reading(reading.zone, reading.pseudonymiser, order)
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW typed AS {_typed(raw, table, recipes, reading)}")
    typed = connection.table("typed")
    bad = ibis.or_(*(fault.fill_null(False) for _, fault in faults(typed, table, present, raw.damaged)))
    query = ibis.to_sql(typed.select(*present, bad=bad), dialect="duckdb")
    connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE staged AS {query}")
    rows, wrong = connection.raw_sql("SELECT count(*), count(*) FILTER (WHERE bad) FROM staged").fetchall()[0]
    return Staged(table, recipes, raw, reading, present, rows, wrong)


def stage_as_meant(
    raw: RawRows, table: FactTable, mapping: Mapping, reading: Reading, connection: Backend
) -> tuple[Staged, MalformedLines]:
    """Stage a file; where its text does not cut into rows as it is written, in the other way in which it may be meant."""
    try:
        staged = stage(raw, table, mapping, reading, connection)
    except duckdb.InvalidInputException:
        if raw.even_line_ends is None:
            raise
        raw = raw.even_line_ends()
        staged = stage(raw, table, mapping, reading, connection)
    malformed = raw.malformed(connection.con)
    unquoted = raw.unquoted
    if unquoted is not None and malformed.any("unquoted_value"):
        plain = stage(unquoted, table, mapping, reading, connection)
        if plain.rows - plain.bad > staged.rows - staged.bad:
            raw, staged, malformed = unquoted, plain, unquoted.malformed(connection.con)
        else:
            staged = stage(raw, table, mapping, reading, connection)
    if raw.alone is not None and malformed.may_fill_a_buffer:
        staged = stage(raw.alone, table, mapping, reading, connection)
        # One reader alone does not tell of a quotation mark that is never closed.
        malformed = raw.alone.malformed(connection.con).and_those_of(malformed)
    return staged, malformed


def faults(typed: ir.Table, table: FactTable, present: Sequence[str], damaged: bool) -> list[tuple[str, ir.BooleanValue]]:
    """Everything that can be wrong with a row, as (code, condition).

    The codes are ``missing:call_id``, ``unreadable:talk_s``, ``outside:rating``, ``damaged:queue``, ``rule:abandoned_has_no_talk``,
    ``summary_row``.
    """
    found: list[tuple[str, ir.BooleanValue]] = []
    for column in table.stored:
        if column.name not in present:
            continue
        cell, text = typed[column.name], typed[f"{column.name} text"]
        if damaged:
            found.append((f"damaged:{column.name}", text.contains("�")))
        # Any text is a text, and of an identifier that Excel rounded only the identifier is lost.
        if type(column.kind) not in (Text, Pseudonym):
            found.append((f"unreadable:{column.name}", text.notnull() & cell.isnull()))
        if column.required:
            found.append((f"missing:{column.name}", text.isnull() & cell.isnull()))
        if column.limits and column.limits.low is not None:
            found.append((f"outside:{column.name}", cell < column.limits.low))
        if column.limits and column.limits.high is not None:
            found.append((f"outside:{column.name}", cell > column.limits.high))
    for rule in table.rules:
        if rule.severity == "reject" and set(rule.columns) & set(present):
            found.append((f"rule:{rule.code}", ~rule.holds(typed)))
    first = typed["first cell"]
    found.append(("summary_row", first.lower().isin(SUMMARY_WORDS)))
    return found


def bad_rows(staged: Staged, others: pa.Table, connection: Backend) -> pa.RecordBatchReader:
    """Every rejected row: its number in the file, the codes of what is wrong with it, and its raw cells as ``c0``, ``c1``, ...

    Parameters
    ----------
    others : pyarrow.Table
        ``row`` and ``fault`` of rows that were found wrong later, against the rest of the file or the lake.
    """
    connection.con.register("later_faults", others)
    # The n-th row of this second reading is the n-th of `staged`: DuckDB keeps the order of a file.
    numbered = _typed(staged.raw, staged.table, staged.recipes, staged.reading, whole=True)
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW numbered AS {numbered}")
    cells = [f"c{i}" for i in range(len(staged.raw.headers))]
    typed = connection.table("numbered")
    codes = [
        ibis.ifelse(fault.fill_null(False), code, ibis.null(str))
        for code, fault in faults(typed, staged.table, staged.present, staged.raw.damaged)
    ]
    wrong = typed.filter(typed.row.isin(connection.table("later_faults").row) | ibis.or_(*(c.notnull() for c in codes)))
    listed = wrong.select("row", *cells, codes=ibis.array(codes).filter(lambda c: c.notnull()))
    connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE own_faults AS {ibis.to_sql(listed, dialect='duckdb')}")
    query = (
        f"SELECT o.row + {staged.raw.first_row} AS row, list_distinct(list_concat(o.codes, coalesce(l.codes, []))) AS faults, {', '.join(cells)} "
        "FROM own_faults o LEFT JOIN (SELECT row, list(fault) AS codes FROM later_faults GROUP BY row) l USING (row) ORDER BY 1"
    )
    return connection.con.sql(query).to_arrow_reader(ROWS_AT_ONCE)


def _with_source(mapping: Mapping) -> dict[str, Recipe]:
    recipes = dict(mapping.columns)
    if mapping.source:
        recipes["source"] = Recipe(constant=mapping.source)
    elif "source" not in recipes:
        recipes["source"] = Recipe(constant=MAIN_FEED)
    return recipes


def _refuse_bad_formats(recipes: dict[str, Recipe], connection: Backend) -> None:
    for name, recipe in recipes.items():
        if recipe.format is None:
            continue
        try:
            connection.con.execute(f"SELECT try_strptime('', {literal(recipe.format)})").fetchall()
        except duckdb.Error:
            entry = f"columns.{name}.format"
            raise CoachlineError("map_bad_entry", entry=entry, value=recipe.format, accepted="%Y-%m-%d %H:%M:%S") from None


def _typed(raw: RawRows, table: FactTable, recipes: dict[str, Recipe], reading: Reading, whole: bool = False) -> str:
    """SQL of ``typed``: per column its value, and the text it was read from unless that was plain.

    Layer by layer, so that nothing is worked out twice: raw cells, plain values, cells that need a closer look, texts, values. If `whole`, all
    raw cells and the number of the row come with them.
    """
    headers = [h for recipe in recipes.values() for h in (*recipe.columns, *recipe.only_if)]
    places = {header: list(raw.headers).index(header) for header in headers}
    plains: dict[str, str] = {}
    spared: dict[int, str] = {}
    texts, values = [], []
    for column in table.stored:
        recipe = recipes.get(column.name)
        text, found = identifier(f"{column.name} text"), identifier(f"{column.name} plain")
        texts.append(f"CAST({'NULL' if recipe is None else _text(column, recipe, places)} AS VARCHAR) AS {text}")
        parsed = value(column.kind, text, recipe or Recipe(), reading)
        if recipe is not None and recipe.columns:
            place = places[recipe.columns[0]]
            simple = plain(column.kind, f"c{place}", recipe, reading)
            if simple is not None:
                plains[found] = simple
                parsed = f"coalesce({found}, CASE WHEN {text} IS NOT NULL THEN {parsed} END)"
                if headers.count(recipe.columns[0]) == 1:
                    spared[place] = found
        values.append(f"CAST({parsed} AS {sql_type(column)}) AS {identifier(column.name)}")
    raws = [f"c{i}" for i in (range(len(raw.headers)) if whole else sorted({0, *places.values()}))]
    number = ["row_number() OVER () - 1 AS row"] if whole else []
    cells = []
    for i in sorted(set(places.values())):
        cell = bare(f"c{i}")
        if i in spared:
            cell = f"CASE WHEN {spared[i]} IS NULL THEN {cell} END"
        cells.append(f"{cell} AS {identifier(f'cell {i}')}")
    layers = (
        [*raws, *number],
        ["*", f"trim(c0) AS {identifier('first cell')}", *(f"{sql} AS {name}" for name, sql in plains.items())],
        ["*", *cells],
        ["*", *texts],
        ["*", *values],
    )
    query = raw.relation
    for layer in layers:
        query = f"(SELECT {', '.join(layer)} FROM {query})"
    return query[1:-1]


def _text(column: Column, recipe: Recipe, places: dict[str, int]) -> str:
    """SQL of the cleaned text from which a column is read."""
    if recipe.constant is not None:
        text = literal(recipe.constant)
    else:
        parts = [known(identifier(f"cell {places[h]}"), recipe.null) for h in recipe.columns]
        if len(parts) == 1:
            text = parts[0]
        elif isinstance(column.kind, Instant | Day):
            # A date without its time is no moment; a date cell may carry an empty midnight of its own.
            dates = f"regexp_replace({parts[0]}, '[ T]0?0:00(:00)?$', '')"
            text = " || ".join(f"({p})" for p in [dates, *(f"{literal(recipe.join)} || {p}" for p in parts[1:])])
        else:
            text = f"nullif(concat_ws({literal(recipe.join)}, {', '.join(parts)}), '')"
    if recipe.values:
        arms = " ".join(f"WHEN {literal(word)} THEN {literal(meaning)}" for word, meaning in recipe.values.items())
        text = f"CASE {text} {arms} ELSE {text} END"
    for header, words in recipe.only_if.items():
        text = f"CASE WHEN {known(identifier(f'cell {places[header]}'))} IN ({', '.join(map(literal, words))}) THEN {text} END"
    return text


def sql_type(column: Column) -> str:
    """DuckDB's name for the type in which `column` is stored."""
    types = {
        pa.string(): "VARCHAR",
        pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
        pa.date32(): "DATE",
        pa.float64(): "DOUBLE",
        pa.int64(): "BIGINT",
        pa.bool_(): "BOOLEAN",
        pa.map_(pa.string(), pa.string()): "MAP(VARCHAR, VARCHAR)",
        pa.map_(pa.string(), pa.float64()): "MAP(VARCHAR, DOUBLE)",
    }
    return types[column.kind.arrow]


def _day_first(raw: RawRows, table: FactTable, recipes: dict[str, Recipe], connection: Backend) -> bool | None:
    """Whether times such as 3/4/2026 begin with the day; a whole column is looked at, since one row cannot tell.

    Raises
    ------
    CoachlineError
        ``day_or_month_first`` if no row of a column tells.
    """
    for column in table.stored:
        recipe = recipes.get(column.name)
        if not isinstance(column.kind, Instant | Day) or recipe is None or recipe.format or not recipe.columns:
            continue
        cell = f"trim({raw.column(recipe.columns[0])})"
        if not _begins_ambiguously(raw, cell, connection):
            continue
        numbers = [f"max(try_cast(regexp_extract({cell}, '^(\\d+)[/.-](\\d+)', {i}) AS INT))" for i in (1, 2)]
        query = f"SELECT {', '.join(numbers)} FROM {raw.relation} WHERE regexp_matches({cell}, '{AMBIGUOUS_ORDER}')"
        first, second = connection.con.execute(query).fetchall()[0]
        if first <= MONTHS and second <= MONTHS:
            raise CoachlineError("day_or_month_first", column=recipe.columns[0])
        return bool(first > MONTHS)
    return None


def _begins_ambiguously(raw: RawRows, cell: str, connection: Backend) -> bool:
    """Whether the first rows are written that way: spares other files a reading of the column."""
    query = f"SELECT count(*) FROM (SELECT {cell} AS cell FROM {raw.relation} LIMIT 1000) WHERE regexp_matches(cell, '{AMBIGUOUS_ORDER}')"
    return bool(connection.con.execute(query).fetchall()[0][0])
