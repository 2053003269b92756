"""Mystery calls of the group office to its thirty centres; those to the own centre are among its calls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import expit

from coachline.engine.simulate.call_table import customer_numbers
from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.ledger import ANSWERED
from coachline.engine.simulate.names import PROVINCES
from coachline.engine.simulate.roster import DAY_S
from coachline.engine.simulate.world import World

ITEMS = (("接通速度", 10.0), ("开头语规范", 10.0), ("业务解答", 30.0), ("服务态度", 20.0), ("延伸服务", 20.0), ("结束语规范", 10.0))
CALLS_A_MONTH = 20
OWN_START, OWN_GAIN = -1.0, 0.75
"""The own centre's level in the first month, below all others, and what it gains each month, in logits of an item."""


def call(world: World, month: np.ndarray, rng: np.random.Generator) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Make the mystery calls of all months.

    Parameters
    ----------
    world : World
    month : numpy.ndarray
        Number of the calendar month of each call.
    rng : numpy.random.Generator

    Returns
    -------
    tuple
        The fact table; the truth ``mystery_levels``: centre, month, level.
    """
    ledger, months = world.ledger, int(month.max(initial=0)) + 1
    level = np.tile(0.6 + 0.4 * rng.standard_normal(len(PROVINCES))[:, None], (1, months))
    level[0] = OWN_START + OWN_GAIN * np.arange(months)
    centre = np.repeat(np.arange(len(PROVINCES)), months * CALLS_A_MONTH)
    when = np.tile(np.repeat(np.arange(months), CALLS_A_MONTH), len(PROVINCES))
    bounds = np.array(
        [[month_seconds.min(), month_seconds.max()] for month_seconds in (ledger["second"][month == m] for m in range(months))]
    )
    at = np.floor(bounds[when, 0] + rng.random(len(when)) * (bounds[when, 1] - bounds[when, 0] + 1))
    # Made by day: keep the date, draw the hour.
    at = at // DAY_S * DAY_S + rng.integers(9 * 3600, 17 * 3600, len(at))
    business = rng.choice(world.size.businesses, len(at), p=world.businesses.share)
    caller = customer_numbers(10**8 - 1 - 9 * rng.integers(20, size=len(at)))
    agent = np.full(len(at), -1)
    for m in range(months):
        here = np.flatnonzero((centre == 0) & (when == m))
        taken = np.flatnonzero((month == m) & (ledger["outcome"] == ANSWERED) & ~ledger["outbound"] & ~ledger["chat"])
        found = rng.permutation(taken)[: len(here)]
        here = here[: len(found)]
        at[here], agent[here], business[here] = ledger["second"][found], ledger["agent"][found], ledger["business"][found]
        caller[here] = customer_numbers(ledger["customer"][found])
    share = np.round(expit(level[centre, when][:, None] + 1.0 + 0.8 * rng.standard_normal((len(at), len(ITEMS)))) * 5) / 5
    each = np.repeat(np.arange(len(at)), len(ITEMS))
    item = np.tile(np.arange(len(ITEMS)), len(at))
    maximum = np.array([points for _, points in ITEMS])[item]
    table = conform(
        "mystery_calls",
        {
            "mystery_id": pa.array([f"BC{n + 1:05d}" for n in range(len(at))]).take(pa.array(each)),
            "centre": pa.array([f"{p}中心" for p in PROVINCES]).take(pa.array(centre[each])),
            "agent_id": pa.array(world.people.agent_id).take(pa.array(agent, mask=agent < 0)).take(pa.array(each)),
            "business": pa.array(world.businesses.path).take(pa.array(business[each])),
            "called_at": instants(world.size.start, at[each]),
            "caller": pa.array(caller).cast(pa.string()).take(pa.array(each)),
            "item": pa.array([name for name, _ in ITEMS]).take(pa.array(item)),
            "points": share.ravel() * maximum,
            "max_points": maximum,
        },
    )
    number = np.tile(np.arange(months), len(PROVINCES))
    truth = pa.table({"centre": np.repeat([f"{p}中心" for p in PROVINCES], months), "month": number + 1, "level": level.ravel()})
    return table, {"mystery_levels": truth}
