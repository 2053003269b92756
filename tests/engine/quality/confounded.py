"""A centre in which weak agents and hard businesses have more faults and more dissatisfied customers, heard by habit rather than at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import expit, logit

Array = npt.NDArray[np.float64]
START = np.datetime64("2026-03-02T01:00:00", "us")


@dataclass(frozen=True)
class Confounded:
    """What is true of the world: one odds ratio per item, of failing it with dissatisfaction and with a repeat call."""

    dissatisfied: tuple[float, ...]
    repeat: tuple[float, ...]
    agents: int = 60
    businesses: int = 20
    inspectors: int = 8
    per_agent: int = 300
    heard: int = 80
    """Calls heard of each agent: up to a quarter dissatisfied, a sixth repeated, the rest of the others."""
    confounding: float = 0.6
    """Standard deviation of agents and businesses on the logit of faults and outcomes alike."""

    def tables(self, seed: int) -> dict[str, pa.Table]:
        """Calls, inspections with their true selection probabilities, and items."""
        rng = np.random.default_rng(seed)
        count = self.agents * self.per_agent
        agent = np.repeat(np.arange(self.agents), self.per_agent)
        share = rng.dirichlet(np.full(self.businesses, 0.5), size=self.agents)
        business = np.clip((rng.random(count)[:, None] > np.cumsum(share, 1)[agent]).sum(1), 0, self.businesses - 1)
        inspector = np.where(rng.random(count) < 0.7, agent % self.inspectors, rng.integers(self.inspectors, size=count))
        weak, hard = (self.confounding * rng.standard_normal(size) for size in (self.agents, self.businesses))
        severity = 0.6 * rng.standard_normal(self.inspectors)
        failed = np.stack(
            [rng.random(count) < expit(-2.6 + weak[agent] + hard[business] + severity[inspector]) for _ in self.dissatisfied], 1
        )
        dissatisfied = rng.random(count) < expit(logit(0.05) + weak[agent] + hard[business] + failed @ np.log(self.dissatisfied))
        repeat = rng.random(count) < expit(logit(0.10) + 0.5 * weak[agent] + 0.5 * hard[business] + failed @ np.log(self.repeat))
        heard, probability = self._sample(agent, dissatisfied, repeat, rng)
        at = START + np.arange(count) * np.timedelta64(7, "s")
        ids = np.char.add("c", np.arange(count).astype(str))
        customers = np.char.add("k", np.arange(count).astype(str))
        again = np.flatnonzero(repeat)
        later = at[again] + np.timedelta64(86_400, "s")
        end = at.max() + np.timedelta64(30, "D")
        calls = {
            "call_id": [*ids, *np.char.add(ids[again], "+"), "last"],
            "arrived_at": pa.array(np.concatenate([at, later, [end]])).cast(pa.timestamp("us", tz="UTC")),
            "direction": ["inbound"] * (count + len(again) + 1),
            "outcome": ["answered"] * count + ["abandoned"] * len(again) + ["answered"],
            "agent_id": [f"a{a:03d}" for a in agent] + [None] * (len(again) + 1),
            "business": [f"b{b:02d}" for b in np.concatenate([business, business[again], [0]])],
            "customer_id": [*customers, *customers[again], "nobody"],
            "rating": pa.array(
                [*np.where(dissatisfied, 1, 5), *[0] * (len(again) + 1)], pa.int8(), mask=np.arange(count + len(again) + 1) >= count
            ),
        }
        inspections = {
            "inspection_id": pa.array([f"z{h}" for h in heard]),
            "call_id": pa.array(ids[heard]),
            "agent_id": pa.array([f"a{a:03d}" for a in agent[heard]]),
            "inspector_id": pa.array([f"q{i}" for i in inspector[heard]]),
            "inspected_at": pa.array(at[heard] + np.timedelta64(1, "D")).cast(pa.timestamp("us", tz="UTC")),
            "form": pa.array(["表"] * len(heard)),
            "form_version": pa.array(["1"] * len(heard)),
            "purpose": pa.array(np.where(dissatisfied[heard] | repeat[heard], "coach", "score")),
            "probability": pa.array(probability),
        }
        names = len(self.dissatisfied)
        items = {
            "inspection_id": pa.array(np.repeat([f"z{h}" for h in heard], names)),
            "item": pa.array(np.tile([f"i{n}" for n in range(names)], len(heard))),
            "failed": pa.array(failed[heard].ravel()),
        }
        return {"calls": pa.table(calls), "inspections": pa.table(inspections), "inspection_items": pa.table(items)}

    def _sample(self, agent: npt.NDArray[np.int64], dissatisfied: npt.NDArray[np.bool_], repeat: npt.NDArray[np.bool_], rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], Array]:  # fmt: skip
        stratum = np.where(dissatisfied, 0, np.where(repeat, 1, 2))
        group = agent * 3 + stratum
        size = np.bincount(group, minlength=3 * self.agents).reshape(-1, 3)
        places = np.minimum(size, [self.heard // 4, self.heard // 6, self.heard])
        places[:, 2] = np.minimum(size[:, 2], self.heard - places[:, :2].sum(axis=1))
        order = np.argsort(group + rng.random(len(group)), kind="stable")
        rank = np.arange(len(order)) - np.searchsorted(group[order], group[order])
        chosen = np.sort(order[rank < places.ravel()[group[order]]])
        return chosen, (places / np.maximum(size, 1)).ravel()[group[chosen]]
