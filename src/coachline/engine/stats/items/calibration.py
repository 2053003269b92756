"""Marginal maximum likelihood of the one- and two-parameter logistic model, over several papers at once.

P(right) = logistic(a (theta - b)) = logistic(a theta + d). The abilities of those who sat one paper are normal with variance 1 and a mean of the
paper's own; items that papers have in common put all of them on one scale (concurrent calibration). The integral over ability is a sum over equally
spaced nodes, which for a smooth density is as exact as Gauss-Hermite and allows each paper its mean without moving the nodes. The gradient is
Fisher's identity, the information Louis's.

References
----------
Bock, R. D. & Aitkin, M. (1981), Psychometrika 46, 443-459. Louis, T. A. (1982), J. R. Stat. Soc. B 44, 226-233. Kolen, M. J. & Brennan, R. L. (2014),
*Test Equating, Scaling, and Linking*, 3rd ed., chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from coachline.engine.stats.items.answers import Answers, Floats, Places

NODES: Floats = np.linspace(-6.0, 6.0, 31)
"""Abilities over which the likelihood is summed."""


@dataclass(frozen=True)
class Prior:
    """Normal priors that keep an item all got right, or nobody, at a finite place.

    Attributes
    ----------
    slope, slope_sd : float
        Of the discrimination.
    intercept_sd : float
        Of a theta + d at theta = 0.
    mean_sd : float
        Of the difference of a paper's mean ability from the first paper's.
    """

    slope: float = 1.0
    slope_sd: float = 0.5
    intercept_sd: float = 2.5
    mean_sd: float = 1.0


@dataclass(frozen=True)
class Calibration:
    """Items on one scale.

    Attributes
    ----------
    answers : Answers
    slope, intercept : (items,) float arrays
        a and d; a below 0 says that those who know more get the item wrong more often.
    mean : (papers,) float array
        Mean ability of those who sat each paper. Of each linked part the paper most people sat has 0.
    log_likelihood : float
        Without the prior.
    settled : bool
    common_slope : bool
    prior : Prior or None
    """

    answers: Answers
    slope: Floats
    intercept: Floats
    mean: Floats
    log_likelihood: float
    settled: bool
    common_slope: bool
    prior: Prior | None

    @property
    def difficulty(self) -> Floats:
        """(items,) ability at which half get it right."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(-self.intercept / self.slope)

    @cached_property
    def covariance(self) -> Floats:
        """Of all slopes, then all intercepts, by the inverse of the observed information."""
        return _covariance(self)

    @property
    def slope_se(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)[: len(self.slope)]))

    @property
    def difficulty_se(self) -> Floats:
        """(items,) standard errors of the difficulties, by the delta method."""
        items = len(self.slope)
        place = np.arange(items)
        of_slope, of_intercept = self.covariance[place, place], self.covariance[items + place, items + place]
        both = self.covariance[place, items + place]
        with np.errstate(divide="ignore", invalid="ignore"):
            by_slope, by_intercept = self.intercept / self.slope**2, -1.0 / self.slope
            return np.asarray(np.sqrt(by_slope**2 * of_slope + by_intercept**2 * of_intercept + 2 * by_slope * by_intercept * both))

    def chances(self, ability: Floats) -> Floats:
        """(items, len(ability)) probability of a right answer."""
        return np.asarray(expit(self.slope[:, None] * ability + self.intercept[:, None]))

    def log_posterior(self, nodes: Floats) -> Floats:
        """(sittings, nodes) logarithm of each sitting's posterior weight of each node, sums of weights being 1."""
        joint = _joint(self.answers, self.slope, self.intercept, self.mean, nodes)
        return np.asarray(joint - logsumexp(joint, axis=1, keepdims=True))


def calibrate(answers: Answers, *, common_slope: bool = False, prior: Prior | None = None) -> Calibration:
    """Fit the items of all papers at once.

    Parameters
    ----------
    answers : Answers
    common_slope : bool
        One discrimination for all items (one-parameter model).
    prior : Prior, optional
        Without it, plain marginal maximum likelihood; items all got right have no finite estimate then.
    """
    from scipy.optimize import minimize

    free = _free_means(answers)
    items = answers.items
    slopes = 1 if common_slope else items

    def unpacked(point: Floats) -> tuple[Floats, Floats, Floats]:
        mean = np.zeros(answers.papers)
        mean[free] = point[slopes + items :]
        return np.broadcast_to(point[:slopes], (items,)), point[slopes : slopes + items], mean

    def objective(point: Floats) -> tuple[float, Floats]:
        slope, intercept, mean = unpacked(point)
        value, by_slope, by_intercept, by_mean = _likelihood(answers, slope, intercept, mean)
        gradient = np.concatenate([[by_slope.sum()] if common_slope else by_slope, by_intercept, by_mean[free]])
        if prior is not None:
            centre, precision = _prior_of(prior, slopes, items, len(free))
            value -= 0.5 * float(precision @ (point - centre) ** 2)
            gradient = gradient - precision * (point - centre)
        return -value, -gradient

    share = (answers.right.sum(axis=0).A1 + 0.5) / (answers.given.sum(axis=0).A1 + 1.0)
    start = np.concatenate([np.full(slopes, prior.slope if prior else 1.0), np.log(share / (1.0 - share)), np.zeros(len(free))])
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-13, "gtol": 1e-6})
    slope, intercept, mean = unpacked(found.x)
    value = _likelihood(answers, slope, intercept, mean)[0]
    # L-BFGS may end on the last digits of the function and be there all the same.
    settled = bool(np.abs(found.jac).max() < 1e-3 * max(1.0, np.sqrt(answers.sittings)))
    return Calibration(answers, np.array(slope), np.array(intercept), mean, value, settled, common_slope, prior)


