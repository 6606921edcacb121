"""What workers do by the clock: which jobs there are, what became of them, and what holds them."""

from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec


class Job(StrEnum):
    """One thing that is done by the clock."""

    TELL_HEALTH = "tell_health"
    KEEP_HEALTH = "keep_health"
    KNOW_OTHERS = "know_others"
    TELL_RELIABILITY = "tell_reliability"
    ALERT = "alert"
    CARRY = "carry"
    CARRY_TEXTS = "carry_texts"
    SUMMARISE = "summarise"
    PRUNE = "prune"
    FORGET_MEMBERS = "forget_members"
    ANCHOR = "anchor"
    CHECK = "check"
    RESEAL = "reseal"
    GIVE_BACK = "give_back"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """When a job is done and by whom; no `every` means each night at 03:15 UTC.

    `led` jobs are done once for all workers, by the one that leads; the others by each. Who pauses
    a `grave` one proves once more that it is them: what it does cannot be made good later.
    """

    every: timedelta | None
    led: bool = True
    grave: bool = False

    @property
    def often(self) -> bool:
        """Whether it is done so often that its history holds only what is unusual."""
        return self.every is not None and self.every < timedelta(minutes=1)


def _each(**every: float) -> Plan:
    return Plan(every=timedelta(**every), led=False)


def _led(*, grave: bool = False, **every: float) -> Plan:
    return Plan(every=timedelta(**every) if every else None, grave=grave)


JOBS: Final = MappingProxyType(
    {
        Job.TELL_HEALTH: _each(seconds=1),
        Job.KEEP_HEALTH: _each(seconds=30),
        Job.KNOW_OTHERS: _each(seconds=1),
        Job.TELL_RELIABILITY: _led(seconds=5),
        Job.ALERT: _led(seconds=5),
        Job.CARRY: _led(seconds=5),
        Job.CARRY_TEXTS: _led(seconds=5),
        Job.SUMMARISE: _led(minutes=5),
        Job.PRUNE: _led(grave=True),
        Job.FORGET_MEMBERS: _led(grave=True),
        Job.ANCHOR: _led(minutes=5, grave=True),
        Job.CHECK: _led(minutes=15, grave=True),
        Job.RESEAL: _led(seconds=5, grave=True),
        Job.GIVE_BACK: _each(seconds=30),
    }
)


class Outcome(StrEnum):
    """What became of a run; `PUT_OFF`: a server was away, and the next run makes up for it."""

    DONE = "done"
    PUT_OFF = "put_off"
    FAILED = "failed"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job; `code` names what went wrong, `asked` the wish of an admin that led to it.

    `by` is whoever wished it, "" for the clock.
    """

    job: str
    worker: str
    started_at: datetime
    took_s: float
    outcome: Outcome
    code: str = ""
    by: str = ""
    asked: str = ""


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is not done until somebody resumes it, as an admin decided, and why."""

    job: str
    at: datetime
    by: str
    why: str = ""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An admin's wish to have a job done now."""

    id: str
    job: str
    by: str
    at: datetime


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker tells of its jobs: the last run of each, the next, and what it is doing."""

    leads: bool
    version: str
    memory_mb: float
    started_at: datetime
    last: dict[str, Run] = {}
    next: dict[str, datetime] = {}
    running: list[str] = []
