"""A member's window on their own sessions and devices, and the way to end or forget them."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import reflex as rx

from arb_app import format as as_text
from arb_app.cookies import token_of
from arb_app.gate import allow, subject_of
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import NotAllowed, NotFound, ProofNeeded, Unavailable
from kit.settings import settings
from services import devices, risk_look, sessions
from services.access import Permission, Subject
from services.devices import Known
from services.risk_look import Odd
from services.risk_rules import Verdict
from services.sessions import Open
from services.work import begin

PAGE: Final = "/account/sessions"
OTHERS: Final = "others"
"""What is asked about when it is every other session."""
TONES: Final = {Verdict.ALLOW: "plain", Verdict.STEP_UP: "warn", Verdict.BLOCK: "bad"}

Seen = tuple[list[Open], list[Known], list[Odd]]


@dataclass(frozen=True)
class OwnLine:
    """A session or a device; instants are ISO 8601: when it began, and when it was there last."""

    key: str = ""
    name: str = ""
    place: str = ""
    began: str = ""
    seen: str = ""
    here: bool = False


@dataclass(frozen=True)
class OddLine:
    """Something odd about an arrival; `at` is ISO 8601."""

    at: str = ""
    who: str = ""
    name: str = ""
    place: str = ""
    score: str = ""
    reasons: str = ""
    came: str = ""
    tone: str = "plain"


class SessionsState(rx.State):
    """The member's sessions and devices as text, which of them is asked about, what came of it."""

    phase: rx.Field[str] = rx.field("loading")
    sessions: rx.Field[list[OwnLine]] = rx.field(default_factory=list)
    devices: rx.Field[list[OwnLine]] = rx.field(default_factory=list)
    odd: rx.Field[list[OddLine]] = rx.field(default_factory=list)
    asking: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")
    tone: rx.Field[str] = rx.field("good")

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show what there is; whoever has not signed in is told so."""
        self.asking, self.told = "", ""
        await self._load()

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    def ask(self, about: Any) -> None:
        """Ask whether a session is to be ended, or a device forgotten."""
        known = {line.key for line in (*self.sessions, *self.devices)} | {OTHERS, ""}
        if isinstance(about, str) and about in known:
            self.asking, self.told = about, ""

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def end(self) -> rx.event.EventSpec | None:
        """End the session that was asked about, or all others."""
        subject, about = await subject_of(self), self.asking
        if about != OTHERS and about not in {line.key for line in self.sessions}:
            return None
        try:
            async with begin(current().resources, subject) as work:
                if about == OTHERS:
                    token = token_of(self.router.headers.cookie, settings())
                    ended = await sessions.end_others(work, token)
                else:
                    ended = int(await sessions.end_one(work, UUID(about)))
        except ProofNeeded:
            return prove_first(PAGE)
        except (NotAllowed, Unavailable):
            self._tell(say("sessions.away"), "bad")
            return None
        current().visitors.forget_member(subject.user_id)
        self._tell(ended_text(ended), "good")
        await self._load()
        return None

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def forget(self) -> rx.event.EventSpec | None:
        """Forget the device that was asked about, and end its sessions."""
        subject, about = await subject_of(self), self.asking
        if about not in {line.key for line in self.devices}:
            return None
        try:
            async with begin(current().resources, subject) as work:
                ended = await devices.forget(work, UUID(about))
        except NotFound:
            ended = 0
        except ProofNeeded:
            return prove_first(PAGE)
        except (NotAllowed, Unavailable):
            self._tell(say("sessions.away"), "bad")
            return None
        current().visitors.forget_member(subject.user_id)
        self._tell(f"{say('sessions.forgotten')} {ended_text(ended)}", "good")
        await self._load()
        return None

    def _tell(self, text: str, tone: str) -> None:
        self.asking, self.told, self.tone = "", text, tone

    async def _load(self) -> None:
        self._take(await look_at(await subject_of(self)))

    def _take(self, seen: Seen | NotAllowed | Unavailable) -> None:
        if isinstance(seen, NotAllowed):
            self.phase, self.sessions, self.devices, self.odd = "refused", [], [], []
        elif isinstance(seen, Unavailable):
            self.phase = "away"
        else:
            begun, known, odd = seen
            self.phase = "found"
            self.sessions = [session_line(each) for each in begun]
            self.devices = [device_line(each) for each in known]
            self.odd = [odd_line(each) for each in odd]


async def look_at(subject: Subject) -> Seen | NotAllowed | Unavailable:
    """Return what the services say of a member's sessions, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            found = await sessions.listed(work), await devices.known(work)
            return (*found, await risk_look.own(work))
    except (NotAllowed, Unavailable) as e:
        return e


def ended_text(count: int) -> str:
    """Return how many sessions have ended."""
    if count == 0:
        return say("sessions.ended.none")
    return say("sessions.ended.one") if count == 1 else say("sessions.ended", count=count)


def session_line(of: Open) -> OwnLine:
    """Return a session as the page shows it."""
    place = _place(of.country, of.network)
    began, seen = of.began_at.isoformat(), of.last_seen_at.isoformat()
    return OwnLine(str(of.id), of.name, place, began, seen, of.here)


def device_line(of: Known) -> OwnLine:
    """Return a device as the page shows it."""
    place = _place(of.country, of.network)
    first, last = of.first_seen_at.isoformat(), of.last_seen_at.isoformat()
    return OwnLine(str(of.id), of.name, place, first, last, of.here)


def odd_line(of: Odd) -> OddLine:
    """Return what was odd about an arrival as pages show it."""
    return OddLine(
        at=of.at.isoformat(),
        who=as_text.actor(str(of.user_id)),
        name=of.agent,
        place=_place(of.country, of.network),
        score=as_text.number(f"{of.score:.2f}"),
        reasons=", ".join(say(f"risk.reason.{each}") for each in of.reasons),
        came=say(f"risk.verdict.{of.verdict}"),
        tone=TONES[Verdict(of.verdict)],
    )


def _place(country: str, network: str) -> str:
    text = as_text.place(country, network)
    return text[:1].upper() + text[1:]
