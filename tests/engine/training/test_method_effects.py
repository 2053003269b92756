"""What is known of a method before the next training: its prior, and what the centre's own files say."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.training.method_effects import METHODS, PRIOR_CLOSED, PRIOR_SD, method_effects
from tests.conftest import FactsOf
from tests.engine.training.trained_centre import attended, calls_of


def lower_by_a_fifth(after: float) -> np.ndarray:
    """Six people at 0.6 among others at 0.8, and where they stand after a training in week 13."""
    shares = np.full((30, 22), 0.80)
    shares[:6] = 0.60
    shares[:6, 13:] = after
    return shares


@pytest.mark.parametrize(("after", "closed"), [(0.60, 0.0), (0.70, 0.5), (0.80, 1.0)])
def test_the_share_of_the_gap_that_was_closed_outweighs_the_prior(facts_of: FactsOf, after: float, closed: float) -> None:
    people = [f"a{k:02d}" for k in range(6)]
    found = method_effects(facts_of({"calls": calls_of(lower_by_a_fifth(after), each=60), "trainings": attended(people, 13)}))
    assert set(found) == set(METHODS)
    assert found["coaching"].trainings == 1
    assert found["coaching"].sd < 0.7 * PRIOR_SD
    assert abs(found["coaching"].closed - closed) < 0.16
    assert (found["class"].closed, found["class"].sd, found["class"].trainings) == (PRIOR_CLOSED, PRIOR_SD, 0)


def test_without_effects_there_is_the_prior(facts_of: FactsOf) -> None:
    calls = calls_of(lower_by_a_fifth(0.8), each=2)
    for tables in ({"calls": calls}, {"calls": calls, "trainings": attended(["a00"], None)}, {"trainings": attended(["a00"], 13)}):
        assert {(each.closed, each.sd, each.trainings) for each in method_effects(facts_of(tables)).values()} == {
            (PRIOR_CLOSED, PRIOR_SD, 0)
        }
