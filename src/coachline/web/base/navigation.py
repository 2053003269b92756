"""What stands in the menu: each slice enters its pages, and a reader sees those that they may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse


@dataclass(frozen=True)
class Item:
    """An entry of the menu.

    Parameters
    ----------
    code : str
        ``web.menu.<code>`` is its name.
    url : str
        Name of the address.
    verb : str
        Without it, the entry is not shown; empty where everybody may.
    group : str
        ``web.menu.<group>`` is the heading above it.
    order : int
        Place in the menu.
    only : callable, optional
        ``only(user)``: further says to whom it is shown of those who hold the verb.
    """

    code: str
    url: str
    verb: str
    group: str
    order: int
    only: Callable[[Any], bool] | None = None

    @property
    def address(self) -> str:
        return reverse(self.url)


_ITEMS: list[Item] = []


def enter(*items: Item) -> None:
    """Put entries into the menu; called once per slice, when the application starts."""
    _ITEMS.extend(item for item in items if item not in _ITEMS)


def menu(user: object, path: str) -> list[dict[str, object]]:
    """Headings with the entries that `user` may open; the one that `path` lies below is marked."""
    if isinstance(user, AnonymousUser):
        return []
    allowed = [item for item in sorted(_ITEMS, key=lambda i: i.order) if _shown(item, user)]
    inside = [item for item in allowed if path == item.address or (item.address != "/" and path.startswith(item.address))]
    here = max(inside, key=lambda item: len(item.address), default=None)
    groups: dict[str, list[dict[str, object]]] = {}
    for item in allowed:
        groups.setdefault(item.group, []).append({"code": item.code, "address": item.address, "here": item is here})
    return [{"group": group, "entries": entries} for group, entries in groups.items()]


def _shown(item: Item, user: Any) -> bool:
    return (not item.verb or user.has_perm(item.verb)) and (item.only is None or item.only(user))
