"""Which businesses a text means."""

from __future__ import annotations

from collections.abc import Iterable


def levels(business: str) -> list[str]:
    """The levels of a path, without regard to case."""
    return [level.strip().casefold() for level in business.split("/") if level.strip()]


def matching(text: str, businesses: Iterable[str]) -> list[str]:
    """Those of `businesses` of which `text` is a level, or several levels one below the other.

    Where it is a level of none of them, those count of which a level contains it: centres that write no levels say 国际件投诉 in one.

    Examples
    --------
    >>> matching("投诉", ["国际业务/投诉/国际件投诉", "国际业务/查询/国际件查询"])
    ['国际业务/投诉/国际件投诉']
    >>> matching("国际业务/查询", ["国际业务/投诉/国际件投诉", "国际业务/查询/国际件查询"])
    ['国际业务/查询/国际件查询']
    >>> matching("投诉", ["国际件投诉", "国际件查询"])
    ['国际件投诉']
    """
    wanted = levels(text)
    if not wanted:
        return []
    paths = {business: levels(business) for business in businesses}
    size = len(wanted)
    found = [name for name, path in paths.items() if any(path[i : i + size] == wanted for i in range(len(path)))]
    if found or size > 1:
        return found
    return [name for name, path in paths.items() if any(wanted[0] in level for level in path)]
