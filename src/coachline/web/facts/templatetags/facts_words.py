"""Tables, columns and analyses as people call them, and sizes of files."""

from __future__ import annotations

from django import template

from coachline.report.terms import Terms
from coachline.web.base.language import words

register = template.Library()

MEGABYTE = 1_000_000


@register.filter
def table_title(name: str) -> str:
    return Terms(words()).table(name)


@register.filter
def column_title(column: str, table: str) -> str:
    """``{{ column|column_title:table }}``; a fault of whole rows names no column."""
    return Terms(words()).column(table, column) if column else words()("web.facts.whole_row")


@register.filter
def column_titles(columns: tuple[str, ...], table: str) -> str:
    terms = Terms(words())
    return str(terms.listed(column_title(column, table) for column in columns))


@register.filter
def analysis_title(name: str) -> str:
    return words()(f"analysis.{name}.title")


@register.filter
def megabytes(size: int | None) -> str:
    """A file's size with as many digits as say something."""
    if size is None:
        return ""
    return f"{max(size / MEGABYTE, 0.01):.2f} MB" if size < 10 * MEGABYTE else f"{size / MEGABYTE:,.0f} MB"
