"""A synthetic centre with known truth: demo data, and the yardstick of the estimators.

Examples
--------
>>> centre = simulate_centre(CentreSize(agents=30, businesses=12, days=30, calls=3_000), seed=7)
>>> centre.tables["calls"].num_rows
3000
"""

from coachline.engine.simulate.centre import SimulatedCentre, simulate_centre
from coachline.engine.simulate.exports import write_exports
from coachline.engine.simulate.size import CentreSize

__all__ = ["CentreSize", "SimulatedCentre", "simulate_centre", "write_exports"]
