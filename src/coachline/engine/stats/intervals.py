"""The intervals that all estimates have."""

from __future__ import annotations

from scipy.special import ndtri

COVERAGE = 0.90
"""Of every interval: the truth lies in it nine times out of ten."""

HALF = float(ndtri(0.5 + COVERAGE / 2))
"""Half the width of an interval, in standard deviations."""
