"""Access: nothing, unless a permission says so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import NotAllowed, ProofNeeded
from services.access import ANONYMOUS, OPERATOR, Permission, Subject

SOMEBODY = UUID(int=1)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("subject", [Subject(), Subject(user_id=SOMEBODY)])
def test_whoever_was_given_nothing_may_nothing(subject, permission):
    assert not subject.may(permission)
    with pytest.raises(NotAllowed, match=permission):
        subject.require(permission)


def test_a_permission_opens_its_own_door_only():
    subject = Subject(SOMEBODY, frozenset({Permission.VIEW_STATUS}))
    subject.require(Permission.VIEW_STATUS)
    with pytest.raises(NotAllowed):
        subject.require(Permission.VIEW_BOARD)


def test_a_visitor_may_view_what_is_public_and_nothing_else():
    assert ANONYMOUS.user_id is None
    assert ANONYMOUS.permissions == {
        Permission.VISIT,
        Permission.SIGN_IN,
        Permission.VIEW_BOARD,
        Permission.VIEW_OPPORTUNITY,
        Permission.VIEW_STATUS,
        Permission.VIEW_HISTORY,
        Permission.USE_CALCULATORS,
    }


def test_the_audit_calls_members_by_their_id_and_others_by_what_they_are():
    assert Subject(SOMEBODY).actor == str(SOMEBODY)
    assert (ANONYMOUS.actor, OPERATOR.actor) == ("anonymous", "operator")
    managing = {p for p in Permission if p.name.startswith("MANAGE_")}
    seeing = {Permission.VIEW_AUDIT, Permission.VIEW_MEMBERS, Permission.VIEW_SYSTEM}
    assert OPERATOR.permissions == managing | seeing


def test_what_is_sensitive_needs_a_proof_of_the_last_ten_minutes():
    now = datetime(2026, 7, 21, 12, tzinfo=UTC)
    Subject(SOMEBODY, proved_at=now - timedelta(minutes=10)).require_proof(now)
    OPERATOR.require_proof(now)
    for proved_at in (None, now - timedelta(minutes=10, seconds=1)):
        with pytest.raises(ProofNeeded):
            Subject(SOMEBODY, proved_at=proved_at).require_proof(now)
