"""How long what was learnt lasts: gains on the logit scale that halve in a constant time, estimated for several groups that lend each other strength.

Week by week, cell c (a person on a business) succeeds in s of n tries with

    logit p = level_c + calendar + gain_g x sum over its trainings of worth x 0.5 ^ (age / half_life_g),

the worth of a training being that of its kind beside the average one.

Levels are normal around what is usual, gains normal around the common gain, both integrated out by Laplace's method for every half-life of a grid; what is
left is a likelihood of the half-life alone. People are sent to trainings because their figures were low: that does no harm as long as the figures by which they
were chosen are all among the rows, those of people never chosen included, since then the likelihood is the same whoever chose (Rubin 1976). Logarithms of half-lives are normal around a common one, with both parameters of that normal summed out on a
grid. So every step but Laplace's is exact, and intervals need no asymptotics.

References
----------
Ebbinghaus (1885), *Über das Gedächtnis*; Rubin & Wenzel (1996), Psychol. Rev. 103, 734-760 (forms of forgetting). Tierney & Kadane (1986), JASA 81, 82-86.
Rubin, D. B. (1976), Biometrika 63, 581-592 (ignorable selection).
Gelman et al. (2013), *Bayesian Data Analysis*, 3rd ed., chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logsumexp, ndtr

from coachline.engine.stats.half_lives import HALF_LIVES, Floats

Places = NDArray[np.int64]

KIND_SD = 0.5
"""Prior standard deviation of the gain by one kind, logits around 0."""

LEAST_GAIN = 0.02
"""Mean gain, logits, below which kinds of training are not told apart."""

USUAL, FACTOR = 60.0, 1.0
"""Prior of the common half-life: median in days, standard deviation of its natural logarithm."""

APART: Floats = np.array([0.05, 0.15, 0.3, 0.5, 0.75, 1.1])
"""Standard deviations that log half-lives of groups may have; the prior is half-normal with `APART_SD`."""
APART_SD = 0.8

GAIN_SD = 1.0
"""Prior standard deviation of the common gain, logits around 0."""

GAINS_APART = 0.3
"""Standard deviation of the groups' gains around the common one, logits."""


@dataclass(frozen=True)
class Courses:
    """What trained cells did, one row per cell and week.

    Attributes
    ----------
    cell : (R,) integer array
    tries, successes, calendar : (R,) float arrays
        ``calendar``: logits by which everybody was better or worse in that week.
    ages : (R, K) float array
        Days since each training of the cell before that week; NaN where there is none.
    kind : (R, K) integer array
        Kind of each of these trainings.
    worth : (kinds,) float array
        Gain by a training of each kind as a multiple of the average training's.
    group : (C,) integer array
        Group of each cell, from 0 without gaps.
    usual : (C,) float array
        Logits that are usual there.
    """

    cell: Places
    tries: Floats
    successes: Floats
    calendar: Floats
    ages: Floats
    kind: Places
    worth: Floats
    group: Places
    usual: Floats

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1

    def left(self, half_life: float) -> Floats:
        """(R,) trainings' worth that is left; with an infinite half-life the number of trainings."""
        return np.asarray(np.nansum(self.worth[self.kind] * 0.5 ** (self.ages / half_life), axis=1))

    def of(self, kept: NDArray[np.bool_], group: Places) -> Courses:
        """The rows of the `kept` cells, with these groups."""
        rows = kept[self.cell]
        number = np.cumsum(kept) - 1
        parts = (self.tries[rows], self.successes[rows], self.calendar[rows], self.ages[rows], self.kind[rows])
        return Courses(number[self.cell[rows]], *parts, self.worth, group, self.usual[kept])

    def by_kind(self, gains: Floats, half_life: float) -> Courses:
        """The same cells once for each kind that they had, with kinds as groups; what trainings of other kinds add goes into the calendar."""
        added = gains[self.kind] * np.where(np.isnan(self.ages), 0.0, 0.5 ** (self.ages / half_life))
        parts: list[Courses] = []
        cells = 0
        for kind in range(len(self.worth)):
            own = (self.kind == kind) & ~np.isnan(self.ages)
            had = np.zeros(len(self.group), bool)
            had[self.cell[own.any(axis=1)]] = True
            alone = replace(
                self,
                calendar=self.calendar + np.where(own, 0.0, added).sum(axis=1),
                ages=np.where(own, self.ages, np.nan),
                worth=np.ones_like(self.worth),
            )
            part = alone.of(had, np.full(int(had.sum()), kind))
            parts.append(replace(part, cell=part.cell + cells))
            cells += int(had.sum())
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _PER_ROW}
        return Courses(**joined, worth=np.ones_like(self.worth))


