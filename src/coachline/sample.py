"""A sample centre: simulated, exported as a Chinese call system would, loaded through the real import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from coachline.centre import SETTINGS_FILE, Centre
from coachline.engine.simulate import CentreSize, simulate_centre, write_exports
from coachline.engine.sources.importing import Load

Progress = Callable[[str], None]


def simulate_files(folder: Path, size: CentreSize, seed: int, progress: Progress) -> list[Path]:
    """Write ``exports/`` and ``truth/`` of a synthetic centre below `folder`."""
    progress("simulating")
    simulated = simulate_centre(size, seed)
    progress("exporting")
    return write_exports(simulated, folder)


def load_exports(folder: Path, exports: Sequence[Path], progress: Callable[[str, str], None]) -> list[Load]:
    """Load export files into the centre at `folder`, which is made where it is not there; loading them again changes nothing."""
    exists = (folder / SETTINGS_FILE).exists()
    with Centre(folder) if exists else Centre.create(folder, beside=("exports", "truth")) as centre:
        return [centre.import_file(file, progress=partial(progress, file.name)) for file in exports]
