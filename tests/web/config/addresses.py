"""Every address of the application, one line each: who may open it, and how it is asked for.

A new page belongs here; without its line the sweep over all addresses fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.urls import get_resolver

ANYBODY = "anybody"
"""Also who has not signed in."""
SIGNED_IN = "signed in"
"""Whoever has signed in, whatever their roles."""


@dataclass(frozen=True)
class Page:
    """What holds for an address.

    Attributes
    ----------
    verb : str
        Who holds it may open the page, others get 403; or `ANYBODY`, `SIGNED_IN`.
    methods : str
        ``get``, ``post`` or both. What is not among them is answered by 405.
    changing : str
        The verb that a POST wants, where it is another one.
    body : tuple of pairs
        What a POST must name before it is asked who sends it.
    query : str
        What it is asked with, so that there is something to show; ``{name}`` is filled in like parts of the address.
    status : int
        The answer to a GET of those who may.
    refused : int
        The answer to those who may not: 404 where nobody should learn that there is something.
    anonymous : int
        The answer to a GET of who has not signed in; 302 leads to signing in.
    not_for : tuple of str
        Roles that hold the verb and are refused all the same, since they see nobody but themselves.
    """

    verb: str
    methods: str = "get"
    changing: str = ""
    body: tuple[tuple[str, str], ...] = ()
    query: str = ""
    status: int = 200
    refused: int = 403
    anonymous: int = 302
    not_for: tuple[str, ...] = ()


def post(verb: str, **more: Any) -> Page:
    """A page that only changes something."""
    return Page(verb, "post", **more)


def both(verb: str, **more: Any) -> Page:
    """A form, and what takes it."""
    return Page(verb, "get post", **more)


def overview(**more: Any) -> Page:
    """A page that compares people: an agent sees nobody but themselves."""
    return Page("capability.view", not_for=("agent",), **more)


def sign_in(status: int, methods: str = "get post", anonymous: int = 200) -> Page:
    """A page of signing in."""
    return Page(ANYBODY, methods, status=status, anonymous=anonymous)


def own(status: int = 200, methods: str = "get post") -> Page:
    """A page of one's own account, from the library."""
    return Page(SIGNED_IN, methods, status=status)