_PER_ROW = ("cell", "tries", "successes", "calendar", "ages", "kind", "group", "usual")
"""What of `Courses` is put together end to end."""


@dataclass(frozen=True)
class Spread:
    """Standard deviation of the levels around what is usual, and normal of the gains."""

    levels: float = 0.6
    gain: float = 0.0
    gains: float = GAIN_SD


@dataclass(frozen=True)
class Profile:
    """Groups at one half-life; (groups,) float arrays, and (C,) for levels.

    Attributes
    ----------
    log_likelihood : float array
        Levels and gain integrated out.
    gain, gain_variance : float arrays
    level, level_variance : float arrays
    """

    log_likelihood: Floats
    gain: Floats
    gain_variance: Floats
    level: Floats
    level_variance: Floats


def profile(courses: Courses, half_life: float, spread: Spread, start: Profile | None = None) -> Profile:
    """Integrate levels and gains out at one half-life (joint Newton from `start`, Laplace)."""
    cells, groups, left = len(courses.group), courses.groups, courses.left(half_life)
    group_of_row = courses.group[courses.cell]
    level = courses.usual if start is None else start.level
    gain = np.full(groups, spread.gain) if start is None else start.gain
    by_level, by_gain = spread.levels**-2.0, spread.gains**-2.0

    def per_cell(values: Floats) -> Floats:
        return np.bincount(courses.cell, values, minlength=cells).astype(np.float64, copy=False)

    for _ in range(60):
        eta = level[courses.cell] + courses.calendar + gain[group_of_row] * left
        chance = expit(eta)
        surprise, weight = courses.successes - courses.tries * chance, courses.tries * chance * (1.0 - chance)
        score = per_cell(surprise) - (level - courses.usual) * by_level
        curve = per_cell(weight) + by_level
        cross = per_cell(weight * left)
        gain_score = np.bincount(group_of_row, surprise * left, minlength=groups) - (gain - spread.gain) * by_gain
        gain_curve = np.bincount(group_of_row, weight * left**2, minlength=groups) + by_gain
        schur = gain_curve - np.bincount(courses.group, cross**2 / curve, minlength=groups)
        step = np.clip((gain_score - np.bincount(courses.group, cross * score / curve, minlength=groups)) / schur, -1.0, 1.0)
        level_step = np.clip((score - cross * step[courses.group]) / curve, -1.0, 1.0)
        gain, level = gain + step, level + level_step
        if max(np.abs(step).max(), np.abs(level_step).max()) < 1e-9:
            break
    eta = level[courses.cell] + courses.calendar + gain[group_of_row] * left
    likelihood = courses.successes * log_expit(eta) + (courses.tries - courses.successes) * log_expit(-eta)
    of_cell = per_cell(likelihood) - 0.5 * (level - courses.usual) ** 2 * by_level - 0.5 * np.log(curve / by_level)
    of_gain = -0.5 * (gain - spread.gain) ** 2 * by_gain - 0.5 * np.log(schur / by_gain)
    total = np.bincount(courses.group, of_cell, minlength=groups) + of_gain
    level_variance = 1.0 / curve + (cross / curve) ** 2 / schur[courses.group]
    return Profile(total, gain, 1.0 / schur, level, level_variance)


def settled(courses: Courses, half_life: float) -> tuple[Floats, float]:
    """What is usual in each group, by cell, and the spread of levels around it, by expectation-maximisation with one gain for all groups.

    All cells belong here, those never trained, too.
    """
    usual, spread, found = courses.usual, Spread(), None
    counts = np.bincount(courses.group, minlength=courses.groups)
    for _ in range(30):
        whole = replace(courses, group=np.zeros_like(courses.group), usual=usual)
        found = profile(whole, half_life, spread, found)
        off = found.level - courses.usual
        # A group of very few cells stays near the pooled share from which it starts.
        shift = np.bincount(courses.group, off, minlength=courses.groups) / (counts + 1.0)
        moved = courses.usual + shift[courses.group]
        sd = float(np.sqrt(max(((found.level - moved) ** 2 + found.level_variance).mean(), 0.05**2)))
        change = abs(sd - spread.levels) + float(np.abs(moved - usual).max())
        usual, spread = moved, Spread(sd)
        if change < 1e-3:
            break
    return usual, spread.levels


