"""What a proposed training group is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coachline.engine.result import Note


@dataclass(frozen=True)
class Place:
    """One person's place in a group.

    Attributes
    ----------
    agent_id : str
    business : str
        Of the group's businesses the one on which this person gains most.
    outcome : str
        The outcome that is to get better.
    gain : float
        Calls gained in the coming horizon, over all businesses of the group.
    reason : str
        Code, worded as ``training_reason.<code>``.
    facts : mapping of str to value
        What the reason rests on; columns of the table of places.
    """

    agent_id: str
    business: str
    outcome: str
    gain: float
    reason: str
    facts: Mapping[str, float | int | str | None]


@dataclass(frozen=True)
class Group:
    """People from any team who are to be trained together.

    Attributes
    ----------
    code : str
        ``G01`` is the group with the greatest gain.
    business : str
        What it is about: the business, or where several are taken together what stands above them all.
    businesses : tuple of str
        All that it is about.
    method : str
        One of `coachline.engine.training.method_effects.METHODS`.
    hours : float
        Length of the training.
    places : tuple of Place
        The greatest gain first.
    """

    code: str
    business: str
    businesses: tuple[str, ...]
    method: str
    hours: float
    places: tuple[Place, ...]

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(place.agent_id for place in self.places)

    @property
    def gain(self) -> float:
        """Calls gained in the coming horizon by everybody together."""
        return sum(place.gain for place in self.places)


@dataclass(frozen=True)
class Groups:
    """All proposed groups, the greatest gain first, and what must be said of them."""

    groups: tuple[Group, ...]
    notes: tuple[Note, ...] = ()
