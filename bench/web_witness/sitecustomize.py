"""Writes down every analysis that a process runs; Python reads this file when it starts with this folder on its path.

``COACHLINE_WITNESS`` names the file that gets a line for each, with the process and the analysis. So the real server can be asked whether it
ever estimated, without a word about it in its own code.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

FILE = os.environ.get("COACHLINE_WITNESS", "")
WATCHED = {"coachline.engine.analyses": "run", "coachline.engine.capability.fitted": "capability"}
"""Module to the function through which all go that run an analysis, or estimate capability."""


class Witness(importlib.abc.MetaPathFinder):
    """Wraps what is watched as soon as it has been imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if name not in WATCHED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            _watch(module, WATCHED[name])

        loader.exec_module = exec_module
        return spec


def _watch(module: ModuleType, name: str) -> None:
    function = getattr(module, name)

    def watched(*given: Any, **named: Any) -> Any:
        with Path(FILE).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {module.__name__} {given[0] if isinstance(given[0], str) else ''}\n")
        return function(*given, **named)

    setattr(module, name, watched)


if FILE:
    sys.meta_path.insert(0, Witness())
