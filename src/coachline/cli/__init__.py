"""The command line: a thin face of what `coachline.open` gives. One file per group of commands."""

from coachline.cli import analysis, archive, facts, sample, web
from coachline.cli.app import app, main

__all__ = ["analysis", "app", "archive", "facts", "main", "sample", "web"]
