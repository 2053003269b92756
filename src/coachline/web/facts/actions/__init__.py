"""Everything that changes files, facts and tickets: one function per verb."""

from coachline.web.facts.actions.erasing import Erased, erase_customer
from coachline.web.facts.actions.mapping import forget_map, name_map, set_mapping
from coachline.web.facts.actions.receiving import receive_upload
from coachline.web.facts.actions.starting import check, discard, discard_expired, load
from coachline.web.facts.actions.tickets import change_ticket, open_ticket, take_up

__all__ = [
    "Erased",
    "change_ticket",
    "check",
    "discard",
    "discard_expired",
    "erase_customer",
    "forget_map",
    "load",
    "name_map",
    "open_ticket",
    "receive_upload",
    "set_mapping",
    "take_up",
]
