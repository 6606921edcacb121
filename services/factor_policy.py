"""Who must have a second factor, and what they may do until they have proved one."""

from dataclasses import dataclass
from typing import Final, Self

from domain.factors import SECOND
from domain.plans import PlanName
from kit.settings import Settings
from services.access import PERMISSIONS_OF, Permission, Role

_P = Permission
ONLY_ACCOUNT: Final = frozenset({_P.VISIT, _P.SIGN_IN, _P.VIEW_STATUS, _P.USE_ACCOUNT})
"""What a member may do whose plan asks for a factor that they have not got yet."""


@dataclass(frozen=True, slots=True)
class FactorPolicy:
    """`staff`: whoever works here must have one; `plans`: so must members of these plans."""

    staff: bool = False
    plans: frozenset[PlanName] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the operator has set: in production staff must, unless it says otherwise."""
        usual = "required" if settings.environment == "production" else "asked"
        staff = (settings.staff_factor or usual) == "required"
        return cls(staff, frozenset(map(PlanName, settings.factor_plans)))

    def must(self, role: Role, plan: str) -> bool:
        """Return whether somebody must have a second factor."""
        return (self.staff and role is not Role.MEMBER) or plan in self.plans

    def permissions(self, role: Role, plan: str, factor: str) -> frozenset[Permission]:
        """Return what a session lets somebody do.

        Args:
            role: What they are here.
            plan: Their plan.
            factor: How the session was proved.

        Examples:
            >>> strict = FactorPolicy(staff=True)
            >>> strict.permissions(Role.OWNER, "free", "password") == PERMISSIONS_OF[Role.MEMBER]
            True
            >>> strict.permissions(Role.OWNER, "free", "totp") == PERMISSIONS_OF[Role.OWNER]
            True
        """
        if factor in SECOND or not self.must(role, plan):
            return PERMISSIONS_OF[role]
        return ONLY_ACCOUNT if plan in self.plans else PERMISSIONS_OF[Role.MEMBER]