def _free_means(answers: Answers) -> Places:
    """Papers whose mean is estimated: of each linked part all but the one that most people sat."""
    size = np.bincount(answers.paper, minlength=answers.papers)
    fixed = [int(part[np.argmax(size[part])]) for part in (np.flatnonzero(answers.links == k) for k in range(int(answers.links.max()) + 1))]
    return np.setdiff1d(np.arange(answers.papers), fixed)


def _joint(answers: Answers, slope: Floats, intercept: Floats, mean: Floats, nodes: Floats) -> Floats:
    level = slope[:, None] * nodes + intercept[:, None]
    log_right, log_wrong = log_expit(level), log_expit(-level)
    weight = -0.5 * (nodes - mean[:, None]) ** 2
    weight = weight - logsumexp(weight, axis=1, keepdims=True)
    return np.asarray(answers.right @ (log_right - log_wrong) + answers.given @ log_wrong + weight[answers.paper])


def _likelihood(answers: Answers, slope: Floats, intercept: Floats, mean: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Log-likelihood and its gradient by slope, intercept and mean of paper."""
    joint = _joint(answers, slope, intercept, mean, NODES)
    total = logsumexp(joint, axis=1, keepdims=True)
    weight = np.exp(joint - total)
    surprise = answers.right.T @ weight - (answers.given.T @ weight) * expit(slope[:, None] * NODES + intercept[:, None])
    by_mean = np.bincount(answers.paper, weight @ NODES - mean[answers.paper], minlength=answers.papers).astype(float)
    return float(total.sum()), np.asarray(surprise @ NODES), np.asarray(surprise.sum(axis=1)), by_mean


def _prior_of(prior: Prior, slopes: int, items: int, means: int) -> tuple[Floats, Floats]:
    """Centre and precision of each parameter, in the order of the fit."""
    centre = np.concatenate([np.full(slopes, prior.slope), np.zeros(items + means)])
    widths = [np.full(slopes, prior.slope_sd), np.full(items, prior.intercept_sd), np.full(means, prior.mean_sd)]
    return centre, np.concatenate(widths) ** -2.0


def _covariance(fit: Calibration) -> Floats:
    """Louis: information of complete data less what is lost because abilities are not seen."""
    from scipy.sparse import csr_matrix, diags, hstack

    answers, items, free = fit.answers, len(fit.slope), _free_means(fit.answers)
    weights = np.exp(fit.log_posterior(NODES))
    chance = fit.chances(NODES)
    seen = (answers.given.T @ weights) * chance * (1.0 - chance)
    size = 2 * items + len(free)
    information = np.zeros((size, size))
    place = np.arange(items)
    information[place, place] = seen @ NODES**2
    information[place, items + place] = information[items + place, place] = seen @ NODES
    information[items + place, items + place] = seen.sum(axis=1)
    heads = np.bincount(answers.paper, minlength=answers.papers)[free]
    information[2 * items :, 2 * items :] = np.diag(heads)
    member = np.flatnonzero(np.isin(answers.paper, free))
    column = np.searchsorted(free, answers.paper[member])
    expected = csr_matrix((answers.sittings, size))
    for q, node in enumerate(NODES):
        left = answers.matrix(answers.correct - chance[answers.item, q])
        distance = node - fit.mean[answers.paper[member]]
        group = csr_matrix((distance, (member, column)), shape=(answers.sittings, len(free)))
        score = hstack([left * node, left, group], format="csr")
        weighed = diags(weights[:, q]) @ score
        information -= (score.T @ weighed).toarray()
        expected = expected + weighed
    information += (expected.T @ expected).toarray()
    slopes = 1 if fit.common_slope else items
    spread = np.zeros((size, slopes + items + len(free)))
    spread[place, 0 if fit.common_slope else place] = 1.0
    spread[items:, slopes:] = np.eye(items + len(free))
    information = spread.T @ information @ spread
    if fit.prior is not None:
        information += np.diag(_prior_of(fit.prior, slopes, items, len(free))[1])
    covariance = spread @ np.linalg.pinv(information, hermitian=True) @ spread.T
    return np.asarray(covariance[: 2 * items, : 2 * items])
