"""Any size works, wrong ones are refused, and the same seed gives the same tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coachline.engine.simulate import CentreSize, simulate_centre, write_exports
from coachline.errors import CoachlineError


@pytest.mark.parametrize(
    "size",
    [
        CentreSize(agents=2, businesses=1, days=3, calls=50),
        CentreSize(agents=1, businesses=1, days=1, calls=1),
        CentreSize(agents=24, businesses=12, days=60, calls=2_000, start=date(2024, 2, 1)),
        CentreSize(agents=40, businesses=1000, days=20, calls=4_000),
        CentreSize(agents=3, businesses=2, days=400, calls=100),
        CentreSize(agents=5, businesses=4, days=2, calls=8_000),
    ],
    ids=lambda size: f"{size.agents}-{size.businesses}-{size.days}-{size.calls}",
)
def test_any_size_gives_exactly_the_calls_asked_for(size: CentreSize, tmp_path: Path) -> None:
    centre = simulate_centre(size, seed=3)
    assert centre.tables["calls"].num_rows == size.calls
    assert centre.tables["agents"].num_rows == size.agents
    assert centre.tables["businesses"].num_rows == size.businesses
    assert centre.truth["days"].num_rows == size.days
    assert all(file.stat().st_size > 0 for file in write_exports(centre, tmp_path))


def test_the_same_seed_gives_the_same_tables_and_another_does_not() -> None:
    size = CentreSize(agents=30, businesses=15, days=40, calls=3_000)
    once, again, other = simulate_centre(size, seed=5), simulate_centre(size, seed=5), simulate_centre(size, seed=6)
    assert once.tables == again.tables
    assert once.truth == again.truth
    assert once.tables["calls"] != other.tables["calls"]


def test_the_same_centre_is_written_to_the_same_bytes(tmp_path: Path) -> None:
    size = CentreSize(agents=10, businesses=5, days=20, calls=1_500)
    files = [write_exports(simulate_centre(size, seed=5), tmp_path / part) for part in ("a", "b")]
    for one, other in zip(*files, strict=True):
        # A workbook carries the moment of its making.
        assert one.suffix == ".xlsx" or one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"agents": 0}, "number of agents"),
        ({"businesses": 1_001}, "1 to 1,000"),
        ({"days": -1}, "number of days"),
        ({"calls": 10**9}, "1 to 50,000,000"),
        ({"calls": True}, "True"),
        ({"agents": 1.5}, "1.5"),
        ({"start": date(1990, 1, 1)}, "2000-01-01"),
    ],
)
def test_wrong_sizes_are_refused_with_what_is_possible(given: dict[str, object], message: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        CentreSize(**given)
    assert message in str(refused.value)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5])
def test_wrong_seeds_are_refused(seed: object) -> None:
    with pytest.raises(CoachlineError, match="seed"):
        simulate_centre(CentreSize(agents=1, businesses=1, days=1, calls=1), seed=seed)