@dataclass(frozen=True)
class Fading:
    """What is known of the half-lives.

    Attributes
    ----------
    common_gain, common_gain_sd : float
        One training's, logits, all groups as one.
    p_no_fading : float
        Of the test that nothing is ever lost, all groups with one half-life (likelihood ratio; half a chi-square at the boundary).
    weight : (groups, len(HALF_LIVES)) float array
        Posterior of each group's half-life.
    common : (len(HALF_LIVES),) float array
        Posterior of the common half-life.
    gain, gain_sd : (groups,) float arrays
    level : (groups,) float array
        Mean level of the trained cells without what trainings add, logits.
    own_p : (groups,) float array
        Of the test that nothing is lost, by a group's own evidence alone.
    """

    common_gain: float
    common_gain_sd: float
    p_no_fading: float
    weight: Floats
    common: Floats
    gain: Floats
    gain_sd: Floats
    level: Floats
    own_p: Floats


def fit_fading(courses: Courses, level_sd: float) -> Fading:
    """Half-lives of all groups.

    Parameters
    ----------
    courses : Courses
        Trained cells, one or more, with what is usual as `settled` gives it.
    level_sd : float
    """
    common = common_profile(courses, level_sd)
    at = common[_mode(common)]
    spread = Spread(level_sd, float(at.gain[0]), GAINS_APART)
    own: list[Profile] = []
    for half_life in (*HALF_LIVES, np.inf):
        own.append(profile(courses, half_life, spread, own[-1] if own else None))
    likelihood = np.array([p.log_likelihood for p in own[:-1]]).T
    forever = own[-1].log_likelihood
    weight, common_weight = _pooled(likelihood)
    gain = np.array([p.gain for p in own[:-1]]).T
    mean = (weight * gain).sum(axis=1)
    second = (weight * (gain**2 + np.array([p.gain_variance for p in own[:-1]]).T)).sum(axis=1)
    cells = np.bincount(courses.group, minlength=courses.groups)
    level = np.array([np.bincount(courses.group, p.level, minlength=courses.groups) / cells for p in own[:-1]]).T
    together = likelihood.sum(axis=0)
    return Fading(
        common_gain=float(at.gain[0]),
        common_gain_sd=float(np.sqrt(at.gain_variance[0])),
        p_no_fading=_boundary(float(together.max() - forever.sum())),
        weight=weight,
        common=common_weight,
        gain=mean,
        gain_sd=np.sqrt(np.maximum(second - mean**2, 0.0)),
        level=(weight * level).sum(axis=1),
        own_p=np.array([_boundary(float(best)) for best in likelihood.max(axis=1) - forever]),
    )


def common_profile(courses: Courses, level_sd: float) -> list[Profile]:
    """All groups as one, at every half-life of the grid."""
    whole = replace(courses, group=np.zeros_like(courses.group))
    found: list[Profile] = []
    for half_life in HALF_LIVES:
        found.append(profile(whole, half_life, Spread(level_sd), found[-1] if found else None))
    return found


def _mode(common: list[Profile]) -> int:
    """Place of the half-life most likely a posteriori for all groups together."""
    likelihood = np.array([float(p.log_likelihood[0]) for p in common])
    return int(np.argmax(likelihood - 0.5 * (np.log(HALF_LIVES / USUAL) / FACTOR) ** 2))


