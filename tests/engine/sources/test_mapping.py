"""A map is the same map after it has been stored: as JSON in a database row, as TOML in a file."""

from __future__ import annotations

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.sources.mapping import Mapping, Recipe, draft
from coachline.engine.tables import TABLES

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x7f"), min_size=1, max_size=8)
RECIPES = st.builds(
    Recipe,
    columns=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    join=st.sampled_from([" ", "/", "-", ""]),
    values=st.dictionaries(TEXT, TEXT, max_size=2),
    null=st.lists(TEXT, max_size=2).map(tuple),
    format=st.none() | st.just("%d/%m/%Y %H:%M"),
    unit=st.none() | st.sampled_from(["s", "ms", "min", "h"]),
    only_if=st.dictionaries(TEXT, st.lists(TEXT, min_size=1, max_size=2).map(tuple), max_size=2),
    hash=st.booleans(),
) | st.builds(Recipe, constant=TEXT, values=st.dictionaries(TEXT, TEXT, max_size=1))
COLUMNS = st.dictionaries(st.sampled_from([c.name for c in TABLES["calls"].columns]), RECIPES, max_size=4)
MAPS = st.builds(
    Mapping,
    table=st.none() | st.just("calls"),
    source=st.none() | TEXT,
    encoding=st.none() | st.just("gb18030"),
    delimiter=st.none() | st.sampled_from([",", "\t", ";"]),
    sheet=st.none() | TEXT,
    header_row=st.none() | st.integers(1, 9),
    ignore=st.lists(TEXT, max_size=2).map(tuple),
    columns=COLUMNS,
)


@given(MAPS)
def test_through_json(mapping: Mapping) -> None:
    assert Mapping.of(json.loads(json.dumps(mapping.as_dict()))) == mapping


@given(MAPS.filter(lambda m: m.table is not None))
def test_through_a_map_file(mapping: Mapping) -> None:
    comments = {"head": "Head", "unused": "Unused", "free": "Free"}
    written = draft(mapping, ["未用"], [], comments)
    assert Mapping.of(tomllib.loads(written)) == mapping
