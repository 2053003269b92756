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
    _make(folder, size, seed, load=not files_only)
    typer.echo(say("cli.simulate.done", folder=folder, exports=folder / "exports", truth=folder / "truth"))


@app.command("demo", help=say("cli.demo.help"))
def demo(
    port: Annotated[int, typer.Option(help=say("cli.demo.port"))] = 8000,
    folder: Annotated[Path, typer.Option("--centre", metavar="DIR", help=say("cli.centre"))] = Path("demo-centre"),
) -> None:
    if not (folder / SETTINGS_FILE).exists():
        _make(folder, STANDARD, seed=1, load=True)
    with Centre(folder) as centre, steps(say("cli.report.title")):
        files = centre.report()
    typer.echo(say("cli.demo.ready", folder=folder))
    print_report(files.html, files.xlsx, [f"{left.what}: {left.why}" for left in files.left_out])
    typer.echo(say("cli.demo.open"))


def _make(folder: Path, size: CentreSize, seed: int, load: bool) -> None:
    # Only these two commands need the simulator: the others start without it.
    from coachline.sample import load_exports, simulate_files

    with steps(say("step.simulating")) as progress:
        exports = simulate_files(folder, size, seed, lambda step: progress.update(progress.task_ids[0], description=say(f"step.{step}")))
        if not load:
            return
        loads = load_exports(
            folder, exports, lambda file, step: progress.update(progress.task_ids[0], description=f"{file} {say(f'step.{step}')}")
        )
    for one in loads:
        print_load(one, dry_run=False)
