"""Pooled odds ratios and the claims made of them: published figures, hand counts, error rates."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.quality.items_links import FEWEST, Links, Tables2x2, adjusted, pooled_links, verdicts


def tables(*rows: tuple[int, int, float, float, float, float], calls: list[float] | None = None) -> Tables2x2:
    item, agent, *cells = (np.array(column) for column in zip(*rows, strict=True))
    sums = [cell.astype(float) for cell in cells]
    return Tables2x2(item, agent, sum(sums) if calls is None else np.array(calls), *sums)  # type: ignore[arg-type]


BERKELEY = [(512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391), (138, 279, 131, 244), (53, 138, 94, 299), (22, 351, 24, 317)]
"""Admissions by department: men admitted and rejected, women admitted and rejected (Bickel, Hammel & O'Connell 1975, Science 187)."""


def test_berkeley_admissions() -> None:
    """R, ``mantelhaen.test(UCBAdmissions)``: common odds ratio 0.9046968."""
    found = pooled_links(tables(*((0, n, a, b, c, d) for n, (a, b, c, d) in enumerate(BERKELEY))), 1)
    assert np.exp(found.log_odds[0]) == pytest.approx(0.9046968, abs=5e-8)


def test_the_error_is_the_jackknife_over_agents() -> None:
    rng = np.random.default_rng(1)
    rows = [(0, n % 8, *rng.integers(1, 9, 4).astype(float)) for n in range(24)]
    found = pooled_links(tables(*rows), 1)

    def log_odds(without: int | None) -> float:
        above = sum(a * d / (a + b + c + d) for _, agent, a, b, c, d in rows if agent != without)
        return float(np.log(above / sum(b * c / (a + b + c + d) for _, agent, a, b, c, d in rows if agent != without)))

    left_out = [log_odds(agent) for agent in range(8)]
    assert found.log_odds[0] == pytest.approx(log_odds(None))
    assert found.se[0] == pytest.approx(np.sqrt(7 / 8 * sum((one - log_odds(None)) ** 2 for one in left_out)))


def test_items_do_not_touch_each_other() -> None:
    one, other = [(0, n, 3.0, 1.0, 2.0, 5.0 + n) for n in range(9)], [(1, n, 1.0, 4.0 + n, 2.0, 2.0) for n in range(9)]
    both = pooled_links(tables(*one, *other), 3)
    alone = pooled_links(tables(*other), 2)
    assert both.log_odds[1] == pytest.approx(alone.log_odds[1])
    assert both.se[1] == pytest.approx(alone.se[1])
    assert np.isnan(both.log_odds[2]) and np.isnan(both.se[2])


def test_weights_in_one_unit_do_not_matter() -> None:
    rows = [(0, n, 3.0 + n % 3, 1.0, 2.0, 5.0 + n) for n in range(9)]
    scaled = [(i, n, *(10 * cell for cell in cells)) for i, n, *cells in rows]
    here, there = pooled_links(tables(*rows, calls=[7.0] * 9), 1), pooled_links(tables(*scaled, calls=[7.0] * 9), 1)  # type: ignore[arg-type]
    assert here.log_odds[0] == pytest.approx(there.log_odds[0])
    assert here.se[0] == pytest.approx(there.se[0])


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 0, 3.0, 1.0, 2.0, 5.0)],
        [(0, n, 0.0, 1.0, 2.0, 5.0) for n in range(20)],
        [(0, n, 3.0, 0.0, 0.0, 5.0) for n in range(20)],
        # A hundred agents, all of whom rest on one.
        [(0, 0, 300.0, 100.0, 200.0, 500.0), *((0, n, 0.01, 0.01, 0.01, 0.01) for n in range(1, 100))],
    ],
    ids=["one agent", "never together", "always together", "one agent carries all"],
)
def test_what_cannot_be_told_has_no_error_and_no_verdict(rows: list[tuple[int, int, float, float, float, float]]) -> None:
    found = pooled_links(tables(*rows), 1)
    assert np.isnan(found.se[0])
    assert verdicts(found, 1.5, 0.9, 0.05).tolist() == ["unknown"]
    assert np.isnan(found.interval(0.9)[0][0])


def links(*figures: tuple[float, float], agents: float = 1e6) -> Links:
    odds, se = (np.array(column) for column in zip(*figures, strict=True))
    return Links(np.log(odds), se, np.full(len(odds), agents))


def test_verdicts() -> None:
    found = verdicts(links((3.0, 0.1), (1.0, 0.1), (0.3, 0.1), (1.0, 0.4), (1.2, 0.02), (1.45, 0.2)), 1.5, 0.9, 0.05)
    # The fifth surely differs from 1, and surely not by anything that matters.
    assert found.tolist() == ["predicts", "predicts_nothing", "backwards", "unknown", "predicts_nothing", "unknown"]


def test_few_agents_make_wide_intervals() -> None:
    low, high = links((2.0, 0.2), agents=FEWEST).interval(0.9)
    # t with 4 degrees of freedom: 2.1318.
    assert np.log(high[0] / low[0]) == pytest.approx(2 * 2.131847 * 0.2, rel=1e-6)


def test_adjusted_p_values() -> None:
    """The example of Benjamini & Hochberg (1995), fifteen p-values: four may be claimed at 5 %."""
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    shuffled = np.random.default_rng(0).permutation(15)
    found = adjusted(p[shuffled], np.ones(15, bool))
    assert int((found <= 0.05).sum()) == 4
    assert found[np.argsort(shuffled)][3] == pytest.approx(0.0095 * 15 / 4)
    assert adjusted(np.array([0.01, 0.9]), np.array([True, False])).tolist() == [0.01, 1.0]


def test_claims_are_wrong_as_rarely_as_they_say() -> None:
    """Half of forty items foretell: of what is claimed at 10 %, no more than that share is wrong, and most of what is there is found."""
    rng = np.random.default_rng(4)
    wrong, claimed, right = [], [], []
    for _ in range(300):
        truth = np.where(np.arange(40) < 20, np.log(2.0), 0.0)
        se = rng.uniform(0.1, 0.3, 40)
        said = verdicts(Links(truth + se * rng.standard_normal(40), se, np.full(40, 1e6)), 1.2, 0.9, 0.1) == "predicts"
        wrong.append((said & (truth == 0)).sum() / max(said.sum(), 1))
        claimed.append(said.sum())
        right.append((said & (truth > 0)).sum())
    assert np.mean(wrong) < 0.1
    assert np.mean(right) > 17
