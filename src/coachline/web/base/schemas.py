"""What several slices send and receive through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.core.paginator import Paginator
from ninja import Field, Schema

Item = TypeVar("Item")
MOST = 1000


class Refusal(Schema):
    """Why something was refused: a stable code, and a sentence for people."""

    code: str
    message: str


REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal, 422: Refusal, 503: Refusal}
"""Answers that every operation may give."""


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
