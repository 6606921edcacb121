"""Structured logs: one fact a line, with fields, and never a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

_SECRET_NAMES = re.compile(
    r"(api|access|private|secret|signing)_?key|token|secret|passw|authorization|cookie|dsn",
    re.IGNORECASE,
)
_SECRET_IN_URL = re.compile(
    r"(://[^:/@\s]*:)[^@\s]+(@)|([?&](?:api_?key|token|key)=)[^&\s\"']+", re.IGNORECASE
)
_HIDDEN = "***"


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


def set_up(*, level: str = "INFO", as_json: bool = False) -> None:
    """Send every log line of the process to standard error, as JSON or for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "asyncio", "watchfiles"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # A job that takes longer than its interval is skipped: on a busy machine that is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
