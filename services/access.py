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


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks. `user_id` is None for someone who has not signed in."""

    user_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Return whether the subject holds the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowed` if the subject lacks the permission."""
        if not self.may(permission):
            raise NotAllowed(f"this needs the permission {permission}")


ANONYMOUS = Subject(
    permissions=frozenset(
        {Permission.VIEW_BOARD, Permission.VIEW_OPPORTUNITY, Permission.VIEW_STATUS}
    )
)
