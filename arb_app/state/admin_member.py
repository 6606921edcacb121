"""An admin's window on one member: what they are, what may be done, and a look by their leave."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow, subject_of
from arb_app.letters import written
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.state.admin_members import MemberLine, member_line, said_why
from arb_app.words import say
from domain.errors import NotAllowed, NotFound, ProofNeeded, Refused, Unavailable
from domain.plans import PlanName
from services import members, support
from services.access import Permission, Role
from services.members import Member
from services.support import Seen
from services.work import Work, begin

ACTS: Final = ("plan", "role", "lock", "unlock", "out", "reset", "erase")


@dataclass(frozen=True)
class SeenLine:
    """What a member sees, one fact a line: what it is, and how it stands."""

    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class GrantFact:
    """The grant of now, if there is one; `ends_at` is ISO 8601."""

    reason: str = ""
    ends_at: str = ""


@dataclass(frozen=True)
class Looked:
    """What one look at the services brought."""

    member: Member
    grant: GrantFact | None
    may: list[str] = field(default_factory=list)


class AdminMemberState(rx.State):
    """One member as text; `asking` is the act that is asked for again."""

    phase: rx.Field[str] = rx.field("loading")
    member: rx.Field[MemberLine] = rx.field(default_factory=MemberLine)
    may: rx.Field[list[str]] = rx.field(default_factory=list)
    asking: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")
    granted: rx.Field[bool] = rx.field(default=False)
    grant: rx.Field[GrantFact] = rx.field(default_factory=GrantFact)
    seen: rx.Field[list[SeenLine]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the member that the address names; whoever may not see them is told so."""
        self.told, self.asking, self.seen = "", "", []
        await self._load()

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    def ask(self, act: Any) -> None:
        """Ask again before an act is done; "" asks no more."""
        self.asking = act if isinstance(act, str) and act in self.may else ""

    @rx.event
    @allow(Permission.MANAGE_ACCOUNTS)
    async def act(self, form: Any) -> Any:
        """Do what was asked about, with what was chosen for it."""
        told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
        asked, self.asking = self.asking, ""
        if asked not in ACTS:
            return None
        try:
            async with begin(current().resources, await subject_of(self)) as work:
                await _done(work, asked, self._key(), told)
            current().visitors.forget_member(members.id_of(self._key()))
        except ProofNeeded:
            return prove_first(f"/admin/members/{self._key()}")
        except (Refused, Unavailable) as e:
            self.told = said_why(e)
        else:
            self.told = say(f"member.{asked}.done")
        await self._load()
        return None

    @rx.event
    @allow(Permission.VIEW_MEMBERS)
    async def look(self) -> None:
        """See what the member sees, if they let support look; they are told of it."""
        self.told, self.seen = "", []
        try:
            async with begin(current().resources, await subject_of(self)) as work:
                found = await support.look(work, members.id_of(self._key()))
        except (Refused, Unavailable) as e:
            self.told = said_why(e)
            await self._load()
            return
        self.seen = seen_lines(found)

    def _key(self) -> str:
        return str(self.router.url.path).rstrip("/").rpartition("/")[2]

    async def _load(self) -> None:
        try:
            async with begin(current().resources, await subject_of(self)) as work:
                self._show(await _looked(work, self._key()))
        except NotFound:
            self.phase = "missing"
        except NotAllowed:
            self.phase, self.member, self.may = "refused", MemberLine(), []
        except Unavailable:
            self.phase = "away"

    def _show(self, found: Looked) -> None:
        self.phase, self.member, self.may = "found", member_line(found.member), found.may
        self.granted = found.grant is not None
        self.grant = found.grant or GrantFact()
        self.seen = self.seen if found.grant else []


async def _looked(work: Work, key: str) -> Looked:
    work.subject.require(Permission.VIEW_MEMBERS)
    member = members.id_of(key)
    given = await support.granted(work, member)
    grant = GrantFact(given.reason, given.ends_at.isoformat()) if given else None
    row = await members.one(work, member)
    return Looked(row, grant, acts_on(work, row))


def acts_on(work: Work, row: Member) -> list[str]:
    """Return which acts the subject is offered; each service decides for itself."""
    if not work.subject.may(Permission.MANAGE_ACCOUNTS):
        return []
    state = {"active": "lock", "locked": "unlock"}.get(row.state, "")
    return [act for act in ACTS if act not in {"lock", "unlock"} or act == state]


async def _done(work: Work, act: str, key: str, told: Mapping[str, Any]) -> None:
    member = members.id_of(key)
    simple: dict[str, Callable[[], Awaitable[object]]] = {
        "lock": lambda: members.lock(work, member),
        "unlock": lambda: members.unlock(work, member),
        "out": lambda: members.sign_out(work, member),
        "reset": lambda: members.send_reset(work, member, written=written),
        "erase": lambda: members.erase(work, member, members.text(told.get("typed"))),
        "plan": lambda: members.change_plan(
            work, member, _one_of(PlanName, told.get("plan")), members.text(told.get("league"))
        ),
        "role": lambda: members.change_role(work, member, _one_of(Role, told.get("role"))),
    }
    await simple[act]()


def _one_of(kind: Any, said: Any) -> Any:
    if not isinstance(said, str) or said not in tuple(kind):
        raise Refused("choose one of those that are offered")
    return kind(said)


def seen_lines(seen: Seen) -> list[SeenLine]:
    """Return what a member sees as facts, one a line."""
    plan, limits = seen.view.plan, seen.limits
    late = say("pricing.late", seconds=int(plan.delay_s)) if plan.delay_s else say("pricing.live")
    masked = say("seen.masked") if plan.mask_books else say("pricing.books")
    league = [say("seen.league", league=seen.view.league or as_text.NONE)] * plan.one_league
    chosen = seen.chosen
    facts = {
        "plan": " · ".join([say(f"pricing.{plan.name}"), late, masked, *league]),
        "language": say(f"language.{chosen.language}") if chosen else say("seen.never"),
        "odds": say(f"odds_format.{chosen.odds}") if chosen else say("seen.never"),
        "zone": (chosen.zone if chosen else "") or say("seen.never"),
        "sessions": "\n".join(f"{name}, {as_text.instant(at)}" for name, at in seen.sessions)
        or as_text.NONE,
        "limit": say("seen.minutes", used=int(seen.used_s // 60), most=limits.daily_min)
        if limits.daily_min
        else as_text.NONE,
        "reminder": say("seen.every", minutes=limits.remind_min)
        if limits.remind_min
        else as_text.NONE,
        "break": as_text.instant(seen.break_until) if seen.break_until else as_text.NONE,
    }
    return [SeenLine(say(f"seen.{name}"), text) for name, text in facts.items()]
