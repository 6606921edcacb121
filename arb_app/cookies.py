"""The cookie that says whose browser it is: how it is called, set, read and taken back."""

from typing import Final

from starlette.requests import cookie_parser
from starlette.responses import Response

from kit.settings import Settings

NAME: Final = "dutchbook"
SECURE_NAME: Final = f"__Host-{NAME}"
"""Browsers take a cookie of this name only over https, from this host, for all of its paths."""


def is_https(settings: Settings) -> bool:
    """Return whether browsers reach us over https."""
    return (settings.public_url or "").lower().startswith("https://")


def token_of(header: str, settings: Settings) -> str:
    """Return the token in a Cookie header, or "".

    Where browsers come over https, a cookie that a neighbour of our host could have set is not
    looked at.
    """
    return cookie_parser(header).get(_name(settings), "") if header else ""


def give(answer: Response, token: str, settings: Settings, *, lasts_s: int) -> None:
    """Set the cookie: out of reach of scripts and of other sites."""
    answer.set_cookie(
        _name(settings),
        token,
        max_age=lasts_s,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def take_back(answer: Response, settings: Settings) -> None:
    """Have the browser forget the cookie."""
    give(answer, "", settings, lasts_s=0)


def _name(settings: Settings) -> str:
    return SECURE_NAME if is_https(settings) else NAME
