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

SHORT_SEARCHES = """
# 示例中心要尽快看到结果，排班只搜索几秒；真实的中心请删去这几行 / a sample is to be seen soon; without these lines rosters are searched for longer
[parameters.roster]
seconds = {seconds}
price_seconds = {seconds}
"""


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


def shorten_searches(folder: Path, seconds: float) -> None:
    """Let the centre at `folder` look for the best rosters for so many seconds only, each time."""
    with (folder / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
        settings.write(SHORT_SEARCHES.format(seconds=seconds))
