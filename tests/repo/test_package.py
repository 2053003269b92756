"""What a user installs holds everything that the program reads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.repo.tree import ROOT, SOURCE, files

FETCHED = {
    "coachline/report/assets/echarts.min.js",
    "coachline/web/static/vendor/echarts.min.js",
    "coachline/web/static/vendor/htmx.min.js",
    "coachline/web/static/vendor/tabler.min.css",
    "coachline/web/static/vendor/tabler.min.js",
}
"""What `make` takes from front-end packages; not in git."""


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    kept = {path.relative_to(SOURCE.parent).as_posix() for path in files(SOURCE)}
    assert any("/templates/" in name for name in kept) and any("/migrations/" in name for name in kept)
    assert not kept - sizes.keys()
    assert not [name for name in FETCHED if not sizes.get(name)]
    assert any(name.endswith("licenses/LICENSE") for name in sizes)


def test_what_is_served_names_no_file_that_is_not() -> None:
    """A source map that is named and missing stops Django's collectstatic."""
    vendor = SOURCE / "web" / "static" / "vendor"
    assert {path.relative_to(SOURCE.parent).as_posix() for path in vendor.iterdir()} == {name for name in FETCHED if "/vendor/" in name}
    assert not [path.name for path in vendor.iterdir() if "sourceMappingURL" in path.read_text(encoding="utf-8")]


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {line.split("==")[0] for line in (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    named = project["dependencies"] + project["optional-dependencies"]["web"]
    wanted = {name.split("[")[0].split(">")[0].split("<")[0].lower() for name in named}
    assert not wanted - locked


def test_modules_import_each_other_in_order_only() -> None:
    """The contracts in pyproject.toml; the output names the line that breaks one."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout.rpartition("Broken contracts")[2] + run.stderr
