"""In which order people stand in the matrix, so that its patterns can be seen.

People who mostly handle the same family of businesses stand together, because their cells lie in the same columns. Within such a group they
follow the first principal direction of their cells: neighbours have the same strong and weak businesses, and weak evidence counts little. This
is an order by likeness. An order by one figure would be a ranking, which the evidence does not carry.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from coachline.report.paths import family


def main_families(calls: pl.DataFrame, agents: Sequence[str]) -> dict[str, list[str]]:
    """Family -> the agents who have most of their calls in it, the busiest family first.

    Parameters
    ----------
    calls : polars.DataFrame
        agent_id, business, n.
    agents : sequence of str
    """
    tops = {business: family(business) for business in calls["business"].unique()}
    volume = calls.with_columns(family=pl.col("business").replace_strict(tops, return_dtype=pl.String))
    busiest = volume.group_by("family").agg(pl.col("n").sum()).sort("n", "family", descending=[True, False])["family"]
    per_agent = volume.group_by("agent_id", "family").agg(pl.col("n").sum()).sort("n", "family", descending=[True, False])
    main = dict(per_agent.unique("agent_id", keep="first", maintain_order=True).select("agent_id", "family").iter_rows())
    groups: dict[str, list[str]] = {name: [] for name in busiest}
    for agent in agents:
        groups[main[agent]].append(agent)
    return {name: members for name, members in groups.items() if members}


def by_likeness(names: Sequence[str], pattern: np.ndarray) -> list[str]:
    """Names along the first principal direction of their rows.

    Parameters
    ----------
    names : sequence of str
    pattern : (names, columns) float array
        How far above the standard each cell is, weighted by how sure that is; 0 where nothing is known.

    Examples
    --------
    >>> by_likeness(["a", "b", "c", "d"], np.array([[1, 1], [-1, -1], [0.9, 0.8], [-0.8, -0.9]]))
    ['a', 'c', 'd', 'b']
    """
    if len(names) < 3 or not pattern.any():
        return list(names)
    centred = pattern - pattern.mean(axis=0)
    place = _along_first(centred)
    # The sign of a principal direction means nothing: the side with the stronger people, or else the first name, stands above.
    towards = float(place @ centred.sum(axis=1))
    if abs(towards) < 1e-9 * float(np.abs(place).sum() or 1.0):
        towards = place[0]
    order = np.argsort(-np.sign(towards or 1.0) * place, kind="stable")
    return [names[position] for position in order]


def _along_first(centred: np.ndarray) -> np.ndarray:
    """Where each row lies along the first principal direction; found from the smaller of both tables of products, since one direction will do."""
    if centred.shape[0] <= centred.shape[1]:
        sizes, directions = np.linalg.eigh(centred @ centred.T)
        return np.asarray(directions[:, -1] * np.sqrt(max(sizes[-1], 0.0)))
    return np.asarray(centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1])
