"""What holds for the files of the repository as such."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, SOURCE, files, modules

LONGEST_FILE = 400
TOO_LONG: frozenset[str] = frozenset()
"""Files that may be longer for now, below src/coachline; to be split, not to be added to."""

BINARY = {".png", ".jpg", ".ico", ".woff2", ".xlsx", ".xls", ".parquet"}

# Written with brackets, so that this file does not find itself.
REGISTRIES = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|npm[m]irror|mirrors?[.][a-z]+[.](com|cn|edu|org)|tuna[.]tsinghua")
MACHINE_PATHS = re.compile(r"(?<![\w./*-])/(work|root|tmp|opt|home)(/|\b(?=['\"\s:]))")
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}


def text_files() -> list[Path]:
    return [path for path in files() if path.suffix not in BINARY]


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {hit[0]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for pattern in (REGISTRIES, MACHINE_PATHS)
        if (hit := pattern.search(line))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["base", "dev", "node"])
def test_a_lock_pins_every_package_by_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"^-|--(extra-)?index-url|--find-links|://| @ ", text, re.M)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_what_is_tested_is_what_runs() -> None:
    """Every version in base.txt is the one in dev.txt."""
    pins = {}
    for name in ("base", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins[name] = set(re.findall(r"^([A-Za-z0-9._-]+==[^\s;]+)", text, re.M))
    assert pins["base"] <= pins["dev"]


def test_source_files_stay_small() -> None:
    long = {
        path.relative_to(SOURCE).as_posix(): lines
        for path in files(SOURCE)
        if path.suffix in {".py", ".js", ".css", ".html"} and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert set(long) <= TOO_LONG, long
    assert set(long) >= TOO_LONG, f"short again, take it from the list: {TOO_LONG - set(long)}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in modules() if VAGUE & set(path.relative_to(SOURCE).with_suffix("").parts)]


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert not [path for path in text_files() if path.name != "package-lock.json" and later.search(path.read_text(encoding="utf-8"))]


def test_folders_of_tests_mirror_the_source() -> None:
    """A folder in tests stands for one in src, so that the test of a module is found without a search."""
    own = {"repo", "journeys"}
    folders = {path.relative_to(ROOT / "tests").parent for path in files(ROOT / "tests") if path.name.startswith("test_")}
    assert not [str(folder) for folder in folders if not set(folder.parts) & own and not (SOURCE / folder).is_dir()]