PAGES: Mapping[str, Page] = MappingProxyType(
    {
        "language": post(ANYBODY, anonymous=405),
        "health": Page(ANYBODY, anonymous=200),
        "home": Page(SIGNED_IN),
        "bell": Page(SIGNED_IN),
        "analyses:list": Page(SIGNED_IN),
        "analyses:analysis": both("operations.view", changing="runs.start"),
        "analyses:result": Page("operations.view"),
        "analyses:table": Page("operations.view"),
        "analyses:download": Page("operations.view"),
        "operations:daily": Page("operations.view"),
        "operations:daily-download": Page("operations.view"),
        "operations:service": Page("operations.view"),
        "operations:intervals": Page("operations.view"),
        "operations:intervals-calculate": post("runs.start"),
        "operations:passport": Page("operations.view"),
        "operations:alerts": Page("operations.view"),
        "operations:alerts-seen": post("operations.view"),
        "operations:alert": Page("operations.view"),
        "operations:alert-seen": post("operations.view"),
        "operations:rules": Page("operations.alerts"),
        "operations:rule-new": both("operations.alerts"),
        "operations:rule": both("operations.alerts"),
        "operations:rule-remove": post("operations.alerts"),
        "operations:rule-silence": post("operations.alerts"),
        "operations:channel-new": both("operations.alerts"),
        "operations:channel": both("operations.alerts"),
        "operations:channel-remove": post("operations.alerts"),
        "operations:channel-test": post("operations.alerts"),
        "capability:matrix": overview(),
        "capability:matrix-cells": overview(query="outcome=resolved"),
        "capability:matrix-download": overview(),
        "capability:matrix-table": overview(),
        "capability:cell": Page("capability.view", query="agent={agent_id}&business={business}&outcome=resolved"),
        "capability:mine": Page("capability.view"),
        "capability:agents": Page("capability.view"),
        "capability:agents-download": overview(),
        "capability:agent": Page("capability.view"),
        "capability:businesses": overview(),
        "capability:businesses-download": overview(),
        "capability:business": overview(),
        "capability:weak": overview(),
        "capability:weak-download": overview(),
        "quality:inspection": Page("quality.view"),
        "quality:mystery": Page("quality.view"),
        "capability:correlation": overview(),
        "capability:trend": overview(),
        "facts:upload": both("facts.upload"),
        "facts:upload-detail": Page("facts.upload"),
        "facts:upload-state": Page("facts.upload"),
        "facts:upload-map": post("facts.upload"),
        "facts:map-file": Page("facts.upload"),
        "facts:upload-check": post("facts.upload"),
        "facts:upload-load": post("facts.upload"),
        "facts:upload-discard": post("facts.upload"),
        "facts:rejects": Page("facts.upload"),
        "facts:maps": Page("facts.upload"),
        "facts:map-change": post("facts.upload"),
        "facts:erase": both("facts.erase"),
        "facts:calls": Page("facts.browse"),
        "facts:call": Page("facts.browse"),
        "facts:table": Page("facts.browse"),
        "facts:quality": Page("facts.quality"),
        "facts:profile": Page("facts.quality"),
        "facts:open-ticket": post("facts.tickets"),
        "facts:tickets": Page("facts.quality"),
        "facts:ticket": both("facts.quality", changing="facts.tickets"),
        "runs:list": Page("runs.view"),
        "runs:timetable": both("runs.schedule"),
        "runs:start-everything": post("runs.schedule"),
        "runs:start-page": post("runs.start", body=(("page", "operations.daily"),)),
        "runs:page-state": Page("operations.view", query="page_code=operations.daily"),
        "runs:detail": Page("runs.view"),
        "runs:cancel": post("runs.start"),
        "org:list": Page("org.view"),
        "org:sync": post("org.manage"),
        "org:agents": Page("org.view"),
        "org:agent": Page("org.view"),
        "org:users": Page("accounts.view"),
        "org:new_user": both("accounts.manage"),
        "org:import_users": both("accounts.manage"),
        "org:confirm_import": post("accounts.manage"),
        "org:import_sample": Page("accounts.manage"),
        "org:user": Page("accounts.view"),
        "org:give": post("accounts.manage"),
        "org:take": post("accounts.manage"),
        "org:deactivate": post("accounts.manage"),
        "org:activate": post("accounts.manage"),
        "org:reset_password": post("accounts.manage"),
        "org:reset_second_factor": post("accounts.manage"),
        "org:link_agent": post("accounts.manage"),
        "org:unlink_agent": post("accounts.manage"),
        "journal:list": Page("journal.read"),
        "journal:entry": Page("journal.read"),
        "journal:download": Page("journal.read"),
        "accounts:me": Page(SIGNED_IN),
        "accounts:profile": post(SIGNED_IN),
        "accounts:tokens": Page("accounts.tokens"),
        "accounts:make_token": both("accounts.tokens"),
        "accounts:revoke_token": post("accounts.tokens", refused=404),
        "accounts:matrix": Page("accounts.matrix"),
        "accounts:matrix_download": Page("accounts.matrix"),
        "account_login": sign_in(302),
        "account_logout": own(),
        "account_inactive": sign_in(200, "get"),
        "account_reauthenticate": own(),
        "account_change_password": own(),
        "account_set_password": own(302),
        "account_reset_password": sign_in(404, anonymous=404),
        "account_reset_password_done": sign_in(404, "get", anonymous=404),
        "account_reset_password_from_key": sign_in(404, anonymous=404),
        "account_reset_password_from_key_done": sign_in(404, "get", anonymous=404),
        "mfa_index": own(methods="get"),
        "mfa_authenticate": sign_in(302, anonymous=302),
        "mfa_reauthenticate": own(302),
        "mfa_activate_totp": own(),
        "mfa_deactivate_totp": own(404),
        "mfa_view_recovery_codes": own(404, "get"),
        "mfa_generate_recovery_codes": own(),
        "mfa_download_recovery_codes": own(404, "get"),
        "socialaccount_login_cancelled": sign_in(200, "get"),
        "socialaccount_login_error": sign_in(401, "get", anonymous=401),
        "openid_connect_login": sign_in(404, anonymous=404),
        "openid_connect_callback": sign_in(404, anonymous=404),
    }
)

API: Mapping[str, str] = MappingProxyType(
    {
        "accounts_me": SIGNED_IN,
        "org_list_centres": "org.view",
        "org_list_teams": "org.view",
        "org_list_agents": "org.view",
        "org_list_users": "accounts.view",
        "facts_list_uploads": "facts.upload",
        "facts_send_upload": "facts.upload",
        "facts_one_upload": "facts.upload",
        "facts_map_upload": "facts.upload",
        "facts_check_upload": "facts.upload",
        "facts_load_upload": "facts.upload",
        "facts_discard_upload": "facts.upload",
        "facts_list_calls": "facts.browse",
        "facts_list_tickets": "facts.quality",
        "facts_open_ticket": "facts.tickets",
        "facts_one_ticket": "facts.quality",
        "facts_change_ticket": "facts.tickets",
        "operations_list_alerts": "operations.view",
        "operations_one_alert": "operations.view",
        "operations_see_alert": "operations.view",
        "operations_see_all_alerts": "operations.view",
        "capability_list_cells": "capability.view",
        "capability_list_weak_cells": "capability.view",
        "home_list_analyses": SIGNED_IN,
        "home_ask": "runs.start",
        "home_newest_result": "operations.view",
        "home_one_result": "operations.view",
        "home_rows": "operations.view",
        "runs_list_runs": "runs.view",
        "runs_one_run": "runs.view",
        "runs_cancel_run": "runs.start",
        "journal_list_entries": "journal.read",
    }
)
"""Operation of the API to the verb that a token must have."""


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and parameters of every address but those of the API, as the resolver knows them."""
    for name, converters in _walked(get_resolver()):
        if not name.startswith("api:"):
            yield name, converters


def _walked(resolver: Any, space: str = "", outer: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in resolver.url_patterns:
        inner = (*outer, *each.pattern.regex.groupindex)
        if hasattr(each, "url_patterns"):
            yield from _walked(each, f"{space}{each.namespace}:" if each.namespace else space, inner)
        else:
            yield f"{space}{each.name}", inner
