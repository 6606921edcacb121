"""The window on risk: what it shows, takes away, and what a client's words cannot do."""

import csv
import re
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from arb_app import gate, risk_export
from arb_app.state.admin_risk import AdminRiskState, rule_lines
from arb_app.state.listing import link, summed
from arb_app.words import say
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.risk_look import MOST_COUNTED
from services.risk_rules import (
    AWAY,
    FASTEST_KM_H,
    FLOOR_KM,
    MOST_ACCOUNTS,
    MOST_FAILURES,
    WEIGHTS,
)
from store.accounts import act_as
from store.tables import RiskEventRow
from tests.accounts import BOB, open_account, signed_in
from tests.arb_app.asgi import get
from tests.facts import NOON

pytestmark = pytest.mark.usefixtures("running", "emptied")
ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
HOSTILE = [None, 0, True, [], {"verdict": ["block"]}, {"since": {}}, "x", b"x", {1: 2}]


@pytest.fixture
async def ann(resources, database):
    """Ann, at whose account there were thirty odd arrivals, one with a formula for a name."""
    ann = await open_account(resources)
    async with database.begin() as db:
        await act_as(db, ann.user_id)
        for n in range(30):
            db.add(
                RiskEventRow(
                    id=uuid4(), user_id=ann.user_id, at=NOON, score=0.5 if n else 0.95,
                    reasons=["unknown_device", "new_network"], network=f"192.0.{n}.0/24",
                    verdict="step_up" if n else "block", country="", agent="=1+1" if n else "",
                )
            )  # fmt: skip
    return ann


@pytest.fixture
def state(monkeypatch):
    async def an_admin(_):
        return ADMIN

    monkeypatch.setattr(gate, "subject_of", an_admin)
    return AdminRiskState()


async def test_arrivals_are_found_by_whatever_is_asked(state, ann):
    await state.open()
    assert (state.phase, state.summed, state.pages) == ("found", "30 sign-ins", 2)
    assert state.events[0].who.startswith("account ")
    await state.turn_to(2)
    assert len(state.events) == 5
    await state.search({"verdict": "block"})
    assert (state.summed, state.events[0].came) == ("1 sign-in", "Blocked")
    assert (state.events[0].tone, state.events[0].score) == ("bad", "0.95")
    await state.search({"about": "192.0.7."})
    assert state.summed == "1 sign-in"
    await state.search({"reason": "long_away"})
    assert (state.events, state.pages) == ([], 1)


async def test_rules_and_weights_are_shown_as_they_are(state):
    await state.open()
    assert state.rules == rule_lines()
    assert [float(line.weight) for line in state.rules] == list(WEIGHTS.values())
    assert state.bars.startswith("From 0.5 on")
    assert "DUTCHBOOK_COUNTRIES_FILE" in state.places


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_say_the_figures_that_the_rules_go_by(language):
    figures = {
        "impossible_travel": (FASTEST_KM_H, FLOOR_KM),
        "many_accounts": (MOST_ACCOUNTS,),
        "many_failures": (MOST_FAILURES,),
        "long_away": (AWAY.days,),
    }
    for rule, told in figures.items():
        text = say(f"risk.rule.{rule}", language).replace(",", "")
        assert [float(each) for each in re.findall(r"\b\d+\b", text)] == list(told)


@pytest.mark.parametrize("words", HOSTILE)
async def test_whatever_a_client_sends_is_taken_for_nothing(state, ann, words):
    await state.search(words)
    assert (state.phase, len(state.events)) == ("found", 25)
    await state.turn_to(words)
    assert state.page == 1


async def test_whoever_may_not_sees_nothing(state, ann, monkeypatch):
    async def nobody(_):
        return ANONYMOUS

    await state.open()
    monkeypatch.setattr(gate, "subject_of", nobody)
    await state.open()
    assert (state.phase, state.events, state.rules) == ("refused", [], [])


@pytest.mark.parametrize("role", Role)
def test_risk_is_read_by_admins_and_owners(role):
    may = Permission.VIEW_AUDIT in PERMISSIONS_OF[role]
    assert may is (role in {Role.ADMIN, Role.OWNER})


async def test_while_the_servers_are_away_what_was_shown_stays(state, ann, starting):
    await state.open()
    assert state.phase == "away"


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.SUPPORT, 403)])
async def test_the_file_is_for_those_who_may_read_and_no_text_is_a_formula(
    resources, ann, role, status
):
    await open_account(resources, BOB, role)
    token = await signed_in(resources, BOB)
    doors = Starlette(routes=risk_export.routes())
    answer = await get(doors, risk_export.PATH, cookie=f"dutchbook={token}")
    assert answer.status == status
    if status == 200:
        rows = list(csv.DictReader(answer.body.splitlines()))
        assert len(rows) == 30
        assert {row["agent"] for row in rows} == {"'=1+1", ""}
        assert {row["account"] for row in rows} == {str(ann.user_id)}
        foreign = {"cookie": f"dutchbook={token}", "sec-fetch-site": "cross-site"}
        assert (await get(doors, risk_export.PATH, **foreign)).status == 403
    assert (await get(doors, risk_export.PATH)).status == 403


def test_a_count_and_a_link_say_what_was_searched():
    assert summed(MOST_COUNTED, "risk.total", more="risk.total.more", most=MOST_COUNTED).startswith(
        "More than 2,500"
    )
    assert link(risk_export.PATH, {"about": "a&b", "reason": ""}) == "/exports/risk.csv?about=a%26b"
