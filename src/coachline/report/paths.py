"""Paths of businesses: their families and their last levels."""

from __future__ import annotations

from collections.abc import Sequence


def family(business: str) -> str:
    """The top level of a path; empty where the path has no levels.

    >>> family("函件业务/查询/挂号信查询"), family("查询")
    ('函件业务', '')
    """
    top, slash, _ = business.partition("/")
    return top if slash else ""


def leaf(business: str) -> str:
    """The last level of a path."""
    return business.rsplit("/", 1)[-1]


def by_family(businesses: Sequence[str], order: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Businesses in families, families as they first occur in `order`, businesses within one in the order of their paths."""
    groups: dict[str, list[str]] = {family(business): [] for business in order}
    for business in sorted(businesses):
        groups[family(business)].append(business)
    return [(name, members) for name, members in groups.items() if members]
