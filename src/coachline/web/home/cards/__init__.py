"""What each role sees first: a few cards, each with what is theirs to do and the way to it.

A card is a function of the reader that returns a `Card`, or None where it has nothing to say. It reads stored results and rows, and
calculates nothing. To add one: write the function, enter it under its roles in `CARDS`, word ``web.home.card.<code>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coachline.web.home.cards.card import Card
from coachline.web.home.cards.figures import alerts, centres_side_by_side, moved, mystery_rank, need_and_people, over_hours, untrusted
from coachline.web.home.cards.inspection import audit, inspectors, my_hearings, sample, silent_items
from coachline.web.home.cards.people import my_capability, my_inspections, my_shifts, needs_worth_most, team_talks, weak_cells
from coachline.web.home.cards.upkeep import duties, failed_runs, feeds, journal_lately, without_second_factor
from coachline.web.org.models import Grant

CARDS: dict[str, tuple[Callable[[Any], Card | None], ...]] = {
    "director": (alerts, moved, weak_cells, untrusted, mystery_rank, failed_runs),
    "quality_head": (alerts, sample, inspectors, audit, silent_items, untrusted),
    "inspector": (my_hearings, moved),
    "trainer": (needs_worth_most, weak_cells),
    "team_leader": (alerts, team_talks, moved),
    "agent": (my_shifts, my_inspections, my_capability),
    "planner": (need_and_people, over_hours, moved),
    "group_office": (centres_side_by_side, mystery_rank, untrusted),
    "auditor": (journal_lately, duties, untrusted),
    "administrator": (feeds, failed_runs, without_second_factor, duties),
}


def cards_of(user: Any) -> list[Card]:
    """The cards of all roles that `user` holds, each once, in the order of the roles."""
    held = set(Grant.objects.filter(user=user).values_list("role", flat=True))
    wanted = dict.fromkeys(make for role, makes in CARDS.items() if role in held for make in makes)
    return [card for make in wanted if (card := make(user)) is not None]