def gains_by_kind(courses: Courses, half_life: float, level_sd: float) -> Floats:
    """(kinds,) gain by a training of each kind at a common half-life, logits (joint Newton; normal prior around 0)."""
    cells, kinds = len(courses.group), len(courses.worth)
    faded = np.where(np.isnan(courses.ages), 0.0, 0.5 ** (courses.ages / half_life))
    left = np.stack([np.where(courses.kind == kind, faded, 0.0).sum(axis=1) for kind in range(kinds)], axis=1)
    level, gain, by_level, by_gain = courses.usual, np.zeros(kinds), level_sd**-2.0, KIND_SD**-2.0
    for _ in range(60):
        chance = expit(level[courses.cell] + courses.calendar + left @ gain)
        surprise, weight = courses.successes - courses.tries * chance, courses.tries * chance * (1.0 - chance)
        score = np.bincount(courses.cell, surprise, minlength=cells) - (level - courses.usual) * by_level
        curve = np.bincount(courses.cell, weight, minlength=cells) + by_level
        cross = np.stack([np.bincount(courses.cell, weight * left[:, k], minlength=cells) for k in range(kinds)], axis=1)
        schur = (left.T * weight) @ left + by_gain * np.eye(kinds) - (cross.T / curve) @ cross
        step = np.linalg.solve(schur, left.T @ surprise - gain * by_gain - cross.T @ (score / curve))
        level_step = np.clip((score - cross @ step) / curve, -1.0, 1.0)
        gain, level = gain + np.clip(step, -1.0, 1.0), level + level_step
        if max(np.abs(step).max(), np.abs(level_step).max()) < 1e-9:
            break
    return np.asarray(gain)


@dataclass(frozen=True)
class Settled:
    """What a fit of all groups rests on.

    Attributes
    ----------
    trained : Courses
        The trained cells, with what is usual and the worth of each kind.
    level_sd : float
    half_life : float
        The common one.
    gains : (kinds,) float array
    """

    trained: Courses
    level_sd: float
    half_life: float
    gains: Floats


def settle(courses: Courses) -> Settled:
    """Find what is usual, the spread of levels, the common half-life and the worth of each kind, in turns.

    Parameters
    ----------
    courses : Courses
        All cells, those never trained, too.
    """
    taught = np.zeros(len(courses.group), bool)
    taught[courses.cell[~np.isnan(courses.ages).all(axis=1)]] = True
    group = np.unique(courses.group[taught], return_inverse=True)[1].reshape(-1)
    half_life, worth, gains = USUAL, courses.worth, np.zeros_like(courses.worth)
    for _ in range(3):
        usual, sd = settled(replace(courses, worth=worth), half_life)
        trained = replace(courses, usual=usual, worth=worth).of(taught, group)
        half_life = float(HALF_LIVES[_mode(common_profile(trained, sd))])
        gains = gains_by_kind(trained, half_life, sd)
        held = np.bincount(trained.kind[~np.isnan(trained.ages)], minlength=len(worth))
        mean = float(gains @ held / held.sum())
        # Where trainings gain nothing on average, none is worth more than another.
        worth = np.clip(gains / mean, 0.0, 3.0) if mean > LEAST_GAIN else np.ones_like(gains)
    return Settled(replace(trained, worth=worth), sd, half_life, gains)


def _boundary(gain: float) -> float:
    """p-value of a likelihood ratio whose null hypothesis lies on the edge: half the time it is 0."""
    return float(ndtr(-np.sqrt(2.0 * gain))) if gain > 0 else 1.0


def _pooled(likelihood: Floats) -> tuple[Floats, Floats]:
    """Posterior of each group's half-life and of the common one, over a grid of the common mean and of the spread between groups."""
    place = np.log(HALF_LIVES)
    prior = -0.5 * ((place - np.log(USUAL)) / FACTOR) ** 2
    total = np.empty((len(APART), len(place)))
    given = np.empty((len(APART), len(likelihood), len(place), len(place)))
    for k, sd in enumerate(APART):
        shape = -0.5 * ((place - place[:, None]) / sd) ** 2
        shape = shape - logsumexp(shape, axis=1, keepdims=True)
        joint = likelihood[:, None, :] + shape
        of_group = logsumexp(joint, axis=2)
        total[k] = of_group.sum(axis=0) + prior - 0.5 * (sd / APART_SD) ** 2
        given[k] = joint - of_group[:, :, None]
    hyper = np.exp(total - logsumexp(total))
    weight = np.einsum("km,kgmh->gh", hyper, np.exp(given))
    return np.asarray(weight), np.asarray(hyper.sum(axis=0))
