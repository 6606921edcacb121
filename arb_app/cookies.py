"""Cookies, all but one out of reach of scripts: how they are called, set, read and taken back."""

from typing import Final

from starlette.requests import cookie_parser
from starlette.responses import Response

from domain.preferences import COOKIE
from kit.settings import Settings

NAME: Final = "dutchbook"
STEP: Final = "dutchbook_step"
CEREMONY: Final = "dutchbook_ceremony"
AGE: Final = "dutchbook_age"
BREAK: Final = "dutchbook_break"
LIMITS: Final = "dutchbook_limits"
SECURE: Final = "__Host-"
"""Browsers take a cookie whose name begins so only over https, from this host, for all paths."""
SETTINGS_LAST_S: Final = 31_536_000


def is_https(settings: Settings) -> bool:
    """Return whether browsers reach us over https."""
    return (settings.public_url or "").lower().startswith("https://")


def token_of(header: str, settings: Settings) -> str:
    """Return the token in a Cookie header, or ""."""
    return read(header, NAME, settings)


def read(header: str, name: str, settings: Settings) -> str:
    """Return what a cookie of ours says in a Cookie header, or "".

    Where browsers come over https, a cookie that a neighbour of our host could have set is not
    looked at.
    """
    return cookie_parser(header).get(_name(name, settings), "") if header else ""


def settings_of(header: str, settings: Settings) -> str:
    """Return what the reader has chosen, by a Cookie header; the browser's own words."""
    return read(header, COOKIE, settings)


def give_settings(answer: Response, text: str, settings: Settings) -> None:
    """Have the browser keep what the reader has chosen, for its scripts to see and to change."""
    name, secure = _name(COOKIE, settings), "; Secure" if is_https(settings) else ""
    kept = f"{name}={text}; Path=/; Max-Age={SETTINGS_LAST_S}; SameSite=Lax{secure}"
    # `set_cookie` would put a query string in quotes, which scripts then read as part of it.
    answer.headers.append("set-cookie", kept)


def give(answer: Response, token: str, settings: Settings, *, lasts_s: int) -> None:
    """Set the cookie that says whose browser it is."""
    keep(answer, NAME, token, settings, lasts_s=lasts_s)


def keep(answer: Response, name: str, value: str, settings: Settings, *, lasts_s: int) -> None:
    """Set a cookie: out of reach of scripts and of other sites."""
    answer.set_cookie(
        _name(name, settings),
        value,
        max_age=lasts_s,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def take_back(answer: Response, settings: Settings) -> None:
    """Have the browser forget the cookie."""
    give(answer, "", settings, lasts_s=0)


def _name(name: str, settings: Settings) -> str:
    return f"{SECURE}{name}" if is_https(settings) else name
