"""A member's own account as its page shows it: its address, grants to support, and who looked."""

from dataclasses import dataclass

import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import Unavailable
from services import support
from services.access import Permission
from services.support import Own
from services.work import begin


@dataclass(frozen=True)
class GrantLine:
    """One grant; instants are ISO 8601, `state` says whether it is live."""

    key: str = ""
    reason: str = ""
    made_at: str = ""
    ends_at: str = ""
    state: str = ""
    tone: str = "plain"
    live: bool = False


@dataclass(frozen=True)
class LookLine:
    """One look; `who` is the role and the beginning of an id that the audit knows."""

    key: str = ""
    who: str = ""
    at: str = ""


class AccountDataState(rx.State):
    """What the member granted, and who looked."""

    phase: rx.Field[str] = rx.field("loading")
    email: rx.Field[str] = rx.field("")
    live: rx.Field[bool] = rx.field(default=False)
    grants: rx.Field[list[GrantLine]] = rx.field(default_factory=list)
    looks: rx.Field[list[LookLine]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show what there is of whoever is signed in."""
        subject = await subject_of(self)
        self.email = subject.name if subject.user_id else ""
        if not self.email:
            self.phase, self.grants, self.looks, self.live = "refused", [], [], False
            return
        try:
            async with begin(current().resources, subject) as work:
                own = await support.own(work)
                now = work.clock.now()
        except Unavailable:
            self.phase = "away"
            return
        self.phase = "found"
        self.grants = grant_lines(own, now.isoformat())
        self.looks = [
            LookLine(
                key=str(look.id),
                who=say("data.look.who", role=say(f"role.{look.role}"), start=str(look.looker)[:8]),
                at=look.at.isoformat(),
            )
            for look in own.looks
        ]
        self.live = any(line.live for line in self.grants)


def grant_lines(own: Own, now: str) -> list[GrantLine]:
    """Return grants as text, `now` being ISO 8601 as they are."""
    lines: list[GrantLine] = []
    for grant in own.grants:
        ends_at = (grant.revoked_at or grant.ends_at).isoformat()
        live = grant.revoked_at is None and grant.ends_at.isoformat() > now
        name = "live" if live else "revoked" if grant.revoked_at else "over"
        lines.append(
            GrantLine(
                key=str(grant.id),
                reason=grant.reason,
                made_at=grant.made_at.isoformat(),
                ends_at=ends_at,
                state=say(f"data.grant.{name}"),
                tone="good" if live else "plain",
                live=live,
            )
        )
    return lines
