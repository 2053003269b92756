"""Commands for upkeep: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coachline import archive
from coachline.cli.app import CentreFolder, app, opened, say, steps


@app.command("backup", help=say("cli.backup.help"))
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help=say("cli.backup.file"))], centre: CentreFolder = Path()) -> None:
    with opened(centre) as opened_centre, steps(str(file)):
        size = archive.backup(opened_centre, file)
    typer.echo(say("cli.backup.done", file=file, megabytes=size / 1e6))
    if archive.decisions_elsewhere():
        typer.echo(say("cli.backup.without_database"))


@app.command("restore", help=say("cli.restore.help"))
def restore(file: Annotated[Path, typer.Argument(metavar="FILE", help=say("cli.restore.file"))], centre: CentreFolder = Path()) -> None:
    with steps(str(file)):
        archive.restore(file, centre).close()
    typer.echo(say("cli.restore.done", folder=centre))
    if archive.decisions_elsewhere():
        typer.echo(say("cli.restore.without_database"))
