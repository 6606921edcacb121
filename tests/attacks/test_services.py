"""Whoever lacks a permission, or has one and names what is another's, gets nothing of a service."""

import ast
import importlib
import inspect
import typing
from dataclasses import replace
from enum import Enum
from uuid import UUID

import pytest

from domain.errors import DutchbookError, NotAllowed
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Subject
from services.work import begin
from tests.architecture.test_doors import served
from tests.attacks.conftest import ANN, BOB
from tests.attacks.rows import everything_of

WHO = {"nobody": Subject(), "a visitor": ANONYMOUS} | {
    str(role): Subject(ANN, permissions, role=role) for role, permissions in PERMISSIONS_OF.items()
}


def services():
    """Yield each service with its name and the permission that it asks for first."""
    for name, node in served():
        path, _, function = name.partition(":")
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        asked = next(
            each.args[0].attr
            for each in ast.walk(node)
            if isinstance(each, ast.Call) and getattr(each.func, "attr", "") == "require"
        )
        yield name, getattr(module, function), Permission[asked]


SERVICES = {name: (service, asked) for name, service, asked in services()}
REFUSED = [
    (name, who)
    for name, (_, asked) in SERVICES.items()
    for who, subject in WHO.items()
    if not subject.may(asked)
]


async def called(service, work, **arguments):
    """Ask a service, whatever kind of function it is."""
    made = service(work, **arguments)
    if inspect.isasyncgen(made):
        return await anext(made, None)
    if hasattr(made, "__aenter__"):
        async with made as got:
            return got
    return await made if inspect.isawaitable(made) else made


def others(service):
    """Return its parameters besides the work, with what each is said to be."""
    kinds = typing.get_type_hints(service)
    wanted = list(inspect.signature(service).parameters.values())[1:]
    return {each.name: kinds[each.name] for each in wanted}


@pytest.mark.parametrize(("name", "who"), REFUSED)
async def test_a_service_is_refused_to_whoever_lacks_its_permission(work, name, who):
    service, _ = SERVICES[name]
    asking = replace(work, subject=WHO[who])
    with pytest.raises(NotAllowed):
        await called(service, asking, **dict.fromkeys(others(service)))


def test_services_are_refused_often_enough():
    assert len(REFUSED) >= 150


def of_bob(name, kind, row):
    """Return what an attacker would say for a parameter: something of the other's where it can."""
    known = {"token": "x" * 43, "token_hash": row["token_hash"], "email": row["email"]}
    if name in known:
        return known[name]
    if kind is UUID:
        return row["session"] if "session" in name else BOB
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return {str: str(BOB), int: 10, bool: True}.get(kind)


def own_acts():
    """Return what a member may do, and what only the tables know of whom it is done to."""
    return [name for name, (_, asked) in SERVICES.items() if asked is Permission.USE_ACCOUNT]


@pytest.mark.parametrize("name", own_acts())
async def test_what_a_member_may_do_is_done_to_nobody_else(resources, owner, settled, name):
    service, _ = SERVICES[name]
    with owner.transaction():
        owner.execute("select set_config('app.subject', %s, true)", (str(BOB),))
        found = owner.execute(
            "select s.id, s.token_hash, a.email from sessions s, accounts a where s.user_id = a.id"
        ).fetchone()
    row = dict(zip(("session", "token_hash", "email"), found, strict=True))
    said = {each: of_bob(each, kind, row) for each, kind in others(service).items()}
    before = everything_of(owner, BOB)
    try:
        async with begin(resources, WHO["member"]) as work:
            told = await called(service, work, **said)
    except (DutchbookError, AttributeError, TypeError) as e:
        told = e
    assert row["email"] not in str(told)
    assert row["token_hash"] not in str(told)
    assert everything_of(owner, BOB) == before
