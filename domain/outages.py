"""What is refused, what goes on and what is told while a server is down: promises that are kept."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec


class Server(StrEnum):
    """A server of which the product has need; any of them may be away at any time."""

    POSTGRES = "PostgreSQL"
    VALKEY = "Valkey"
    OPENBAO = "OpenBao"
    SMTP = "SMTP"


class Door(StrEnum):
    """A class of what people and machines ask for."""

    PAGE = "a page as such"
    ALIVE = "`/healthz`"
    READY = "`/readyz`"
    SIGN_IN = "signing in"
    JOIN = "joining"
    MEMBER = "who is signed in already"
    ACT = "acts that are put on record"
    BOARD = "the board on an open page"
    STATUS = "`/status` and `/admin/health`"
    LETTERS = "letters"


class Kept(StrEnum):
    """Whether a class goes on."""

    GOES_ON = "goes on"
    REFUSED = "refused"
    TOLD = "told"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a class: `status` and `says` are what its door answers, where it has one."""

    kept: Kept
    how: str
    status: int = 0
    says: str = ""


def _on(how: str = "as ever", *, status: int = 0, says: str = "") -> Answer:
    return Answer(kept=Kept.GOES_ON, how=how, status=status, says=says)


def _no(how: str, *, status: int = 0, says: str = "") -> Answer:
    return Answer(kept=Kept.REFUSED, how=how, status=status, says=says)


def _told(how: str, *, status: int = 0, says: str = "") -> Answer:
    return Answer(kept=Kept.TOLD, how=how, status=status, says=says)


_AWAY: Final = "away"
"""How the address ends that somebody is sent to whose form cannot be taken now."""
RECOVERS_WITHIN_S: Final = 20.0
"""Within so many seconds of a server's return everything goes on, without a restart."""

OUTAGES: Final = MappingProxyType({
    Server.POSTGRES: MappingProxyType({
        Door.PAGE: _on(status=200),
        Door.ALIVE: _on(status=200, says="ok"),
        Door.READY: _told("503 as problem+json, failing: postgresql", status=503,
                          says="PostgreSQL does not answer"),
        Door.SIGN_IN: _no("the form says to try again in a minute", status=303, says=_AWAY),
        Door.JOIN: _no("the form says to try again in a minute", status=303, says=_AWAY),
        Door.MEMBER: _on("for a minute as they were, then as a visitor"),
        Door.ACT: _no("503: nothing is done that cannot be put on record", status=503),
        Door.BOARD: _on("rows that are shown stay; after 10 s they are marked as late"),
        Door.STATUS: _told("the database is down; the rest is shown from Valkey"),
        Door.LETTERS: _no("none is written; those that wait go out afterwards"),
    }),
    Server.VALKEY: MappingProxyType({
        Door.PAGE: _on(status=200),
        Door.ALIVE: _on(status=200, says="ok"),
        Door.READY: _told("503 as problem+json, failing: valkey", status=503,
                          says="Valkey does not answer"),
        Door.SIGN_IN: _no("attempts cannot be counted: try again in a minute", status=303,
                          says=_AWAY),
        Door.JOIN: _no("attempts cannot be counted: try again in a minute", status=303,
                       says=_AWAY),
        Door.MEMBER: _on("sessions are in PostgreSQL"),
        Door.ACT: _on("those that need no counting", status=200),
        Door.BOARD: _on("rows that are shown stay; after 10 s they are marked as late"),
        Door.STATUS: _told("the cache is down; the rest is shown from PostgreSQL"),
        Door.LETTERS: _on("those that wait are sent: the outbox is in PostgreSQL"),
    }),
    # Once unwrapped keys are no longer in memory; until then all goes on as ever.
    Server.OPENBAO: MappingProxyType({
        Door.PAGE: _on(status=200),
        Door.ALIVE: _on(status=200, says="ok"),
        Door.READY: _on("ready: boards and prices need no key", status=200, says="ready"),
        Door.SIGN_IN: _on("by password, passkey and recovery code; where the code of an app, a text"
                          " or a letter is asked for: try again in a minute", status=303),
        Door.JOIN: _no("letters cannot be sealed: try again in a minute", status=303, says=_AWAY),
        Door.MEMBER: _on("sessions need no key"),
        Door.ACT: _on("not those that change how an account is secured: nobody could be told",
                      status=200),
        Door.BOARD: _on(),
        Door.STATUS: _told("`/admin/health`: the keys do not answer, and why; a warning while they"
                           " are in memory"),
        Door.LETTERS: _no("none is written; those that wait go out afterwards"),
    }),
    Server.SMTP: MappingProxyType({
        Door.PAGE: _on(status=200),
        Door.ALIVE: _on(status=200, says="ok"),
        Door.READY: _on("ready: nobody is kept from anything", status=200, says="ready"),
        Door.SIGN_IN: _on(status=303),
        Door.JOIN: _on("the letter waits in the outbox", status=303, says="sent"),
        Door.MEMBER: _on(),
        Door.ACT: _on(status=200),
        Door.BOARD: _on(),
        Door.STATUS: _told("`/admin/health`: letters waiting, and since when"),
        Door.LETTERS: _no("each waits, is tried again within a minute, and goes out once"),
    }),
})  # fmt: skip
