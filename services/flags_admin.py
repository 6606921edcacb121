"""What those do to flags who may: see them and their changes, change one, take a change back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from domain.errors import NotFound, Refused
from domain.flags import DEFAULT, FLAGS, Decided, Flag, FlagKind, Rule
from domain.plans import PLANS
from services.access import Permission, Role
from services.work import Work
from store import audit
from store import flags as stored

MOST_COUNTED: Final = 2_500
EXPORTED_AT_ONCE: Final = 500
MOST_WHY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A flag: what it can be, what it is, and what made it so, if anybody did."""

    flag: Flag
    kind: FlagKind
    rule: Rule
    last: Decided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A page of changes, the latest first; `total` is `MOST_COUNTED` where there are more."""

    changes: tuple[Decided, ...]
    total: int


def rule_of(kind: FlagKind, told: Mapping[str, Any]) -> Rule:
    """Return the rule that a form names.

    Raises:
        Refused: It is none that a flag of this kind can have.
    """
    on = told.get("on") in (True, "on", "true", "1")
    if kind is FlagKind.BOOL:
        return Rule(on=on)
    roles, plans = _some(told.get("roles"), Role), _some(told.get("plans"), PLANS)
    return Rule(on=on, share=_share(told.get("share", "100")), roles=roles, plans=plans)


async def overview(work: Work) -> tuple[Seen, ...]:
    """Return every flag as it is now.

    Raises:
        NotAllowed: The subject may not see the machinery.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_SYSTEM)
    rules = await stored.rules(work.db)
    last = {name: await stored.changes(work.db, flag=name, limit=1) for name in rules}
    return tuple(
        Seen(
            flag=flag,
            kind=kind,
            rule=rules.get(flag, DEFAULT),
            last=next(iter(last.get(flag, ())), None),
        )
        for flag, kind in FLAGS.items()
    )


async def history(work: Work, flag: str, *, limit: int, offset: int = 0) -> Changes:
    """Return changes of a flag, or of all where it is none, the latest first."""
    work.subject.require(Permission.VIEW_SYSTEM)
    sought = _sought(flag)
    found = await stored.changes(work.db, flag=sought, limit=limit, offset=offset)
    total = await stored.count_changes(work.db, flag=sought, most=MOST_COUNTED)
    return Changes(changes=tuple(found), total=total)


async def exported(work: Work, flag: str, *, before: int | None) -> list[Decided]:
    """Return the next `EXPORTED_AT_ONCE` changes below a number; none when all were given."""
    work.subject.require(Permission.VIEW_SYSTEM)
    sought = _sought(flag)
    return await stored.changes(work.db, flag=sought, limit=EXPORTED_AT_ONCE, before=before)


async def change(work: Work, flag: str, rule: Rule, *, why: str = "") -> None:
    """Give a flag another rule; every process follows within seconds.

    Raises:
        NotAllowed: The subject does not manage flags.
        NotFound: There is no such flag.
        Refused: It has this rule already, or the reason is too long.
    """
    work.subject.require(Permission.MANAGE_FLAGS)
    await _save(work, _known(flag), rule, "flag.change", why)


async def revert(work: Work, number: int) -> None:
    """Give a flag the rule again that it had before a change.

    Raises:
        NotAllowed: The subject does not manage flags.
        NotFound: There is no such change.
        Refused: The flag has that rule already.
    """
    work.subject.require(Permission.MANAGE_FLAGS)
    made = await stored.change(work.db, number)
    if made is None:
        raise NotFound("there is no such change")
    await _save(work, _known(made.flag), made.before, "flag.revert", f"#{number}")


async def _save(work: Work, flag: Flag, rule: Rule, action: str, why: str) -> None:
    if len(why := why.strip()) > MOST_WHY:
        raise Refused(f"give the reason in at most {MOST_WHY} characters")
    actor = work.subject.actor
    wanted = Decided(flag=flag, at=work.clock.now(), by=actor, why=why, after=rule)
    made = await stored.save(work.db, wanted)
    if made.before == rule:
        raise Refused("it is so already")
    told = {"before": msgspec.to_builtins(made.before), "after": msgspec.to_builtins(rule)}
    await audit.record(
        work.db, actor=actor, action=action, subject=f"flag {flag}", details={**told, "why": why}
    )
    work.flags.forget()


def _sought(flag: str) -> str:
    """Return the flag that a client asks for; what is none asks for all."""
    return flag if flag in set(Flag) else ""


def _known(flag: str) -> Flag:
    if flag not in set(Flag):
        raise NotFound("there is no such flag")
    return Flag(flag)


def _share(told: object) -> int:
    text = str(told).strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= len("100") and int(text) <= 100):
        raise Refused("the share is a whole number from 0 to 100")
    return int(text)


def _some(told: object, known: Any) -> tuple[str, ...]:
    listed = cast("list[Any] | tuple[Any, ...]", told) if isinstance(told, list | tuple) else ()
    if unknown := [each for each in listed if each not in list(known)]:
        raise Refused(f"there is no {unknown[0]!s:.40}")
    return tuple(each for each in known if each in listed)
