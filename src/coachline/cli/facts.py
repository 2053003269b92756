"""Commands about facts: new, import, check, erase."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from coachline.centre import Centre
from coachline.cli.app import FAILED, SOME_REJECTED, CentreFolder, app, console, opened, say, steps, terms
from coachline.engine.result import Result
from coachline.engine.sources.importing import Load
from coachline.engine.sources.mapping import draft
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.outputs import as_json
from coachline.report.issues import folded, names


@app.command("new", help=say("cli.new.help"))
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("cli.new.folder"))],
    name: Annotated[str | None, typer.Option(help=say("cli.new.name"))] = None,
) -> None:
    Centre.create(folder, name).close()
    typer.echo(say("cli.new.done", folder=folder))


@app.command("import", help=say("cli.import.help"))
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=say("cli.import.files"))],
    table: Annotated[str | None, typer.Option(help=say("cli.import.table"))] = None,
    map_file: Annotated[Path | None, typer.Option("--map", metavar="MAP.toml", help=say("cli.import.map"))] = None,
    source: Annotated[str | None, typer.Option(help=say("cli.import.source"))] = None,
    replace: Annotated[bool, typer.Option("--replace", help=say("cli.import.replace"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("cli.import.dry_run"))] = False,
    centre: CentreFolder = Path(),
) -> None:
    loads, failed = [], 0
    with opened(centre) as opened_centre:
        for file in files:
            try:
                with steps(file.name) as progress:
                    load = opened_centre.import_file(
                        file,
                        table,
                        map_file,
                        source=source,
                        dry_run=dry_run,
                        replace_other_events=replace,
                        progress=partial(_show_step, progress, file.name),
                    )
            except CoachlineError as error:
                failed += 1
                console.print(say("cli.error", message=f"{file.name}: {error}"), markup=False)
                continue
            loads.append(load)
            print_load(load, dry_run)
    if failed:
        raise typer.Exit(FAILED)
    if any(load.rejected for load in loads):
        raise typer.Exit(SOME_REJECTED)


def _show_step(progress: Progress, file: str, step: str) -> None:
    progress.update(progress.task_ids[0], description=f"{file} {say(f'step.{step}')}")


def print_load(load: Load, dry_run: bool) -> None:
    """The counts on standard output, under their names in the contract; a draft map there, too, if nothing was to be loaded."""
    table = TABLES[load.table]
    counts = {name: getattr(load, name) for name in ("accepted", "replaced", "unchanged", "rejected")}
    title = f"{load.file} -> {load.table} {table.zh if say.language == 'zh' else table.en}"
    line = say("cli.import.counts", title=title, **counts)
    if dry_run:
        console.print(say("cli.import.dry_run_done", line=line), markup=False)
        typer.echo(_draft(load), nl=False)
    else:
        typer.echo(line)
    for note in load.notes:
        console.print(say(f"note.{note.code}", **note.facts), markup=False)
    if load.rejects_file:
        typer.echo(say("cli.import.rejects", file=load.rejects_file))


def _draft(load: Load) -> str:
    table = TABLES[load.table]
    free = [c.name for c in table.columns if c.name not in load.mapping.columns and c.name != "source"]
    labels = {c.name: f"{c.zh} / {c.en}" for c in table.columns}
    return draft(load.mapping, load.unknown, free, {**labels, **{k: say(f"cli.draft.{k}") for k in ("head", "free", "unused")}})


@app.command("check", help=say("cli.check.help"))
def check(
    json: Annotated[bool, typer.Option("--json", help=say("cli.check.json"))] = False,
    centre: CentreFolder = Path(),
) -> None:
    with opened(centre) as opened_centre, steps(say("analysis.facts.quality.title")):
        result = opened_centre.run("facts.quality")
    typer.echo(as_json(result) if json else _issues(result))


def _issues(result: Result) -> str:
    issues = result.table().to_pylist()
    if not issues:
        return say("cli.check.clean")
    return "\n".join(_issue(issue) for issue in folded(issues))


def _issue(issue: dict[str, Any]) -> str:
    """One line: how grave, where, what, how many rows, an example, which results it harms."""
    columns = names(issue["column"])
    where = "·".join([terms.table(issue["table"]), *([terms.listed(terms.column(issue["table"], c) for c in columns)] if columns else [])])
    where = f"{where} ({issue['table']}{'.' if columns else ''}{', '.join(columns)})"
    what = say(f"issue.{issue['issue']}")
    if issue["many"]:
        return say("cli.check.more", severity=say("severity." + issue["severity"]), where=where, what=what, many=issue["many"])
    share = "" if issue["share"] is None else f" ({issue['share']:.2%})"
    example = f" · {say('cli.check.example', example=issue['example'])}" if issue["example"] else ""
    harmed = names(issue["harms"])
    harms = f" · {say('cli.check.harms', harms=terms.analyses(harmed))}" if harmed else ""
    return f"[{say('severity.' + issue['severity'])}] {where} {what} {issue['rows']:,}{share}{example}{harms}"


@app.command("erase", help=say("cli.erase.help"))
def erase(
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help=say("cli.erase.customer"))],
    centre: CentreFolder = Path(),
) -> None:
    with opened(centre) as opened_centre:
        erased = opened_centre.erase_customer(customer)
    typer.echo(say("cli.erase.done", **erased))
