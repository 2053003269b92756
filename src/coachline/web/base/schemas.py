"""What several slices send and receive through the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from django.core.paginator import Paginator
from ninja import Field, Schema
from pydantic import AfterValidator

Item = TypeVar("Item")
MOST = 1000
LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1900, 9000

Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
"""A text of a request. Databases and engines take no NUL character, so none gets that far."""


def _on_the_calendar(day: date) -> date:
    # The first and last days of the calendar have no moment in every zone.
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{FIRST_YEAR}-01-01 .. {LAST_YEAR}-12-31")
    return day


Day = Annotated[date, AfterValidator(_on_the_calendar)]
"""A day of a request."""


class Refusal(Schema):
    """Why something was refused: a stable code, and a sentence for people."""

    code: str
    message: str


def refusals(*statuses: int) -> Mapping[int, type[Refusal]]:
    """The answers with which an operation refuses, beside 401 and 403, which every operation may give.

    Parameters
    ----------
    *statuses : int
        404: what it names is not there, or not the reader's to see; 413: too large; 422: the request does not fit its description or the state
        that things are in; 503: the lake is being written, or the machine is short of memory or room.
    """
    return dict.fromkeys(sorted({401, 403, *statuses}), Refusal)


class Paging(Schema):
    """Which part of a list is asked for."""

    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=MOST)


class Part(Schema, Generic[Item]):
    """A part of a list, and how many there are in all."""

    items: list[Item]
    total: int
    page: int
    size: int


def part_of(rows: Any, paging: Paging, item: Callable[[Any], Any] = lambda row: row) -> dict[str, Any]:
    """The part of `rows` that is asked for; empty beyond the end."""
    paginator: Paginator[Any] = Paginator(rows, paging.size)
    items = [] if paging.page > paginator.num_pages else [item(row) for row in paginator.page(paging.page).object_list]
    return {"items": items, "total": paginator.count, "page": paging.page, "size": paging.size}
