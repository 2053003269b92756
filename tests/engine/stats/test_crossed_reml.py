"""REML against the same model written out, textbook cases, and recovered variances."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.crossed_reml import Rows, fit_reml


def inspected(seed: int, agents: int = 12, inspectors: int = 4, calls: int = 200, twice: int = 50) -> Rows:
    draw = np.random.default_rng(seed)
    agent = draw.integers(0, agents, calls)
    agent[:agents] = np.arange(agents)
    call = np.concatenate([np.arange(calls), np.arange(twice)])
    inspector = draw.integers(0, inspectors, calls + twice)
    inspector[calls:] = (inspector[:twice] + draw.integers(1, inspectors, twice)) % inspectors
    part = draw.integers(0, 2, calls)[call].astype(float)
    value = 85 + 3 * draw.standard_normal(agents)[agent[call]] + 2 * draw.standard_normal(inspectors)[inspector] - 4 * part
    value += 5 * draw.standard_normal(calls)[call] + 3 * draw.standard_normal(calls + twice)
    return Rows(value, agent[call], {"inspector": inspector}, call, part[:, None])


def written_out(rows: Rows, variances: dict[str, float]) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Restricted deviance, fixed effects, and the effects of groups and inspectors, from the full covariance of the rows."""

    def same(codes: np.ndarray) -> np.ndarray:
        return (codes[:, None] == codes[None, :]).astype(float)

    assert rows.within is not None and rows.fixed is not None
    inspector = rows.crossed["inspector"]
    full = variances["group"] * same(rows.group) + variances["within"] * same(rows.within) + variances["inspector"] * same(inspector)
    full += variances["residual"] * np.eye(len(rows.value))
    fixed = np.column_stack([np.ones(len(rows.value)), rows.fixed])
    inverse = np.linalg.inv(full)
    information = fixed.T @ inverse @ fixed
    beta = np.linalg.solve(information, fixed.T @ inverse @ rows.value)
    rest = rows.value - fixed @ beta
    deviance = np.linalg.slogdet(full)[1] + np.linalg.slogdet(information)[1] + rest @ inverse @ rest + (len(rest) - 2) * np.log(2 * np.pi)
    groups = np.eye(rows.group.max() + 1)[rows.group]
    levels = np.eye(inspector.max() + 1)[inspector]
    return deviance, beta, variances["group"] * groups.T @ inverse @ rest, variances["inspector"] * levels.T @ inverse @ rest


def test_given_variances_it_is_the_full_model() -> None:
    rows, variances = inspected(1), {"group": 8.0, "within": 20.0, "inspector": 5.0, "residual": 10.0}
    found = fit_reml(rows, variances)
    deviance, beta, groups, inspectors = written_out(rows, variances)
    assert found.deviance == pytest.approx(deviance, abs=1e-6)
    assert found.fixed == pytest.approx(beta, abs=1e-8)
    assert found.group.mean == pytest.approx(groups, abs=1e-8)
    assert found.crossed["inspector"].mean == pytest.approx(inspectors, abs=1e-8)


def test_no_other_variances_are_likelier() -> None:
    rows = inspected(2)
    found = fit_reml(rows)
    assert found.settled
    best, *_ = written_out(rows, dict(found.variances))
    assert found.deviance == pytest.approx(best, abs=1e-6)
    for name in found.variances:
        for factor in (0.97, 1.03):
            assert written_out(rows, {**found.variances, name: found.variances[name] * factor})[0] > best


def test_uncertainties_are_those_of_prediction_errors() -> None:
    # Over many draws from known variances, squared errors of predicted effects average to the variances that are told.
    variances = {"group": 9.0, "within": 25.0, "inspector": 4.0, "residual": 9.0}
    layout, draw = inspected(3), np.random.default_rng(3)
    errors, told = [], []
    for _ in range(300):
        agents, inspectors = 3 * draw.standard_normal(12), 2 * draw.standard_normal(4)
        assert layout.within is not None
        value = 80 + agents[layout.group] + inspectors[layout.crossed["inspector"]] + 5 * draw.standard_normal(200)[layout.within]
        value += 3 * draw.standard_normal(len(value))
        found = fit_reml(Rows(value, layout.group, layout.crossed, layout.within), variances)
        level, contrast = found.group_levels("inspector"), found.contrasts("inspector")
        truth = 80 + agents + inspectors.mean()
        errors.append(np.concatenate([(level.mean - truth) ** 2, (contrast.mean - inspectors + inspectors.mean()) ** 2]))
        told.append(np.concatenate([level.variance, contrast.variance]))
    assert np.mean(errors, axis=0) == pytest.approx(np.mean(told, axis=0), rel=0.35)
    assert np.mean(errors) == pytest.approx(np.mean(told), rel=0.06)


def test_a_balanced_two_way_layout_has_the_textbook_estimates() -> None:
    draw = np.random.default_rng(4)
    a, b, n = 20, 8, 5
    value = 50 + 4 * draw.standard_normal((a, 1, 1)) + 2 * draw.standard_normal((1, b, 1)) + 3 * draw.standard_normal((a, b, n))
    agent, inspector, _ = (index.ravel() for index in np.indices(value.shape))
    found = fit_reml(Rows(value.ravel(), agent, {"inspector": inspector}))
    mean = value.mean()
    by_agent, by_inspector = value.mean(axis=(1, 2)), value.mean(axis=(0, 2))
    error = ((value - by_agent[:, None, None] - by_inspector[None, :, None] + mean) ** 2).sum() / (a * b * n - a - b + 1)
    assert found.variances["residual"] == pytest.approx(error, rel=1e-4)
    assert found.variances["group"] == pytest.approx((b * n * by_agent.var(ddof=1) - error) / (b * n), rel=1e-4)
    assert found.variances["inspector"] == pytest.approx((a * n * by_inspector.var(ddof=1) - error) / (a * n), rel=1e-4)


def test_the_unit_does_not_matter() -> None:
    rows = inspected(5)
    one, hundred = fit_reml(rows), fit_reml(Rows(rows.value * 100 + 7, rows.group, rows.crossed, rows.within, rows.fixed))
    for name, value in one.variances.items():
        assert hundred.variances[name] == pytest.approx(value * 1e4, rel=1e-4)


@pytest.mark.parametrize("value", [np.full(6, 90.0), np.array([90.0, 80, 90, 80, 90, 80])])
def test_poor_data_give_finite_answers(value: np.ndarray) -> None:
    found = fit_reml(Rows(value, np.array([0, 0, 1, 1, 2, 2]), {"inspector": np.array([0, 1, 0, 1, 0, 1]), "team": np.zeros(6, np.int64)}))
    assert all(np.isfinite(v) and v >= 0 for v in found.variances.values())
    assert np.isfinite(found.group.mean).all() and np.isfinite(found.group.variance).all()
