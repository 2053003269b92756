"""Everything that was drawn and everything that happened, before it is written as tables."""

from __future__ import annotations

from dataclasses import dataclass

from coachline.engine.simulate.arrivals import Demand
from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.ledger import Ledger
from coachline.engine.simulate.people import People
from coachline.engine.simulate.roster import Roster
from coachline.engine.simulate.size import CentreSize
from coachline.engine.simulate.training import Trainings
from coachline.engine.simulate.truth import Truth


@dataclass(frozen=True)
class World:
    """A simulated centre as the simulation itself holds it."""

    size: CentreSize
    seed: int
    businesses: Businesses
    people: People
    truth: Truth
    demand: Demand
    roster: Roster
    trainings: Trainings
    ledger: Ledger
