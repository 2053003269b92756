"""Commands that make a synthetic centre: simulate, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coachline.centre import SETTINGS_FILE, Centre
from coachline.cli.analysis import print_report
from coachline.cli.app import app, say, steps
from coachline.cli.facts import print_load
from coachline.engine.simulate.size import CentreSize
from coachline.errors import CoachlineError

STANDARD = CentreSize(agents=40, calls=170_000)
"""Small enough for a minute, and as busy as a centre is: people are on a call for about a third of their shift."""


@app.command("simulate", help=say("cli.simulate.help"))
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("cli.simulate.folder"))],
    agents: Annotated[int, typer.Option(help=say("cli.simulate.agents"))] = STANDARD.agents,
    businesses: Annotated[int, typer.Option(help=say("cli.simulate.businesses"))] = STANDARD.businesses,
    days: Annotated[int, typer.Option(help=say("cli.simulate.days"))] = STANDARD.days,
    calls: Annotated[int, typer.Option(help=say("cli.simulate.calls"))] = STANDARD.calls,
    seed: Annotated[int, typer.Option(help=say("cli.simulate.seed"))] = 1,
    files_only: Annotated[bool, typer.Option("--files-only", help=say("cli.simulate.files_only"))] = False,
) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CoachlineError("folder_not_empty", folder=str(folder))
    size = CentreSize(agents=agents, businesses=businesses, days=days, calls=calls)
    exports = _export(folder, size, seed)
    if not files_only:
        _load(folder, exports)
    typer.echo(say("cli.simulate.done", folder=folder, exports=folder / "exports", truth=folder / "truth"))


@app.command("demo", help=say("cli.demo.help"))
def demo(
    port: Annotated[int, typer.Option(help=say("cli.demo.port"))] = 8000,
    folder: Annotated[Path, typer.Option("--centre", metavar="DIR", help=say("cli.centre"))] = Path("demo-centre"),
) -> None:
    # A demo that was interrupted goes on where it stopped; one that is there is shown again.
    exists = (folder / SETTINGS_FILE).exists()
    _load(folder, sorted((folder / "exports").iterdir()) if exists else _export(folder, STANDARD, seed=1))
    with Centre(folder) as centre, steps(say("cli.report.title")):
        files = centre.report()
    typer.echo(say("cli.demo.ready", folder=folder))
    print_report(files)
    typer.echo(say("cli.demo.open"))


def _export(folder: Path, size: CentreSize, seed: int) -> list[Path]:
    # Only these two commands need the simulator: the others start without it.
    from coachline.sample import simulate_files

    with steps(say("step.simulating")) as progress:
        return simulate_files(folder, size, seed, lambda step: progress.update(progress.task_ids[0], description=say(f"step.{step}")))


def _load(folder: Path, exports: list[Path]) -> None:
    from coachline.sample import load_exports

    def show(file: str, step: str) -> None:
        progress.update(progress.task_ids[0], description=f"{file} {say(f'step.{step}')}")

    with steps(say("step.opening")) as progress:
        loads = load_exports(folder, say("cli.simulate.name"), exports, show)
    for load in loads:
        print_load(load, dry_run=False)
