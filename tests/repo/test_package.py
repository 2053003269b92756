"""What a user installs holds everything that the program reads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.repo.tree import ROOT, SOURCE, files

ECHARTS = "coachline/report/assets/echarts.min.js"


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {path.relative_to(SOURCE.parent).as_posix() for path in files(SOURCE)} <= packed
    assert ECHARTS in packed
    assert any(name.endswith("licenses/LICENSE") for name in packed)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {line.split("==")[0] for line in (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    wanted = {name.split("[")[0].split(">")[0].split("<")[0].lower() for name in project["dependencies"]}
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
