"""How the machinery is: what is measured, from when on it is bad, and what to do about it."""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec


class Part(StrEnum):
    """A part of the machinery."""

    POSTGRES = "postgres"
    VALKEY = "valkey"
    BOARD = "board"
    WORKERS = "workers"
    WEB = "web"
    QUEUES = "queues"
    SOURCES = "sources"
    DISK = "disk"
    AUDIT = "audit"
    KEYS = "keys"


class Level(StrEnum):
    """How a reading is; `UNKNOWN`: it cannot be had just now."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


class Sign(StrEnum):
    """One thing that is read; its words are `health.sign.<name>`."""

    ANSWERS = "answers"
    VERSION = "version"
    SIZE = "size"
    CONNECTIONS = "connections"
    OLDEST = "oldest"
    REPLICAS = "replicas"
    ARCHIVE = "archive"
    PARTITION = "partition"
    MEMORY = "memory"
    CLIENTS = "clients"
    EVICTED = "evicted"
    WRITES = "writes"
    STREAMS = "streams"
    AGE = "age"
    ALIVE = "alive"
    LEADS = "leads"
    SHARDS = "shards"
    PROCESS = "process"
    PAUSED = "paused"
    LETTERS = "letters"
    LETTERS_OLDEST = "letters_oldest"
    ALERTS = "alerts"
    FREE = "free"
    HEAD = "head"
    ANCHORED = "anchored"
    CHECKED = "checked"
    KEY = "key"


class Bounds(msgspec.Struct, frozen=True):
    """From when on a figure is a warning, and from when on it is bad.

    Where the second is the smaller one, little is bad and much is good.

    Examples:
        >>> [Bounds(0.7, 0.9).level(of) for of in (0.5, 0.7, 0.95)]
        [<Level.GOOD: 'good'>, <Level.WARN: 'warn'>, <Level.BAD: 'bad'>]
        >>> Bounds(0.15, 0.05).level(0.04)
        <Level.BAD: 'bad'>
    """

    warn: float
    bad: float

    def level(self, of: float) -> Level:
        """Return how a figure is."""
        sign = 1.0 if self.warn <= self.bad else -1.0
        if sign * of >= sign * self.bad:
            return Level.BAD
        return Level.WARN if sign * of >= sign * self.warn else Level.GOOD


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A web process: its version, memory in megabytes, and how many sockets it hands the board."""

    version: str
    memory_mb: float
    started_at: datetime
    watchers: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One thing as it was read: how it is, the figure and its text as machines say it."""

    part: Part
    sign: Sign
    level: Level
    value: float | None = None
    text: str = ""
    name: str = ""


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was read at one moment."""

    at: datetime
    readings: list[Reading]

    @property
    def level(self) -> Level:
        """The worst of it."""
        found = {each.level for each in self.readings}
        worst = (Level.BAD, Level.UNKNOWN, Level.WARN)
        return next((level for level in worst if level in found), Level.GOOD)


BOUNDS: Final = MappingProxyType(
    {
        (Part.POSTGRES, Sign.CONNECTIONS): Bounds(0.7, 0.9),
        (Part.POSTGRES, Sign.OLDEST): Bounds(60.0, 600.0),
        (Part.VALKEY, Sign.MEMORY): Bounds(0.7, 0.9),
        (Part.VALKEY, Sign.EVICTED): Bounds(1.0, 1.0),
        (Part.VALKEY, Sign.STREAMS): Bounds(3_000.0, 10_000.0),
        (Part.BOARD, Sign.AGE): Bounds(5.0, 10.0),
        (Part.WORKERS, Sign.MEMORY): Bounds(4_000.0, 8_000.0),
        (Part.WEB, Sign.MEMORY): Bounds(2_000.0, 4_000.0),
        (Part.WORKERS, Sign.PAUSED): Bounds(1.0, float("inf")),
        (Part.QUEUES, Sign.LETTERS): Bounds(50.0, 500.0),
        (Part.QUEUES, Sign.LETTERS_OLDEST): Bounds(300.0, 3_600.0),
        (Part.SOURCES, Sign.ALERTS): Bounds(1.0, 10.0),
        (Part.DISK, Sign.FREE): Bounds(0.15, 0.05),
        (Part.AUDIT, Sign.ANCHORED): Bounds(26 * 3_600.0, 50 * 3_600.0),
        (Part.AUDIT, Sign.CHECKED): Bounds(26 * 3_600.0, 50 * 3_600.0),
    }
)
"""Shares of what there is, seconds, megabytes or counts, as the sign is."""

CHAPTERS: Final = MappingProxyType(
    {
        Part.POSTGRES: "When a part is down",
        Part.VALKEY: "When a part is down",
        Part.BOARD: "When a part dies",
        Part.WORKERS: "Several workers",
        Part.WEB: "Many browsers",
        Part.QUEUES: "Letters",
        Part.SOURCES: "Alerts",
        Part.DISK: "The data directory",
        Part.AUDIT: "The audit",
        Part.KEYS: "When a part is down",
    }
)
"""The chapter of docs/runbook.md that says what to do about each part."""
