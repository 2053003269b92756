"""How the calls of a day spread over its half-hours: by type of day, each business drawn towards what stands above it as far as it has few calls.

Source: the Dirichlet-multinomial model; its concentration by moments (Weir, Hill (2002), *Annual Review of Genetics* 36, 721-750, for the same estimator elsewhere).
"""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.forecast.calendar import HOLIDAY, TYPES, WORKED_WEEKEND, Days
from coachline.engine.roster.forecast.history import Floats
from coachline.engine.roster.forecast.tree import Tree

HALF_LIFE = 84.0
"""Days after which a day counts half in the shape: shapes change slowly, and averaging over many weeks costs nothing."""

LEAST_DAYS = 3
"""Days of a type, or of its class (working or not), from which on a half-hour without any call counts as closed."""

LEAST_KAPPA, MOST_KAPPA = 5.0, 1e5


def profiles(halves: Floats, days: Days, trust: Floats, tree: Tree, now: int) -> Floats:
    """Shares of the half-hours in the calls of a day.

    Parameters
    ----------
    halves : (businesses, days, 48) float array
    days : Days
    trust : (days,) float array
        How much each day counts.
    tree : Tree
    now : int
        Number of the day from which ages are counted.

    Returns
    -------
    (businesses, types, 48) float array
        Sums are 1 over the half-hours; 0 where the centre is closed.
    """
    weight = trust * 0.5 ** ((now - days.number) / HALF_LIFE)
    types = np.zeros((TYPES, len(days.number)))
    types[days.type, np.arange(len(days.number))] = weight
    by_type = tree.sums(np.matmul(types[None], halves))
    whole = _of_whole(by_type[0], halves.sum(axis=0), days, trust)
    found = np.empty_like(by_type)
    found[0] = whole
    for depth in range(1, int(tree.depth.max(initial=0)) + 1):
        nodes = np.flatnonzero(tree.depth == depth)
        found[nodes] = _towards(by_type[nodes], found[tree.parent[nodes]])
    return np.asarray(found[tree.leaf])


def _of_whole(by_type: Floats, halves: Floats, days: Days, trust: Floats) -> Floats:
    """(types, 48): each type towards its class, classes towards all days."""
    working = np.ones(TYPES, np.bool_)
    working[[5, 6, HOLIDAY]] = False
    working[WORKED_WEEKEND] = True
    everything = by_type.sum(axis=0)
    everything = everything / max(everything.sum(), 1e-300) if everything.sum() else np.full(by_type.shape[1], 1.0 / by_type.shape[1])
    found = np.empty_like(by_type)
    for among in (working, ~working):
        of_class = _towards(by_type[among].sum(axis=0)[None, None], everything[None, None])[0, 0]
        found[among] = _towards(by_type[among][:, None], np.broadcast_to(of_class, (int(among.sum()), 1, by_type.shape[1])))[:, 0]
        # Who is closed on Sunday nights has no calls then, however many come on other nights.
        of_these = (days.working == working[among][0]) & (trust > 0)
        if of_these.sum() >= LEAST_DAYS:
            found[among] *= halves[of_these].sum(axis=0) > 0
    for kind in range(TYPES):
        of_type = (days.type == kind) & (trust > 0)
        if of_type.sum() >= LEAST_DAYS:
            found[kind] *= halves[of_type].sum(axis=0) > 0
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))


def _towards(counts: Floats, above: Floats) -> Floats:
    """(series, types, 48) shares drawn towards those above: first the shape over all types, then each type's own."""
    total = counts.sum(axis=2, keepdims=True)
    expected = (total * above).sum(axis=1)
    own = counts.sum(axis=1)
    mass = np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
    shape = expected / np.maximum(expected.sum(axis=1, keepdims=True), 1e-300)
    kappa = concentration(own, shape)
    drawn = (own + kappa * shape) / (mass + kappa)
    ratio = np.divide(drawn, shape, out=np.ones_like(drawn), where=shape > 0)
    prior = above * ratio[:, None]
    prior = prior / np.maximum(prior.sum(axis=2, keepdims=True), 1e-300)
    flat, flat_prior = counts.reshape(-1, counts.shape[2]), prior.reshape(-1, counts.shape[2])
    kappa = concentration(flat, flat_prior)
    return np.asarray((counts + kappa * prior) / np.maximum(total + kappa, 1e-300))


def concentration(counts: Floats, shares: Floats) -> float:
    """How firmly series hold to the shares expected of them: calls that the expectation is worth.

    Parameters
    ----------
    counts, shares : (series, 48) float arrays
    """
    total = counts.sum(axis=1)
    used = total >= 2
    if not used.any():
        return MOST_KAPPA
    counts, shares, total = counts[used], shares[used], total[used]
    expected = total[:, None] * shares
    possible = expected > 1e-9
    squares = np.divide((counts - expected) ** 2, expected, out=np.zeros_like(expected), where=possible).sum(axis=1)
    freedom = np.maximum(possible.sum(axis=1) - 1, 1)
    # Large series tell of how far they differ, small ones of chance alone.
    excess = float((squares - freedom).sum() / (freedom * (total - 1)).sum())
    return float(np.clip(1.0 / excess - 1.0, LEAST_KAPPA, MOST_KAPPA)) if excess > 0 else MOST_KAPPA
