"""What the users of ``bench.web`` open, and how often: the pages of a working morning."""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass

from bench.web_user import LINK, User


@dataclass(frozen=True)
class Page:
    """A kind of page.

    Parameters
    ----------
    code : str
    weight : int
        How often it is opened, beside the others.
    address : str
        Where it lies; or, where it is one of many, a pattern of links that other pages show.
    many : bool
    parts : tuple of str
        Addresses that the page itself fetches once it is there.
    """

    code: str
    weight: int
    address: str
    many: bool = False
    parts: tuple[str, ...] = ()


ASIDE = ("/bell",)
"""What every page fetches by itself."""
NAME = r"[^/?.]+"
UUID = r"[0-9a-f-]{36}"

PAGES = (
    Page("home", 8, "/"),
    Page("daily", 8, "/operations/"),
    Page("service", 3, "/operations/service/"),
    Page("intervals", 3, "/operations/intervals/"),
    Page("alerts", 2, "/operations/alerts/"),
    Page("passport", 3, rf"/operations/passports/{NAME}/.*", many=True),
    Page("matrix", 5, "/capability/", parts=("/capability/matrix.json?outcome=index",)),
    Page("matrix_table", 2, "/capability/matrix/"),
    Page("cell", 2, r"/capability/cell/\?.*", many=True),
    Page("agents", 4, "/capability/agents/"),
    Page("agent", 6, r"/capability/agents/[^?]+/.*", many=True),
    Page("me_capability", 3, "/capability/me/"),
    Page("businesses", 3, "/capability/businesses/"),
    Page("business", 4, r"/capability/businesses/[^?]+/.*", many=True),
    Page("weak", 4, "/capability/weak/"),
    Page("correlation", 2, "/capability/correlation/"),
    Page("trend", 1, "/capability/trend/"),
    Page("inspection", 2, "/quality/"),
    Page("mystery", 1, "/quality/mystery/"),
    Page("calls", 4, "/facts/calls/"),
    Page("calls_older", 2, r"/facts/calls/\?.*after=.*", many=True),
    Page("calls_rated", 2, "/facts/calls/?rating=1"),
    Page("calls_transferred", 2, "/facts/calls/?transferred=yes&outcome=answered"),
    Page("calls_of_agent", 2, r"/facts/calls/\?agent=.*", many=True),
    Page("call", 5, rf"/facts/calls/{NAME}[^/?]*/[^/]+", many=True),
    Page("quality", 3, "/facts/quality/"),
    Page("profile", 1, "/facts/quality/tables/calls/"),
    Page("tickets", 1, "/facts/quality/tickets/"),
    Page("shifts", 1, "/facts/tables/shifts/"),
    Page("upload", 1, "/facts/"),
    Page("analyses", 2, "/analyses/"),
    Page("analysis", 2, r"/analyses/[^/?]+/", many=True),
    Page("result", 2, rf"/analyses/[^/?]+/results/{UUID}/", many=True),
    Page("result_table", 2, rf"/analyses/[^/?]+/results/{UUID}/tables/[^/?]+/.*", many=True),
    Page("runs", 2, "/runs/"),
    Page("run", 1, rf"/runs/{UUID}/", many=True),
    Page("org", 2, "/org/"),
    Page("org_agents", 2, "/org/agents/"),
    Page("org_agent", 1, r"/org/agents/\d+/", many=True),
    Page("users", 2, "/org/users/"),
    Page("user", 1, r"/org/users/\d+/", many=True),
    Page("journal", 2, "/journal/"),
    Page("permissions", 1, "/me/permissions/"),
    Page("me", 4, "/me/"),
)
FRAME = "me"
"""A page of little else than the frame: how fast any page could be."""

_PATTERNS = [(page.code, re.compile(page.address)) for page in PAGES if page.many]
_DOWNLOAD = re.compile(r"[.](csv|xlsx|json|toml)(\?|$)|download|/sync/|/logout/")


def gather(user: User, here: str, body: bytes) -> None:
    """Remember where the links of a page lead."""
    for found in LINK.findall(body.decode()):
        address = html.unescape(found)
        if address.startswith("?"):
            address = here.partition("?")[0] + address
        if not address.startswith("/") or _DOWNLOAD.search(address):
            continue
        for code, pattern in _PATTERNS:
            if pattern.fullmatch(address):
                user.links[code].add(address)


def address_of(page: Page, user: User, chance: random.Random) -> str | None:
    """Where `user` goes for such a page; None where nothing has led there yet."""
    if not page.many:
        return page.address
    known = sorted(user.links[page.code])
    return chance.choice(known) if known else None
