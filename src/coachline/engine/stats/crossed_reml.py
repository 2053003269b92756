"""Linear mixed models with crossed and nested effects, by REML: who scores, who is scored, and which call it was.

A factor with many levels (agents) and one nested in it (calls) are eliminated exactly; what remains - fixed effects and the factors that cross
them, such as inspectors and teams - is a dense system, small enough for a direct solution. So means, variances of estimates and the
scores of the variances are exact.

Source: Henderson (1984), "Applications of Linear Models in Animal Breeding", for the equations; Gilmour, Thompson, Cullis (1995), Biometrics 51,
1440-1450, for the average-information steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDS = 80
SETTLED = 1e-6
"""Change of every variance, as a share of all of them together, at which the fit stops."""

STEP = float(np.log(4.0))
"""Longest step of the logarithm of a variance."""

SMALLEST = 1e-9
"""A variance is not followed below this share of the variance of the rows."""


@dataclass(frozen=True)
class Rows:
    """Observations and where they belong.

    Attributes
    ----------
    value : (rows,) float array
    group : (rows,) int array
        The main factor, e.g. the agent; coded from 0, as all factors are.
    crossed : mapping of str to (rows,) int array
        Factors that cross the groups, e.g. inspector and team.
    within : (rows,) int array, optional
        A factor nested in the groups, e.g. the call.
    fixed : (rows, k) float array, optional
        Covariates with fixed effects beside the intercept.
    """

    value: Floats
    group: Ints
    crossed: Mapping[str, Ints]
    within: Ints | None = None
    fixed: Floats | None = None


@dataclass(frozen=True)
class Estimate:
    """Posterior means of the levels of a factor, and their variances, (levels,)."""

    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class MixedFit:
    """A fitted model.

    Attributes
    ----------
    fixed : (1 + k,) float array
        Intercept and coefficients.
    group : Estimate
    crossed : mapping of str to Estimate
    variances : mapping of str to float
        ``group``, ``within`` (if there), the crossed factors, and ``residual``.
    deviance : float
        Minus twice the log of the restricted likelihood, constants included.
    settled : bool
    """

    fixed: Floats
    group: Estimate
    crossed: Mapping[str, Estimate]
    variances: Mapping[str, float]
    deviance: float
    settled: bool
    _covariance: Floats
    _pulled: Floats
    _columns: Mapping[str, slice]

    def group_levels(self, averaged: str, **places: Ints) -> Estimate:
        """Intercept plus the effect of each group, as the average level of the crossed factor `averaged` would see it.

        Levels of further crossed factors are added at `places`, (groups,) codes each; covariates count as 0.
        """
        columns = self._columns[averaged]
        onto = -self._pulled
        onto[:, 0] += 1.0
        onto[:, columns] += 1.0 / (columns.stop - columns.start)
        mean = self.fixed[0] + self.group.mean + self.crossed[averaged].mean.mean()
        for name, codes in places.items():
            onto[np.arange(len(onto)), self._columns[name].start + codes] += 1.0
            mean = mean + self.crossed[name].mean[codes]
        own = self.group.variance - np.einsum("gd,gd->g", self._pulled @ self._covariance, self._pulled)
        return Estimate(mean, own + np.einsum("gd,gd->g", onto @ self._covariance, onto))

    def contrasts(self, name: str) -> Estimate:
        """Levels of a crossed factor against their average, which data tell much better than the levels themselves."""
        covariance, mean = self.covariance_of(name), self.crossed[name].mean
        variance = np.diag(covariance) - 2.0 * covariance.mean(axis=1) + covariance.mean()
        return Estimate(mean - mean.mean(), np.maximum(variance, 0.0))

    def nested_contrasts(self, name: str, places: Ints, other: str) -> Estimate:
        """Each level of `other` plus the level of `name` at its place, against the average level of `name`; (levels of `other`,)."""
        first, second = self._columns[name], self._columns[other]
        onto = np.zeros((len(places), len(self._covariance)))
        onto[:, first] -= 1.0 / (first.stop - first.start)
        onto[np.arange(len(places)), first.start + places] += 1.0
        onto[np.arange(len(places)), second.start + np.arange(len(places))] += 1.0
        mean = self.crossed[name].mean[places] - self.crossed[name].mean.mean() + self.crossed[other].mean
        return Estimate(mean, np.einsum("gd,gd->g", onto @ self._covariance, onto))

    def covariance_of(self, name: str) -> Floats:
        """Joint posterior covariance of the levels of a crossed factor."""
        return self._covariance[self._columns[name], self._columns[name]]


class _System:
    """The equations for given variances."""

    def __init__(self, layout: _Layout, variances: Mapping[str, float]) -> None:
        self.layout = layout
        self.residual, self.group_variance = variances["residual"], variances["group"]
        self.within_variance = variances.get("within", 0.0)
        self.reach = 1.0 / (self.residual + layout.count * self.within_variance)
        """Weight of the sum over a nested level."""
        self.taken = self.within_variance * self.reach
        weight = np.bincount(layout.owner, self.reach * layout.count, layout.groups)
        self.gain = self.group_variance / (1.0 + self.group_variance * weight)
        self.heard = np.asarray((layout.by_group @ layout.within_dense.multiply(self.reach[:, None])).todense())
        matrix = (layout.cross - (layout.within_dense.T @ layout.within_dense.multiply(self.taken[:, None])).toarray()) / self.residual
        matrix -= self.heard.T @ (self.gain[:, None] * self.heard)
        prior = np.zeros(len(matrix))
        for name, columns in layout.columns.items():
            prior[columns] = 1.0 / variances[name]
        matrix[np.diag_indices_from(matrix)] += prior
        sign, self.log_determinant = np.linalg.slogdet(matrix)
        assert sign > 0, "the equations of a mixed model are positive definite"
        self.covariance = np.linalg.inv(matrix)
        self.log_determinant += float(np.log1p(layout.count * self.within_variance / self.residual).sum())
        self.log_determinant += float(np.log1p(self.group_variance * weight).sum()) + layout.size * np.log(self.residual)
        self.log_determinant += sum(layout.levels[name] * np.log(variances[name]) for name in layout.columns)

    def product(self, left: Any, right: Floats) -> Floats:
        """``left' V^-1 right`` with the chain eliminated; `left` the dense columns or a vector of rows."""
        layout = self.layout
        sums = layout.by_within @ right
        pulled = self.gain * (layout.by_group @ (self.reach * sums))
        if left is layout.dense:
            plain, of_within, of_group = layout.dense.T @ right, layout.within_dense.T @ (self.taken * sums), self.heard.T @ pulled
        else:
            own = layout.by_within @ left
            plain, of_within = left @ right, own @ (self.taken * sums)
            of_group = (layout.by_group @ (self.reach * own)) @ pulled
        return np.asarray((plain - of_within) / self.residual - of_group)

    def effects(self, values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Posterior of the dense columns, the groups and the nested levels given rows `values`, and what is left of the rows."""
        layout = self.layout
        dense = self.covariance @ self.product(layout.dense, values)
        rest = values - layout.dense @ dense
        sums = layout.by_within @ rest
        group = self.gain * (layout.by_group @ (self.reach * sums))
        within = self.taken * (sums - layout.count * group[layout.owner])
        return dense, group, within, rest - group[layout.group] - within[layout.within]

    @property
    def group_posterior(self) -> Floats:
        return np.asarray(self.gain + self.gain**2 * np.einsum("gd,gd->g", self.heard @ self.covariance, self.heard))

    @property
    def within_trace(self) -> float:
        """Trace of the projection on the nested levels: what their sums of squares are expected to be."""
        layout = self.layout
        pair = self.reach * layout.count
        onto = self.heard @ self.covariance
        square = np.einsum("gd,gd->g", onto, self.heard)
        cross = np.asarray(layout.within_dense.multiply(onto[layout.owner]).sum(axis=1)).ravel()
        own = np.asarray(layout.within_dense.multiply(layout.within_dense @ self.covariance).sum(axis=1)).ravel()
        gain = self.gain[layout.owner]
        known = self.reach**2 * own - 2.0 * self.reach * pair * gain * cross + (gain * pair) ** 2 * square[layout.owner]
        return float((pair - gain * pair**2 - known).sum())


class _Layout:
    """What does not change while the variances are sought: indicators as sparse matrices, counts and places."""

    def __init__(self, rows: Rows) -> None:
        from scipy import sparse

        def indicators(codes: Ints, levels: int) -> Any:
            return sparse.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), levels))

        self.size = len(rows.value)
        covariates = np.empty((self.size, 0)) if rows.fixed is None else rows.fixed
        self.fixed = 1 + covariates.shape[1]
        self.levels = {name: int(codes.max()) + 1 for name, codes in rows.crossed.items()}
        plain = sparse.csr_matrix(np.column_stack([np.ones(self.size), covariates]))
        self.dense = sparse.hstack([plain, *(indicators(c, self.levels[name]) for name, c in rows.crossed.items())], format="csr")
        ends = np.cumsum([self.fixed, *self.levels.values()]).tolist()
        self.columns = {name: slice(a, b) for name, a, b in zip(self.levels, ends[:-1], ends[1:], strict=True)}
        self.group, self.groups = rows.group, int(rows.group.max()) + 1
        # Without a nested factor every row is a level of its own, whose effect has no variance.
        self.nested = rows.within is not None
        self.within = np.arange(self.size) if rows.within is None else rows.within
        withins = int(self.within.max()) + 1
        self.owner = np.zeros(withins, np.int64)
        self.owner[self.within] = rows.group
        assert (self.owner[self.within] == rows.group).all(), "a nested level belongs to one group"
        self.count = np.bincount(self.within, minlength=withins).astype(float)
        self.by_within = indicators(self.within, withins).T.tocsr()
        self.by_group = indicators(self.owner, self.groups).T.tocsr()
        self.within_dense = (self.by_within @ self.dense).tocsr()
        self.cross = (self.dense.T @ self.dense).toarray()


def fit_reml(rows: Rows, variances: Mapping[str, float] | None = None) -> MixedFit:
    """Fit by restricted maximum likelihood.

    Parameters
    ----------
    rows : Rows
        At least two rows. Values may be in any unit; variances come back in its square.
    variances : mapping of str to float, optional
        Take these, as named in `MixedFit`, instead of looking for the likeliest: for the question what a design could tell.

    Returns
    -------
    MixedFit
    """
    layout = _Layout(rows)
    unit = float(rows.value.std()) or 1.0
    values = rows.value / unit
    names = ["group", *(["within"] if layout.nested else []), *layout.columns]
    settled, wanted_rounds = variances is not None, 0 if variances is not None else ROUNDS
    if variances is None:
        variances = {**dict.fromkeys(names, 0.5 / len(names)), "residual": 0.5}
    else:
        variances = {name: max(value / unit**2, SMALLEST) for name, value in variances.items()}
    system = _System(layout, variances)
    for _ in range(wanted_rounds):
        score, information = _scores(system, values, variances, names)
        present = np.array([variances[name] for name in (*names, "residual")])
        slope, curvature = present * score, present[:, None] * information * present
        curvature[np.diag_indices_from(curvature)] += 1e-9
        wanted = np.maximum(present * np.exp(np.clip(np.linalg.solve(curvature, slope), -STEP, STEP)), SMALLEST)
        settled = bool(np.abs(wanted - present).max() < SETTLED * present.sum())
        variances = dict(zip((*names, "residual"), wanted.tolist(), strict=True))
        system = _System(layout, variances)
        if settled:
            break
    dense, group, _, _ = system.effects(values)
    square = float(system.product(values, values) - system.product(layout.dense, values) @ dense)
    free = layout.size - layout.fixed
    deviance = system.log_determinant + square + free * np.log(2.0 * np.pi) + 2.0 * free * np.log(unit)
    posterior = np.diag(system.covariance)
    return MixedFit(
        fixed=dense[: layout.fixed] * unit,
        group=Estimate(group * unit, system.group_posterior * unit**2),
        crossed={name: Estimate(dense[c] * unit, posterior[c] * unit**2) for name, c in layout.columns.items()},
        variances={name: value * unit**2 for name, value in variances.items()},
        deviance=float(deviance),
        settled=settled,
        _covariance=system.covariance * unit**2,
        _pulled=system.gain[:, None] * system.heard,
        _columns=layout.columns,
    )


def _scores(system: _System, values: Floats, variances: Mapping[str, float], names: list[str]) -> tuple[Floats, Floats]:
    """Derivatives of the restricted log-likelihood in the variances, and their average information."""
    layout = system.layout
    dense, group, within, left = system.effects(values)
    posterior, score, spent, working = np.diag(system.covariance), [], 0.0, []
    for name in names:
        variance = variances[name]
        if name == "within":
            effect, trace, at_rows = within, system.within_trace, within[layout.within]
        elif name == "group":
            effect, trace = group, float((1.0 - system.group_posterior / variance).sum()) / variance
            at_rows = group[layout.group]
        else:
            columns = layout.columns[name]
            effect, trace = dense[columns], float((1.0 - posterior[columns] / variance).sum()) / variance
            at_rows = layout.dense[:, columns] @ effect
        score.append(0.5 * (float((effect**2).sum()) / variance**2 - trace))
        spent += variance * trace
        working.append(at_rows / variance)
    pulled = left / system.residual
    # The traces of all parts, weighed by their variances, add up to the degrees of freedom.
    score.append(0.5 * (float((pulled**2).sum()) - (layout.size - layout.fixed - spent) / system.residual))
    working.append(pulled)
    projected = [system.effects(f)[3] / system.residual for f in working]
    information = 0.5 * np.array([[float((f * p).sum()) for p in projected] for f in working])
    return np.array(score), (information + information.T) / 2
