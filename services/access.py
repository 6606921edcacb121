"""Who asks, and what they may do: nothing, unless a permission says so."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.errors import NotAllowed


class Permission(StrEnum):
    """One thing that a subject may be allowed to do."""

    VIEW_BOARD = "view_board"
    VIEW_OPPORTUNITY = "view_opportunity"
    VIEW_STATUS = "view_status"
    VIEW_HISTORY = "view_history"
    USE_CALCULATORS = "use_calculators"
    VIEW_QUALITY = "view_quality"
    VIEW_ADMIN = "view_admin"
    MANAGE_MATCHING = "manage_matching"
    MANAGE_SOURCES = "manage_sources"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks. `user_id` is None for someone who has not signed in; then `name` says who."""

    user_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()
    name: str = "anonymous"

    @property
    def actor(self) -> str:
        """What the audit calls them."""
        return self.name if self.user_id is None else str(self.user_id)

    def may(self, permission: Permission) -> bool:
        """Return whether the subject holds the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowed` if the subject lacks the permission."""
        if not self.may(permission):
            raise NotAllowed(f"this needs the permission {permission}")


OPERATOR = Subject(name="operator", permissions=frozenset({Permission.MANAGE_MATCHING}))
"""Who runs the command on the machine and holds the address of the tables' owner."""

ANONYMOUS = Subject(
    permissions=frozenset(
        {
            Permission.VIEW_BOARD,
            Permission.VIEW_OPPORTUNITY,
            Permission.VIEW_STATUS,
            Permission.VIEW_HISTORY,
            Permission.USE_CALCULATORS,
        }
    )
)
