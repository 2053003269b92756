"""Commands that make a synthetic centre: simulate, demo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from coachline.centre import SETTINGS_FILE, Centre
from coachline.cli.app import app, said, say, steps
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


SEARCH_S = 5
"""Somebody waits for the demo to begin."""


@app.command("demo", help=say("cli.demo.help"))
def demo(
    port: Annotated[int, typer.Option(help=say("cli.demo.port"))] = 8000,
    folder: Annotated[Path, typer.Option("--centre", metavar="DIR", help=say("cli.centre"))] = Path("demo-centre"),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help=say("cli.demo.serve"))] = True,
    agents: Annotated[int, typer.Option(help=say("cli.simulate.agents"))] = STANDARD.agents,
    days: Annotated[int, typer.Option(help=say("cli.simulate.days"))] = STANDARD.days,
    calls: Annotated[int, typer.Option(help=say("cli.simulate.calls"))] = STANDARD.calls,
) -> None:
    from coachline.sample import shorten_searches
    from coachline.web.config.serving import Service, address_of, listen_near
    from coachline.web.config.starting import collect_static, enter

    # A demo that was interrupted goes on where it stopped; one that is there is shown again.
    if not (folder / SETTINGS_FILE).exists():
        # It ends yesterday, so that the pages of the morning have something to say.
        first = date.today() - timedelta(days=days)  # noqa: DTZ011 - the reader's own day
        _export(folder, replace(STANDARD, agents=agents, days=days, calls=calls, start=first), seed=1)
        Centre.create(folder, say("cli.simulate.name"), beside=("exports", "truth")).close()
        shorten_searches(folder, SEARCH_S)
    folder = enter(folder)
    _bring_to_life(folder)
    typer.echo(say("cli.demo.ready", folder=folder))
    typer.echo(say("cli.demo.report", file=folder / "reports" / "report.html"))
    if not serve:
        _print_users(folder)
        return
    held = listen_near("127.0.0.1", port)
    collect_static(folder)

    def ready() -> None:
        _print_users(folder)
        if held.getsockname()[1] != port:
            typer.echo(say("cli.demo.other_port", port=port))
        typer.echo(say("cli.serve.ready", address=address_of(held)))

    code = Service(held, folder, processes=2, worker=True, said=said).run(ready)
    if code:
        raise typer.Exit(code)


def _bring_to_life(folder: Path) -> None:
    """Users, files through the upload, everything calculated: what is done already is passed over."""
    from coachline.web.config.serving import worker_beside
    from coachline.web.demo import loading, users

    administrator = users.make_administrator(folder, say)
    exports = sorted((folder / "exports").iterdir())
    if loading.waiting_files(exports) or not loading.calculated():
        with worker_beside(folder) as worker, steps(say("step.opening")) as progress:

            def told(step: str, done: int, of: int) -> None:
                progress.update(progress.task_ids[0], description=say(f"cli.demo.step.{step}", done=done, of=of))

            def alive() -> bool:
                return worker.poll() is None

            loading.load_files(exports, by=administrator, alive=alive, told=told)
            users.make_everybody(folder, say)
            loading.calculate(by=administrator, language=say.language, alive=alive, told=told)
    users.make_everybody(folder, say)


def _print_users(folder: Path) -> None:
    from coachline.web.demo import users

    typer.echo(say("cli.demo.users", file=folder / users.FILE))
    for name, password in users.passwords(folder).items():
        typer.echo(f"  {name:<11}{password:<15}{say('role.' + users.ROLES[name])}")


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
