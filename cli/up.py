"""`./arb up`: the whole product on one machine."""

from pathlib import Path
from typing import Annotated

import typer

from cli.processes import Host, Port, Replay, Source, Speed, web_command, worker_command
from domain.errors import Refused
from domain.plans import PLANS, PlanName
from kit.settings import settings


def up(
    *,
    host: Host = None,
    port: Port = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Where it keeps it all.")
    ] = None,
    replay: Replay = None,
    speed: Speed = 60.0,
    source: Source = None,
    plan: Annotated[
        PlanName | None, typer.Option(help="Show the board to visitors as this plan  [pro]")
    ] = None,
    league: Annotated[
        str | None, typer.Option(help="The league that they see, if the plan shows one.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin with empty databases: the old are removed.")
    ] = False,
) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C."""
    from cli.house import Commands, House
    from cli.stopping import until_told

    if plan and PLANS[plan].one_league and not (league or settings().visitor_league):
        raise Refused(f"the plan {plan} shows one league: name it with --league")
    asked = {"host": host, "port": port, "data_dir": data}
    asked |= {"visitor_plan": plan and plan.value, "visitor_league": league}
    given = settings().model_copy(update={k: v for k, v in asked.items() if v is not None})
    given = given.model_copy(update={"data_dir": given.data_dir.resolve()})
    commands = Commands(
        worker=worker_command(replay or [], speed, source or []),
        web=web_command(given.host, given.port),
    )
    with until_told():
        House(given, commands).run(fresh=fresh)
