"""Limits: who pays for what, and who may see what was refused."""

from dataclasses import replace

import pytest

from domain.errors import NotAllowed
from services import limits
from services.access import ANONYMOUS, OPERATOR, PERMISSIONS_OF, Permission, Role
from services.limits import KINDS, MEMBER, kind_of
from services.work import begin

SEES = frozenset({Role.ADMIN, Role.OWNER})


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/", "pages"),
        ("GET", "/board/x", "pages"),
        ("HEAD", "/es/login", "pages"),
        ("GET", "/assets/a-1.js", "files"),
        ("GET", "/service.js", "files"),
        ("POST", "/theme.css", "other"),
        ("GET", "/healthz", "health"),
        ("POST", "/healthz", "other"),
        ("POST", "/auth/sign-in", "auth"),
        ("GET", "/auth/sign-in", "auth"),
        ("POST", "/auth/sign-out", "sign_out"),
        ("GET", "/exports/audit.csv", "exports"),
        ("GET", "/api/v1/openapi.json", "api"),
        ("GET", "/_event/", "sockets"),
        ("POST", "/presence/break", "other"),
        ("BREW", "/coffee", "other"),
    ],
)
def test_every_request_is_of_a_class(method, path, name):
    assert kind_of(method, path).name == name


def test_no_class_costs_more_than_a_member_has():
    assert max(kind.cost for kind in KINDS) <= MEMBER.most
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_an_address_and_a_member_are_not_taken_for_one_another():
    assert limits.caller("192.0.2.7") != limits.member("192.0.2.7")
    assert limits.caller("2001:db8::1") == limits.caller("2001:db8::2")
    assert limits.caller("192.0.2.7") != limits.caller("192.0.2.8")


async def test_what_was_refused_is_seen_by_network(work, resources):
    refused = {("auth", "address"): 3}
    addresses = {"192.0.2.7": 1, "192.0.2.9": 1, "nonsense": 1}
    await limits.note(resources, refused, addresses)
    seen = await limits.seen(replace(work, subject=OPERATOR))
    assert [(one.kind, one.count) for one in seen.refused] == [("auth", 3)]
    assert seen.loudest == {"192.0.2.0/24": 2, "unknown": 1}


@pytest.mark.parametrize("role", Role)
async def test_only_who_may_see_the_system_sees_it(work, role):
    subject = replace(ANONYMOUS, permissions=PERMISSIONS_OF[role])
    asked = replace(work, subject=subject)
    if role in SEES:
        assert (await limits.seen(asked)).refused == []
    else:
        for look in (limits.seen, limits.exported):
            with pytest.raises(NotAllowed, match=Permission.VIEW_SYSTEM):
                await look(asked)


async def test_taking_it_away_is_put_on_record(resources, owner):
    async with begin(resources, OPERATOR) as work:
        assert await limits.exported(work) == []
    told = owner.execute("select actor from audit where action = 'limits.export'").fetchall()
    assert told == [("operator",)]
