"""An admin's window on members: a list by filter, and live sessions by filter, paged."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import reflex as rx

from arb_app import admin_exports
from arb_app import format as as_text
from arb_app.gate import allow, allow_inherited, subject_of
from arb_app.proving import prove_first
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.state.listing import PAGE_ROWS, ListState, link, summed
from arb_app.words import say
from domain.errors import ProofNeeded, Refused, Unavailable
from services import members
from services.access import Permission, Subject
from services.members import Live, Member
from services.work import Work, begin

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


@allow_inherited(Permission.VIEW_MEMBERS, "search", "turn_to")
class AdminMembersState(ListState, rx.State):
    """One page of members as text."""

    FIELDS: ClassVar = ("text", "state", "role", "plan")
    members: rx.Field[list[MemberLine]] = rx.field(default_factory=list)
    whole: rx.Field[bool] = rx.field(default=False)

    async def _look(self, work: Work) -> tuple[list[Member], int]:
        asked = members.filtered(dict(self._asked))
        return await members.found(work, asked, limit=PAGE_ROWS, offset=self._start())

    def _show(self, found: tuple[list[Member], int], subject: Subject) -> None:
        rows, total = found
        self.members = [member_line(row) for row in rows]
        self.whole = subject.may(Permission.MANAGE_ACCOUNTS)
        self.export = link(admin_exports.MEMBERS, self._asked)
        self.summed = summed(total, "members.total", "members.total.one")
        self._count(total)


@allow_inherited(Permission.MANAGE_ACCOUNTS, "search", "turn_to")
class AdminSessionsState(ListState, rx.State):
    """One page of live sessions as text; `asking` is the one whose end is asked for again."""

    FIELDS: ClassVar = ("text", "network", "agent")
    sessions: rx.Field[list[SessionLine]] = rx.field(default_factory=list)
    asking: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")

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

    def _drop(self) -> None:
        self.asking, self.told = "", ""

    async def _look(self, work: Work) -> tuple[list[Live], int]:
        asked = members.sought_sessions(dict(self._asked))
        return await members.live(work, asked, limit=PAGE_ROWS, offset=self._start())

    def _show(self, found: tuple[list[Live], int], subject: Subject) -> None:
        del subject
        rows, total = found
        self.sessions = [session_line(row) for row in rows]
        self.export = link(admin_exports.SESSIONS, self._asked)
        self.summed = summed(total, "live.total", "live.total.one")
        self._count(total)


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
