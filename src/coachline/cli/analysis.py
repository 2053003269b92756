"""Commands about figures: run, report."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from coachline.cli.app import WRONG_USAGE, CentreFolder, app, console, fail, opened, say, steps, terms
from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.outputs import as_csv, write_result
from coachline.report import ReportFiles

SHOWN = 40
"""Rows that a terminal shows; files and pipes get all."""
MOST_DEFAULT = 60
"""Characters of a default in the list of analyses; the page on the method has it in full."""


@app.command("run", help=say("cli.run.help"))
def run(
    analysis: Annotated[str | None, typer.Argument(metavar="ANALYSIS", help=say("cli.run.analysis"))] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=say("cli.run.set"))] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=say("cli.run.out"))] = None,
    centre: CentreFolder = Path(),
) -> None:
    if analysis is None:
        typer.echo("\n".join(_contents()))
        return
    given = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals:
            fail(say("error.bad_setting", given=setting), WRONG_USAGE)
        given[name.strip()] = value.strip()
    with opened(centre) as opened_centre, steps(say(f"analysis.{analysis}.title") if analysis in ANALYSES else analysis):
        result = opened_centre.run(analysis, **given)
    _print_account(result)
    if out:
        write_result(result, out, opened_centre.settings.zone)
        typer.echo(say("cli.run.written", file=out, rows=result.table().num_rows))
    elif sys.stdout.isatty():
        _show(result)
    else:
        typer.echo(as_csv(result.table()), nl=False)


def _contents() -> list[str]:
    lines = []
    for name, row in ANALYSES.items():
        parameters = ", ".join(f"{p.name}={textwrap.shorten(p.default_text, MOST_DEFAULT, placeholder='…')}" for p in row.parameters)
        lines.append(f"{name:28} {say(f'analysis.{name}.summary')}" + (f"  [{parameters}]" if parameters else ""))
    return lines


def _print_account(result: Result) -> None:
    """What must be known about a result, on standard error: failed checks, notes, where it comes from."""
    for check in result.checks:
        if not check.ok:
            console.print("! " + terms.said("check", check.code, {**check.facts, "figure": check.figure}), markup=False)
    for note in result.notes:
        console.print("· " + terms.said("note", note.code, note.facts), markup=False)
    source = result.provenance
    lake = ", ".join(f"{table}@{version}" for table, version in source.lake.items())
    account = say(
        "cli.run.account", analysis=source.analysis, version=source.version, lake=lake, engine=source.engine, seconds=source.seconds
    )
    console.print(account, markup=False)


def _show(result: Result) -> None:
    frame = pl.from_arrow(result.table())
    assert isinstance(frame, pl.DataFrame)
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name, kind in frame.schema.items():
        shown.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in frame.head(SHOWN).iter_rows():
        shown.add_row(*["" if v is None else f"{v:.6g}" if isinstance(v, float) else str(v) for v in row])
    Console(highlight=False, markup=False).print(shown)
    if frame.height > SHOWN:
        typer.echo(say("cli.run.more", rows=frame.height - SHOWN))


@app.command("report", help=say("cli.report.help"))
def report(
    out: Annotated[Path | None, typer.Option(metavar="FILE.html", help=say("cli.report.out"))] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="2026-03-01", help=say("cli.report.since"))] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="2026-03-31", help=say("cli.report.until"))] = None,
    language: Annotated[str | None, typer.Option("--lang", help=say("cli.report.language"))] = None,
    centre: CentreFolder = Path(),
) -> None:
    with opened(centre) as opened_centre, steps(say("cli.report.title")):
        files = opened_centre.report(out, since=since, until=until, language=language)
    print_report(files)


def print_report(files: ReportFiles) -> None:
    """Where the report lies, and what it leaves out: reason by reason, since one missing file often closes many chapters."""
    typer.echo(say("cli.report.done", html=files.html.resolve(), xlsx=files.xlsx.resolve()))
    for reason in dict.fromkeys(left.why for left in files.left_out):
        chapters = terms.listed(left.what for left in files.left_out if left.why == reason)
        console.print(f"· {chapters}: {reason}", markup=False)
