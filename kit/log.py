"""Structured logs: one fact a line, with fields, and never a secret."""

import logging
import re
import sys
import time
from collections.abc import Callable, Generator, Iterable, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, cast

import structlog

_SECRET_NAMES = re.compile(
    r"(api|access|private|secret|signing)_?key|token|secret|passw|authorization|cookie|dsn",
    re.IGNORECASE,
)
_SECRET_IN_URL = re.compile(
    r"(://[^:/@\s]*:)[^@\s]+(@)|([?&](?:api_?key|token|key)=)[^&\s\"']+", re.IGNORECASE
)
_HIDDEN = "***"
_LONGEST: Final = 8_000
_LINES_A_MINUTE: Final = 30


def _mask(text: str) -> str:
    return _SECRET_IN_URL.sub(
        lambda m: f"{m[1]}{_HIDDEN}{m[2]}" if m[1] else f"{m[3]}{_HIDDEN}", text
    )


def hide_secrets(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask fields that are named like secrets, and passwords and keys inside URLs."""
    for name, value in fields.items():
        if _SECRET_NAMES.search(name) and value is not None:
            fields[name] = _HIDDEN
        elif isinstance(value, str):
            fields[name] = _mask(value)
    return fields


def shorten(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut texts of more than 8,000 characters in the middle: a stranger may have sent them."""
    for name, value in fields.items():
        if isinstance(value, str) and len(value) > _LONGEST:
            half = _LONGEST // 2
            left_out = len(value) - 2 * half
            fields[name] = f"{value[:half]} [{left_out} characters left out] {value[-half:]}"
    return fields


class Seldom(logging.Filter):
    """Lets through so many lines a minute and level of each logger that strangers can make talk."""

    def __init__(
        self,
        talkative: Iterable[str],
        *,
        most: int = _LINES_A_MINUTE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the names of the loggers; those beneath them are meant as well."""
        super().__init__()
        self._talkative = tuple(talkative)
        self._most = most
        self._monotonic = monotonic
        self._counts: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the line; the first of a minute says how many were left out."""
        if not any(f"{record.name}.".startswith(f"{name}.") for name in self._talkative):
            return True
        key, now = (record.name, record.levelno), self._monotonic()
        since, count = self._counts.get(key, (now, 0))
        if now - since >= 60:
            if count > self._most:
                record.left_out = count - self._most
            since, count = now, 0
        self._counts[key] = (since, count + 1)
        return count < self._most


@contextmanager
def about(**facts: str) -> Generator[None]:
    """Say these facts with every line logged inside, by this task and by all that it starts."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield


def set_up(*, level: str = "INFO", as_json: bool = False, talkative: Iterable[str] = ()) -> None:
    """Send every log line of the process to standard error, as JSON or for people.

    Args:
        level: The least that is written.
        as_json: Whether for machines.
        talkative: Loggers of which only some lines a minute are written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        cast("structlog.typing.Processor", shorten),
        cast("structlog.typing.Processor", hide_secrets),
    ]
    last = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(Seldom(talkative))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "asyncio", "watchfiles"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # A job that takes longer than its interval is skipped: on a busy machine that is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
