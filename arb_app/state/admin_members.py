"""An admin's window on members: a list by filter, and live sessions by filter, paged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

import reflex as rx

from arb_app import admin_exports
from arb_app import format as as_text
from arb_app.gate import allow, subject_of
from arb_app.proving import prove_first
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from services import members
from services.access import Permission
from services.members import Live, Member
from services.work import begin

PAGE_ROWS: Final = 25
FIELDS: Final = ("text", "state", "role", "plan", "network", "agent")
TONES: Final = {"active": "good", "locked": "bad", "closed": "warn"}


@dataclass(frozen=True)
class MemberLine:
    """One member; `created_at` is ISO 8601."""

    key: str = ""
    email: str = ""
    role: str = ""
    state: str = ""
    tone: str = "plain"
    plan: str = ""
    created_at: str = ""
    href: str = ""


@dataclass(frozen=True)
class SessionLine:
    """One live session; instants are ISO 8601."""

    key: str = ""
    member: str = ""
    email: str = ""
    role: str = ""
    agent: str = ""
    network: str = ""
    created_at: str = ""
    last_seen_at: str = ""
    href: str = ""


class AdminMembersState(rx.State):
    """One page of members as text; the reader's own is what was searched for."""

    phase: rx.Field[str] = rx.field("loading")
    members: rx.Field[list[MemberLine]] = rx.field(default_factory=list)
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    whole: rx.Field[bool] = rx.field(default=False)
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the newest members; whoever may not see them is told so."""
        self._asked, self.page = {}, 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_MEMBERS)
    async def search(self, form: Any) -> None:
        """Show the members that fit what was typed."""
        self._asked, self.page = typed(form), 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_MEMBERS)
    async def turn_to(self, page: Any) -> None:
        """Show another page of members."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            await self._load()

    async def _load(self) -> None:
        subject = await subject_of(self)
        asked = members.filtered(dict(self._asked))
        try:
            async with begin(current().resources, subject) as work:
                start = (self.page - 1) * PAGE_ROWS
                rows, total = await members.found(work, asked, limit=PAGE_ROWS, offset=start)
        except NotAllowed:
            self.phase, self.members = "refused", []
            return
        except Unavailable:
            self.phase = "away"
            return
        self.phase, self.members = "found", [member_line(row) for row in rows]
        self.whole = subject.may(Permission.MANAGE_ACCOUNTS)
        self.export = link(admin_exports.MEMBERS, self._asked)
        self.summed = summed(total, "members.total.one", "members.total")
        self.pages = max(1, -(-total // PAGE_ROWS))


class AdminSessionsState(rx.State):
    """One page of live sessions as text; `asking` is the one whose end is asked for again."""

    phase: rx.Field[str] = rx.field("loading")
    sessions: rx.Field[list[SessionLine]] = rx.field(default_factory=list)
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    asking: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the sessions that were used last; whoever may not see them is told so."""
        self._asked, self.page, self.asking, self.told = {}, 1, "", ""
        await self._load()

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    async def search(self, form: Any) -> None:
        """Show the sessions that fit what was typed."""
        self._asked, self.page, self.asking, self.told = typed(form), 1, "", ""
        await self._load()

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    async def turn_to(self, page: Any) -> None:
        """Show another page of sessions."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page, self.asking = page, ""
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    def ask(self, key: Any) -> None:
        """Ask again before the session of a key is ended; "" asks no more."""
        known = {"", *(line.key for line in self.sessions)}
        self.asking = key if isinstance(key, str) and key in known else ""

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    async def end(self, which: Any) -> Any:
        """End the session that was asked about, or "all" of its member."""
        line = next((each for each in self.sessions if each.key == self.asking), None)
        if line is None:
            return None
        self.asking = ""
        try:
            async with begin(current().resources, await subject_of(self)) as work:
                if which == "all":
                    await members.sign_out(work, members.id_of(line.member))
                else:
                    await members.end_session(work, members.id_of(line.key))
        except ProofNeeded:
            return prove_first("/admin/sessions")
        except (Refused, Unavailable) as e:
            self.told = said_why(e)
        else:
            self.told = say("live.ended")
        await self._load()
        return None

    async def _load(self) -> None:
        subject = await subject_of(self)
        asked = members.sought_sessions(dict(self._asked))
        try:
            async with begin(current().resources, subject) as work:
                start = (self.page - 1) * PAGE_ROWS
                rows, total = await members.live(work, asked, limit=PAGE_ROWS, offset=start)
        except NotAllowed:
            self.phase, self.sessions = "refused", []
            return
        except Unavailable:
            self.phase = "away"
            return
        self.phase, self.sessions = "found", [session_line(row) for row in rows]
        self.export = link(admin_exports.SESSIONS, self._asked)
        self.summed = summed(total, "live.total.one", "live.total")
        self.pages = max(1, -(-total // PAGE_ROWS))


def typed(form: Any) -> dict[str, str]:
    """Return the texts of a form's fields; a client may send anything."""
    told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
    found = ((name, told.get(name)) for name in FIELDS)
    return {name: members.text(text) for name, text in found if isinstance(text, str)}


def link(path: str, asked: Mapping[str, str]) -> str:
    """Return the address of the file of what was asked for."""
    told = {name: text for name, text in asked.items() if text}
    return f"{path}?{urlencode(told)}" if told else path


def summed(total: int, one: str, many: str) -> str:
    """Return how many a search found, in the sentence of one or of many."""
    return say(one) if total == 1 else say(many, total=as_text.count(total))


def said_why(error: Refused | Unavailable) -> str:
    """Return why something was not done, for who works here."""
    if isinstance(error, Unavailable):
        return say("member.away")
    return say("member.refused", why=str(error))


def member_line(row: Member) -> MemberLine:
    """Return a member as the list shows them."""
    return MemberLine(
        key=str(row.id),
        email=row.email,
        role=say(f"role.{row.role}"),
        state=say(f"member.state.{row.state}"),
        tone=TONES[row.state],
        plan=say(f"pricing.{row.plan}") + (f" · {row.league}" if row.league else ""),
        created_at=row.created_at.isoformat(),
        href=here(f"/admin/members/{row.id}"),
    )


def session_line(row: Live) -> SessionLine:
    """Return a session as the list shows it."""
    return SessionLine(
        key=str(row.id),
        member=str(row.user_id),
        email=row.email,
        role=say(f"role.{row.role}"),
        agent=row.agent,
        network=row.network or as_text.NONE,
        created_at=row.created_at.isoformat(),
        last_seen_at=row.last_seen_at.isoformat(),
        href=here(f"/admin/members/{row.user_id}"),
    )
