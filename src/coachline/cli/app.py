"""The application that the commands hang on: language, the centre's folder, errors and exit codes, progress."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from coachline.centre import Centre
from coachline.errors import CoachlineError
from coachline.report.terms import Terms
from coachline.wording import Wording

FAILED, WRONG_USAGE, SOME_REJECTED, INTERRUPTED = 1, 2, 3, 130

USAGE_CODES = {
    "unknown_analysis",
    "unknown_parameter",
    "bad_parameter",
    "unknown_weight",
    "bad_weight",
    "no_weight",
    "unknown_table",
    "output_kind_unknown",
    "bad_setting",
}

say = Wording()
"""Commands speak the language of ``COACHLINE_LANG``, Chinese without it."""

terms = Terms(say)
console = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(name="coachline", help=say("cli.help"), no_args_is_help=True, add_completion=False, rich_markup_mode=None)

CentreFolder = Annotated[Path, typer.Option("--centre", help=say("cli.centre"), metavar="DIR")]


def main() -> None:
    """Run the command line; every failure ends in one clear line and its exit code."""
    try:
        app()
    except CoachlineError as error:
        fail(str(error), WRONG_USAGE if error.code in USAGE_CODES else FAILED)
    except KeyboardInterrupt:
        fail(say("cli.interrupted"), INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if os.environ.get("COACHLINE_DEBUG"):
            traceback.print_exc()
        reason = (str(error).splitlines() or [""])[0]
        fail(say("cli.unexpected", kind=type(error).__name__, reason=reason), FAILED)


def fail(message: str, code: int) -> None:
    """Print one line to standard error and leave."""
    console.print(say("cli.error", message=" ".join(message.split("\n"))), markup=False)
    sys.exit(code)


def said(code: str, /, **facts: Any) -> None:
    """Say on standard error what happens."""
    console.print(say(code, **facts), markup=False)


@contextmanager
def opened(folder: Path) -> Iterator[Centre]:
    with Centre(folder) as centre:
        yield centre


@contextmanager
def steps(title: str) -> Iterator[Progress]:
    """A line on standard error that shows what is being done and for how long; silent where nobody looks."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task(title, total=None)
        yield progress
