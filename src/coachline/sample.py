"""A sample centre: simulated, exported as a Chinese call system would, loaded through the real import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from coachline.centre import SETTINGS_FILE, Centre
from coachline.engine.simulate import CentreSize, simulate_centre, write_exports
from coachline.engine.sources.importing import Load
from coachline.engine.tables import TABLES

Progress = Callable[[str], None]


def simulate_files(folder: Path, size: CentreSize, seed: int, progress: Progress) -> list[Path]:
    """Write ``exports/`` and ``truth/`` of a synthetic centre below `folder`."""
    progress("simulating")
    simulated = simulate_centre(size, seed)
    progress("exporting")
    return write_exports(simulated, folder)


def load_exports(folder: Path, name: str, exports: Sequence[Path], progress: Callable[[str, str], None]) -> list[Load]:
    """Load export files into the centre at `folder`, which is made where it is not there; files that it knows already are passed over."""
    exists = (folder / SETTINGS_FILE).exists()
    with Centre(folder) if exists else Centre.create(folder, name, beside=("exports", "truth")) as centre:
        known = {version.what.get("loaded") for table in TABLES for version in centre.lake.history(table)}
        return [centre.import_file(file, progress=partial(progress, file.name)) for file in exports if file.name not in known]
