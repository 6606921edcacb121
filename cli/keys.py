"""`./arb keys`: the master keys, and how one takes over from another."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.operating import as_operator
from domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jobs.resealing import Resealing
    from store.keyhold import Keyhold

T = TypeVar("T")
_PAUSE_S = 2.0

keys = typer.Typer(
    name="keys", help="Master keys: which there are, and rotation.", no_args_is_help=True
)
KeyId = Annotated[str, typer.Argument(help="The id of a key.")]


@keys.command("list")
def list_() -> None:
    """List the keys with how many rows are sealed with each, and the last rotation."""
    from services import keys as service

    seen = as_operator(service.overview)
    for key in seen.keys:
        since = f"{key.known_at:%Y-%m-%d %H:%M}" if key.known_at else "-"
        state = "current" if key.current else "retired" if key.retired_at else ""
        state = state or ("" if key.held else "MISSING")
        typer.echo(f"{key.id:<32}  {key.holder or '-':<8} {since:<16}  {key.rows:>8} rows  {state}")
    for last in seen.rotations[:1]:
        done = f"ended {last.ended_at:%Y-%m-%d %H:%M}" if last.ended_at else "under way"
        rest = "do not open" if last.ended_at else "left"
        typer.echo(f"rotation: {done}, {last.resealed} sealed anew, {last.left} {rest}")


@keys.command()
def rotate(
    key: Annotated[str, typer.Option(help="A key that `make` made, instead of a new one.")] = "",
    here: Annotated[
        bool, typer.Option("--here", help="Carry it out in this process, without a worker.")
    ] = False,
) -> None:
    """Have a new key take over; a running worker makes it and seals everything anew."""
    from services import keys as service

    as_operator(lambda work: service.rotate(work, key))
    typer.echo("asked for: `./arb keys list` shows how far it has come")
    if here:
        _carry_out()


@keys.command()
def retire(key: KeyId) -> None:
    """Let go of a key that nothing is sealed with; backups of before still need it."""
    from services import keys as service

    as_operator(lambda work: service.retire(work, key))
    typer.echo(f"{key} is retired; a key file keeps it aside, for backups")


@keys.command()
def make() -> None:
    """Make a key that seals nothing yet, for its file to be copied to every machine."""
    from store.keyhold import FileHold

    async def made(hold: "Keyhold") -> str:
        if not isinstance(hold, FileHold):
            raise Refused("OpenBao and Vault need no copying: `./arb keys rotate`")
        return await hold.make()

    typer.echo(_held(made))


@keys.command()
def rewrap() -> None:
    """Have OpenBao or Vault wrap every key with the newest version of its own."""
    from store.keyhold import TransitHold

    async def again(hold: "Keyhold") -> int:
        if not isinstance(hold, TransitHold):
            raise Refused("a key file wraps nothing: DUTCHBOOK_KEYS=transit:… does")
        return await hold.rewrap()

    typer.echo(f"keys wrapped anew: {_held(again)}")


def _carry_out() -> None:
    from jobs.resealing import Resealing
    from services import keys as service

    async def tend(resealing: Resealing) -> None:
        await resealing.tend()

    while True:
        _tended(tend)
        last = as_operator(service.overview).rotations[0]
        if last.ended_at:
            typer.echo(f"{last.resealed} rows sealed anew, {last.left} do not open")
            return
        time.sleep(_PAUSE_S)


def _held(ask: "Callable[[Keyhold], Awaitable[T]]") -> T:
    from jobs.resealing import Resealing

    async def asked(resealing: Resealing) -> T:
        found = await ask(resealing.keys)
        await resealing.settle()
        return found

    return _tended(asked)


def _tended(ask: "Callable[[Resealing], Awaitable[T]]") -> T:
    """Do something with the keys of the settings, as the operator."""
    from jobs.resealing import Resealing
    from kit.clock import SystemClock
    from kit.settings import settings
    from store.db import Database
    from store.keyhold import held

    given, clock = settings(), SystemClock()
    owner = given.database_owner_url or given.database_url
    if owner is None:
        raise Refused("Set DATABASE_OWNER_URL; the file `env` in the data directory holds it.")
    url = owner.get_secret_value()

    async def work() -> T:
        database = await Database.open(url, application="operator")
        try:
            async with held(given, database, clock) as hold:
                return await ask(
                    Resealing(database=database, keys=hold, clock=clock, worker="operator")
                )
        finally:
            await database.close()

    return asyncio.run(work())
