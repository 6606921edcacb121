"""Whom a browser's own cookies keep from the board: by a break, or by the question of age."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from arb_app import cookies
from domain.breaks import Held, Limits, Why
from domain.errors import Refused
from kit.settings import Settings
from services import breaks
from services.access import Subject

YES: Final = "yes"
_LONGEST: Final = 11
"""Digits of an instant, in seconds since 1970: enough until the year 5138."""


def asks_age(settings: Settings) -> bool:
    """Return whether the board is for those only who have said that they are of legal age."""
    gate = settings.age_gate
    return settings.environment == "production" if gate is None else gate


def admitted(
    subject: Subject, header: str, settings: Settings, now: Callable[[], datetime]
) -> Subject:
    """Return the subject as this browser's cookies leave them: without the board, or as they are.

    Args:
        subject: Whoever asks, as their account says.
        header: The Cookie header of their browser.
        settings: Whether the age is asked for, and how cookies are called.
        now: Says what time it is; asked only where there is a break.
    """
    if subject.held is None or subject.held.why is not Why.BREAK:
        ends_at = break_of(header, settings)
        if ends_at is not None and ends_at > now():
            return subject.kept_from_board(Held(Why.BREAK, ends_at))
    if subject.held is None and asks_age(settings):
        confirmed = cookies.read(header, cookies.AGE, settings) == YES
        return subject.kept_from_board(None if confirmed else Held(Why.AGE))
    return subject


def break_of(header: str, settings: Settings) -> datetime | None:
    """Return until when the board is kept from a browser, by its cookie; None if it has none."""
    text = cookies.read(header, cookies.BREAK, settings)
    plain = text.isascii() and text.isdecimal() and len(text) <= _LONGEST
    return datetime.fromtimestamp(int(text), UTC) if plain else None


def limits_of(header: str, settings: Settings) -> Limits:
    """Return the limits that a browser's cookie names: none where it is not as we set it."""
    text = cookies.read(header, cookies.LIMITS, settings)
    try:
        said = parse_qs(text, max_num_fields=10)
        return limits_from({name: values[0] for name, values in said.items()})
    except (Refused, ValueError):
        return Limits()


def limits_from(fields: dict[str, str]) -> Limits:
    """Return the limits that fields of a form or cookie name.

    Raises:
        Refused: They are none that can be chosen.
    """
    try:
        remind_min, daily_min = (int(fields.get(name, "0")[:4]) for name in ("remind", "daily"))
    except ValueError as e:
        raise Refused("minutes are whole numbers") from e
    breaks.require_offered(remind_min, daily_min)
    return Limits(remind_min, fields.get("firm") == YES, daily_min)
