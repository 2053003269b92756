"""The fact table of calls, from the ledger."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coachline.engine.simulate.businesses import Businesses
from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.ledger import ANSWERED, IGNORED, IVR_ONLY, OUTCOME_CODES, UNKNOWN, Ledger
from coachline.engine.simulate.people import People
from coachline.engine.simulate.roster import DAY_S
from coachline.engine.simulate.size import CentreSize

NOT_CODED, NOT_CODED_BY_MACHINE = 0.01, 0.5
"""Share of answered calls, and of those that the machine served, that bear no business."""
WITHHELD_EVERY = 97
"""One customer in so many hides the number."""
FAKE_PREFIXES = np.array([120, 121, 123, 124, 125, 127, 128, 129], np.int64)
"""Eleven digits that begin so belong to nobody: mobile numbers begin with 13 to 19."""


def customer_numbers(customer: np.ndarray) -> np.ndarray:
    """Fake phone number of each customer; different customers have different ones."""
    prefix = FAKE_PREFIXES[customer % len(FAKE_PREFIXES)]
    # Multiplying by a number prime to 10^8 scatters the numbers without ever giving one twice.
    return np.asarray(prefix * 10**8 + (customer.astype(np.int64) // len(FAKE_PREFIXES) * 48_271_003 + 13_579_246) % 10**8)


def call_ids(size: CentreSize, ledger: Ledger) -> pa.Array:
    """Identifier of each contact: yymmdd and a running number of the day."""
    starts = np.array(ledger.day_starts)
    counts = np.diff(np.append(starts, ledger.filled))
    stamps = np.array([int(size.day(d).strftime("%y%m%d")) for d in range(size.days)])
    running = np.arange(ledger.filled) - np.repeat(starts, counts) + 1
    # The leading 1 keeps ids of the years before 2010 as long as the others.
    return pa.array(np.repeat(stamps + 1_000_000, counts) * 10**7 + running).cast(pa.string())


def _text(numbers: np.ndarray, labels: list[str]) -> pa.Array:
    """The label of each number; null where it is unknown."""
    return pa.array(labels, pa.string()).take(pa.array(numbers, pa.int64(), mask=numbers == UNKNOWN))


def _number(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=values == UNKNOWN)


def call_table(
    size: CentreSize, ledger: Ledger, people: People, businesses: Businesses, ids: pa.Array, rng: np.random.Generator
) -> pa.Table:
    """The fact table.

    Parameters
    ----------
    size : CentreSize
    ledger : Ledger
    people : People
    businesses : Businesses
    ids : pyarrow.Array
        Of `call_ids`.
    rng : numpy.random.Generator
        Decides where nobody coded the business.

    Returns
    -------
    pyarrow.Table
    """
    outcome, customer = ledger["outcome"], ledger["customer"]
    chance = rng.random(len(outcome), np.float32)
    uncoded = (outcome == IGNORED) | (
        chance < np.where(outcome == IVR_ONLY, NOT_CODED_BY_MACHINE, np.where(outcome == ANSWERED, NOT_CODED, 0))
    )
    answered = outcome == ANSWERED
    days = pa.array([f"{size.day(d):%Y%m%d}/" for d in range(size.days)]).take(pa.array(ledger["second"] // DAY_S))
    recording = pc.binary_join_element_wise(days, ids, pa.scalar(".wav"), "")
    return conform(
        "calls",
        {
            "call_id": ids,
            "channel": _text(ledger["chat"].astype(np.int8), ["voice", "chat"]),
            "direction": _text(ledger["outbound"].astype(np.int8), ["inbound", "outbound"]),
            "arrived_at": instants(size.start, ledger["second"]),
            "customer_id": pa.array(customer_numbers(customer), mask=customer % WITHHELD_EVERY == 0).cast(pa.string()),
            "business": _text(np.where(uncoded, UNKNOWN, ledger["business"]), businesses.path),
            "queue": _text(ledger["queue"], businesses.queue_names),
            "agent_id": _text(ledger["agent"], people.agent_id),
            **{name: _number(ledger[name]) for name in ("ivr_s", "wait_s", "talk_s", "hold_s", "wrap_s")},
            "outcome": _text(outcome, list(OUTCOME_CODES)),
            "transferred": ledger["transferred"] == 1,
            "ticketed": ledger["ticketed"] == 1,
            "resolved": pa.array(ledger["resolved"] == 1, mask=~ledger["recorded"]),
            "invited": ledger["invited"] == 1,
            "rating": _number(ledger["rating"]),
            "recording": pc.if_else(pa.array(answered & ~ledger["chat"]), recording, pa.scalar(None, pa.string())),
        },
    )
