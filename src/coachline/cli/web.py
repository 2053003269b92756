"""Commands of the web application: serve, worker, user."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from coachline.cli.app import CentreFolder, app, said, say
from coachline.errors import CoachlineError

user = typer.Typer(help=say("cli.user.help"), no_args_is_help=True)
app.add_typer(user, name="user")


@app.command("serve", help=say("cli.serve.help"))
def serve(
    host: Annotated[str, typer.Option(help=say("cli.serve.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=say("cli.serve.port"), min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help=say("cli.serve.workers"), min=1, max=64)] = 2,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help=say("cli.serve.worker"))] = True,
    centre: CentreFolder = Path(),
) -> None:
    from coachline.web.config.serving import Service, address_of, listen
    from coachline.web.config.starting import collect_static, enter

    folder = enter(centre)
    held = listen(host, port)
    collect_static(folder)
    _warn_of_hosts(host)
    service = Service(held, folder, processes=workers, worker=worker, said=said)
    code = service.run(lambda: typer.echo(say("cli.serve.ready", address=address_of(held))))
    if code:
        raise typer.Exit(code)


@app.command("worker", help=say("cli.worker.help"))
def worker(
    until_empty: Annotated[bool, typer.Option("--until-empty", help=say("cli.worker.until_empty"))] = False,
    centre: CentreFolder = Path(),
) -> None:
    from coachline.web.config.companion import end_with_parent
    from coachline.web.config.starting import enter

    end_with_parent()
    enter(centre)
    # The library says of every task what the run itself says better.
    logging.getLogger("django_tasks").setLevel(logging.WARNING)
    from coachline.web.runs.worker import work_off

    work_off(until_empty=until_empty)


@user.command("add", help=say("cli.user.add.help"))
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help=say("cli.user.name"))],
    role: Annotated[str, typer.Option(help=say("cli.user.add.role"))],
    called: Annotated[str, typer.Option("--called", help=say("cli.user.add.called"))] = "",
    in_centre: Annotated[str | None, typer.Option("--in", metavar="CENTRE", help=say("cli.user.add.in"))] = None,
    team: Annotated[str | None, typer.Option(help=say("cli.user.add.team"))] = None,
    agent: Annotated[str | None, typer.Option(metavar="ID", help=say("cli.user.add.agent"))] = None,
    centre: CentreFolder = Path(),
) -> None:
    from coachline.web.config.starting import enter

    enter(centre)
    from coachline.web.org import actions
    from coachline.web.org.models import Agent

    if (in_centre or team or agent) and not Agent.objects.exists():
        # Nothing has been calculated yet, so nobody has brought the organisation up to date.
        actions.sync_from_facts(by=None)
    place = _centre(in_centre)
    made = actions.create_user(name, called, by=None, role=role, centre=place, team=_team(team, place), agent=_agent(agent))
    typer.echo(say("cli.user.add.done", name=made.user.username, password=made.password))


@user.command("password", help=say("cli.user.password.help"))
def password(name: Annotated[str, typer.Argument(metavar="NAME", help=say("cli.user.name"))], centre: CentreFolder = Path()) -> None:
    from coachline.web.config.starting import enter

    enter(centre)
    from coachline.web.accounts.models import User
    from coachline.web.org import actions

    found = User.objects.filter(username__iexact=name).first()
    if found is None:
        raise CoachlineError("no_such_user", name=name)
    typer.echo(say("cli.user.add.done", name=found.username, password=actions.reset_password(found, by=None)))


@user.command("list", help=say("cli.user.list.help"))
def list_(centre: CentreFolder = Path()) -> None:
    from coachline.web.config.starting import enter

    enter(centre)
    from coachline.web.accounts.models import User

    for found in User.objects.prefetch_related("grants__centre", "grants__team").select_related("agent"):
        roles = "、".join(" ".join(filter(None, (say(f"role.{g.role}"), str(g.team or g.centre or "")))) for g in found.grants.all())
        state = "" if found.is_active else say("cli.user.list.inactive")
        typer.echo("\t".join((found.username, found.name, roles, str(getattr(found, "agent", "") or ""), state)).rstrip())


def _centre(name: str | None) -> Any:
    from coachline.web.org.models import Centre

    if name is None:
        return None
    found = Centre.objects.filter(name=name).first()
    if found is None:
        raise CoachlineError("unknown_centre", centre=name, known=", ".join(Centre.objects.values_list("name", flat=True)) or "-")
    return found


def _team(name: str | None, centre: Any) -> Any:
    from coachline.web.org.models import Team

    if name is None:
        return None
    found = Team.objects.filter(name=name, **({"centre": centre} if centre else {}))
    if len(found) > 1:
        raise CoachlineError("team_in_several_centres", name=name, centres=", ".join(team.centre.name for team in found))
    if not found:
        raise CoachlineError("no_such_team", name=name, known=", ".join(Team.objects.values_list("name", flat=True)[:50]) or "-")
    return found[0]


def _agent(agent_id: str | None) -> Any:
    from coachline.web.org.models import Agent

    if agent_id is None:
        return None
    found = Agent.objects.filter(agent_id=agent_id).first()
    if found is None:
        example = Agent.objects.values_list("agent_id", flat=True).first()
        raise CoachlineError("no_such_agent", agent=agent_id, example=example or "-")
    return found


def _warn_of_hosts(host: str) -> None:
    from django.conf import settings

    from coachline.web.config import environment

    if host not in settings.ALLOWED_HOSTS and not environment.listed("COACHLINE_HOSTS"):
        said("cli.serve.hosts", known=", ".join(settings.ALLOWED_HOSTS))
    sys.stderr.flush()
