"""Who asks, and what they may do: nothing, unless a permission says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.breaks import Held
from domain.errors import NotAllowed, ProofNeeded
from domain.plans import EVERYTHING, LEAST, View


class Permission(StrEnum):
    """One thing that a subject may be allowed to do."""

    VISIT = "visit"
    """Open any page and be told whether it has more to show; everybody may."""
    SIGN_IN = "sign_in"
    VIEW_BOARD = "view_board"
    VIEW_OPPORTUNITY = "view_opportunity"
    VIEW_STATUS = "view_status"
    VIEW_HISTORY = "view_history"
    USE_CALCULATORS = "use_calculators"
    USE_ACCOUNT = "use_account"
    """Change one's own password, and end one's own sessions."""
    VIEW_ADMIN = "view_admin"
    VIEW_QUALITY = "view_quality"
    MANAGE_MATCHING = "manage_matching"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_ACCOUNTS = "manage_accounts"
    VIEW_AUDIT = "view_audit"
    """Read, export and check the record of who did what: of members too, so not an analyst's."""
    VIEW_MEMBERS = "view_members"
    """Find accounts, and what of them is nobody's secret: state, plan, role and dates."""
    VIEW_SYSTEM = "view_system"
    """See how the machinery does: health, limits, what was refused."""
    MANAGE_JOBS = "manage_jobs"
    MANAGE_FLAGS = "manage_flags"
    MANAGE_KEYS = "manage_keys"
    DELIVER = "deliver"
    """Hand the board out to others: a process's own right, and nobody's role."""


class Role(StrEnum):
    """What somebody is here, rising; what that lets them do stands in `PERMISSIONS_OF`."""

    MEMBER = "member"
    SUPPORT = "support"
    ANALYST = "analyst"
    ADMIN = "admin"
    OWNER = "owner"


_P = Permission
PUBLIC: Final = frozenset(
    {
        _P.VISIT,
        _P.SIGN_IN,
        _P.VIEW_BOARD,
        _P.VIEW_OPPORTUNITY,
        _P.VIEW_STATUS,
        _P.VIEW_HISTORY,
        _P.USE_CALCULATORS,
    }
)
PROOF_LASTS: Final = timedelta(minutes=10)
"""For how long who has proved that it is them may do what is sensitive."""
BOARD: Final = frozenset({_P.VIEW_BOARD, _P.VIEW_OPPORTUNITY, _P.VIEW_HISTORY})
"""What a break, a reached limit and the question of age keep somebody from."""
_MEMBER: Final = PUBLIC | {_P.USE_ACCOUNT}
PERMISSIONS_OF: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.MEMBER: _MEMBER,
        Role.SUPPORT: _MEMBER | {_P.VIEW_ADMIN, _P.VIEW_MEMBERS},
        Role.ANALYST: _MEMBER | {_P.VIEW_ADMIN, _P.VIEW_QUALITY, _P.MANAGE_MATCHING},
        Role.ADMIN: _MEMBER
        | {_P.VIEW_ADMIN, _P.VIEW_QUALITY, _P.MANAGE_MATCHING, _P.MANAGE_SOURCES}
        | {_P.MANAGE_ACCOUNTS, _P.VIEW_MEMBERS, _P.VIEW_AUDIT}
        | {_P.VIEW_SYSTEM, _P.MANAGE_JOBS, _P.MANAGE_FLAGS},
        Role.OWNER: frozenset(Permission) - {_P.DELIVER},
    }
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks. `user_id` is None for someone who has not signed in; then `name` says who.

    A member's `name` is their e-mail address, for their own eyes: it stays out of logs. `view` is
    what they see of the board: the least, unless it was said that it is more. `held` says why they
    see nothing of it, if they do not. `session_id` is what they came with, and `proved_at` when it
    was last proved that it is them. `needs_factor` says that they may do more once their session
    is proved by a second factor.
    """

    user_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()
    name: str = field(default="anonymous", repr=False)
    role: Role | None = None
    view: View = field(default=LEAST, compare=False)
    held: Held | None = None
    session_id: UUID | None = field(default=None, compare=False)
    proved_at: datetime | None = field(default=None, compare=False)
    needs_factor: bool = field(default=False, compare=False)

    @property
    def actor(self) -> str:
        """What the audit calls them."""
        return self.name if self.user_id is None else str(self.user_id)

    def may(self, permission: Permission) -> bool:
        """Return whether the subject holds the permission."""
        return permission in self.permissions

    def kept_from_board(self, held: Held | None) -> "Subject":
        """Return the subject without the board, for as long as something keeps them from it."""
        if held is None:
            return self
        return replace(self, permissions=self.permissions - BOARD, held=held)

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowed` if the subject lacks the permission."""
        if not self.may(permission):
            raise NotAllowed(f"this needs the permission {permission}")

    def require_proof(self, now: datetime) -> None:
        """Raise `ProofNeeded` unless it was proved lately that it is them; the operator is here."""
        if self.user_id is None:
            return
        if self.proved_at is None or now - self.proved_at > PROOF_LASTS:
            raise ProofNeeded("prove once more that it is you, and do it again")


OPERATOR: Final = Subject(
    name="operator",
    permissions=frozenset(
        {_P.MANAGE_MATCHING, _P.MANAGE_SOURCES, _P.MANAGE_ACCOUNTS, _P.VIEW_MEMBERS}
        | {_P.VIEW_AUDIT, _P.VIEW_SYSTEM, _P.MANAGE_JOBS, _P.MANAGE_FLAGS, _P.MANAGE_KEYS}
    ),
)
"""Who runs the command on the machine and holds the address of the tables' owner."""

DELIVERY: Final = Subject(
    name="delivery",
    permissions=frozenset({_P.VIEW_BOARD, _P.DELIVER}),
    view=EVERYTHING,
)
"""The web process itself, which sees all and shows each reader what their plan shows."""

ANONYMOUS: Final = Subject(permissions=PUBLIC)
