"""How a member's account is secured: factors, the set-up of another, and codes that are shown once.

What is secret is told to the page that asked for it, and taken back when that page is opened anew.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote
from uuid import UUID

import reflex as rx
import segno

from arb_app.gate import allow, is_of, subject_of
from arb_app.letters import written
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import ProofNeeded, Refused, Unavailable
from services import security
from services.access import Permission, Subject
from services.security import App, Security
from services.work import Work, begin

PAGE: Final = "/account/security"
T = TypeVar("T")


@dataclass(frozen=True)
class AppLine:
    """One authenticator app; the instants are ISO 8601, `used_at` is "" if it never was."""

    id: str = ""
    name: str = ""
    made_at: str = ""
    used_at: str = ""


class SecurityState(rx.State):
    """`phase` is "loading", "found", "refused" or "away"; `asking` names an app to be removed.

    `picture` is the square that an app reads and `key` the same to type; `codes` are recovery codes
    that are seen this once, and `codes_file` the same as the address of a text file.
    """

    phase: rx.Field[str] = rx.field("loading")
    apps: rx.Field[list[AppLine]] = rx.field(default_factory=list)
    has_factor: rx.Field[bool] = rx.field(default=False)
    must: rx.Field[bool] = rx.field(default=False)
    sealable: rx.Field[bool] = rx.field(default=True)
    codes_left: rx.Field[int] = rx.field(0)
    picture: rx.Field[str] = rx.field("")
    key: rx.Field[str] = rx.field("")
    codes: rx.Field[list[str]] = rx.field(default_factory=list)
    codes_text: rx.Field[str] = rx.field("")
    codes_file: rx.Field[str] = rx.field("")
    asking: rx.Field[str] = rx.field("")
    wrong: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Say how the account is secured; nothing that is shown once is shown again."""
        self.reset()
        await self._look(await subject_of(self))

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def begin_app(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Show what an authenticator app is to be told."""
        name = str(form.get("name", ""))[:200]
        made = await self._do(lambda work: security.begin_app(work, name))
        if isinstance(made, security.NewApp):
            square = segno.make(made.uri, error="m")
            self.picture = square.svg_data_uri(scale=5, border=4, light="#fff")
            self.key = " ".join(made.key[at : at + 4] for at in range(0, len(made.key), 4))
            return None
        return made

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def renew_codes(self) -> rx.event.EventSpec | None:
        """Show new recovery codes, this once."""
        made = await self._do(lambda work: security.renew_codes(work, written=written))
        if not isinstance(made, tuple):
            return made
        self.codes = list(made)
        self.codes_text = "\n".join(self.codes)
        self.codes_file = f"data:text/plain;charset=utf-8,{quote(self.codes_text)}"
        self.codes_left = len(self.codes)
        return None

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    def ask(self, app: str) -> None:
        """Ask once more before an app is removed; "" no longer asks."""
        self.asking = str(app)

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def remove(self) -> rx.event.EventSpec | None:
        """Remove the app that was asked about."""
        app, self.asking = self.asking, ""
        if not any(each.id == app for each in self.apps):
            return None
        chosen = UUID(app)
        done = await self._do(lambda work: security.remove_app(work, chosen, written=written))
        await self._look(await subject_of(self))
        return done

    async def _do(self, act: Callable[[Work], Awaitable[T]]) -> T | rx.event.EventSpec | None:
        """Return what came of it, or the way to prove first, or None with what was wrong told."""
        self.wrong, subject = "", await subject_of(self)
        try:
            async with begin(current().resources, subject) as work:
                done = await act(work)
        except ProofNeeded:
            return prove_first(PAGE)
        except Refused:
            self.wrong = say("security.wrong")
        except Unavailable:
            self.wrong = say("door.join.away.text")
        else:
            current().visitors.forget_member(subject.user_id)
            return done
        return None

    async def _look(self, subject: Subject) -> None:
        seen = await _seen(subject)
        if not await is_of(self, subject):
            return
        if not isinstance(seen, Security):
            self.phase = seen
            return
        self.phase = "found"
        self.apps = [_line(app) for app in seen.apps]
        self.has_factor, self.codes_left = bool(seen.kinds), seen.codes_left
        self.must, self.sealable = seen.must and not seen.kinds, seen.sealable


async def _seen(subject: Subject) -> Security | str:
    try:
        async with begin(current().resources, subject) as work:
            return await security.look(work)
    except Unavailable:
        return "away"
    except Refused:
        return "refused"


def _line(app: App) -> AppLine:
    used = app.used_at.isoformat() if app.used_at else ""
    return AppLine(str(app.id), app.name, app.made_at.isoformat(), used)
