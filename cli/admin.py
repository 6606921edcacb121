"""`./arb admin`: the accounts of a running product, as its operator makes and changes them."""

import sys
from typing import Annotated

import typer

from cli.operating import as_operator
from domain.errors import Refused
from domain.plans import PlanName
from kit.settings import Settings, settings
from services.access import Role

admin = typer.Typer(
    name="admin", help="Accounts: who can sign in, and as what.", no_args_is_help=True
)

Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]


@admin.command()
def create(
    email: Email,
    role: Annotated[Role, typer.Option(help="What the account is here.")] = Role.ADMIN,
) -> None:
    """Make an account; its password is asked for, or read from standard input."""
    from services import accounts
    from services.passwords import Passwords

    address, password = accounts.normalised(email), _password()
    made = as_operator(
        lambda work: accounts.create(work, address, password, role=role, passwords=Passwords())
    )
    typer.echo(f"{made.email} is now {role}; sign in at {_door(settings())}")


@admin.command("list")
def list_(most: Annotated[int, typer.Option(min=1, max=10_000)] = 1000) -> None:
    """List the accounts, the eldest first."""
    from services import accounts

    for row in as_operator(lambda work: accounts.listed(work, limit=most)):
        said = f"{row.role:<8} {row.plan:<10} {row.state:<7} {row.email}"
        typer.echo(f"{str(row.id)[:8]}  {row.created_at:%Y-%m-%d %H:%M}  {said}")


@admin.command("role")
def role_(email: Email, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Give an account another role; it has to sign in again."""
    from services import accounts

    ended = as_operator(lambda work: accounts.change_role(work, email, role))
    typer.echo(f"{email} is now {role}; sessions ended: {ended}")


@admin.command("plan")
def plan_(
    email: Email,
    plan: Annotated[PlanName, typer.Argument(help="The new plan.")],
    league: Annotated[
        str, typer.Option(help="The league that a plan of one league shows, e.g. nba.")
    ] = "",
) -> None:
    """Give an account another plan; it sees the board so within seconds."""
    from services import accounts

    as_operator(lambda work: accounts.change_plan(work, email, plan, league))
    typer.echo(f"{email} now has the plan {plan}")


@admin.command("password")
def password_(email: Email) -> None:
    """Set somebody's password, and end all their sessions."""
    from services import accounts
    from services.passwords import Passwords

    password = _password()
    ended = as_operator(
        lambda work: accounts.replace_password(work, email, password, passwords=Passwords())
    )
    typer.echo(f"the password is set; sessions ended: {ended}")


@admin.command("factors")
def factors_(
    email: Email,
    sure: Annotated[
        bool, typer.Option("--remove", help="Remove them; it cannot be undone.")
    ] = False,
) -> None:
    """Remove the second factors of somebody who lost theirs, and end all their sessions."""
    from services import security

    if not sure:
        raise Refused("say --remove: their second factors cannot be brought back")
    ended = as_operator(lambda work: security.forget_factors(work, email))
    typer.echo(f"{email} has no second factor now; sessions ended: {ended}")


def _password() -> str:
    """Ask twice on a terminal, without showing it; else read one line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    if password := sys.stdin.readline().rstrip("\r\n"):
        return password
    raise Refused("give the password on standard input, as one line")


def _door(given: Settings) -> str:
    return f"{given.public_url or f'http://{given.host}:{given.port}'}/login"
