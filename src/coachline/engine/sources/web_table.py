"""Web pages with a table, which many systems export under the name .xls."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa

from coachline.engine.sources import encoding as encodings
from coachline.engine.sources.header_row import find_header_row
from coachline.engine.sources.mapping import Mapping
from coachline.engine.sources.raw import Layout, RawRows, unique
from coachline.errors import CoachlineError


class _Cells(HTMLParser):
    """Collects the rows of the tables of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            if not self.rows:
                self.rows.append([])
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append("".join(self._cell).strip())
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def open_web_table(path: Path, mapping: Mapping | None) -> tuple[RawRows, pa.Table]:
    """The rows of the tables of a page; the relation is the name ``web_rows`` under which they must be registered.

    Raises
    ------
    CoachlineError
        ``not_a_table`` where the page holds none, ``encoding_not_supported``.
    """
    encoding = (mapping and mapping.encoding) or encodings.detect(path)
    parser = _Cells()
    try:
        parser.feed(path.read_text(encoding=encoding, errors="replace"))
    except LookupError:
        raise CoachlineError("encoding_not_supported", encoding=encoding) from None
    rows = [row for row in parser.rows if any(row)]
    if not rows:
        raise CoachlineError("not_a_table", file=path.name)
    index = mapping.header_row - 1 if mapping and mapping.header_row else find_header_row(rows)
    if index >= len(rows):
        raise CoachlineError("header_row_beyond_end", row=index + 1, file=path.name)
    headers, repeated = unique(rows[index])
    body = rows[index + 1 :]
    columns = [pa.array([row[i] if i < len(row) else None for row in body], pa.string()) for i in range(len(headers))]
    cells = pa.table(columns, names=[f"c{i}" for i in range(len(headers))])
    layout = Layout("web_page", encoding=encoding, header_row=index + 1)
    return RawRows(headers, "web_rows", index + 2, layout, duplicates=repeated), cells
