"""What admins may do to sources, and that nobody else may; no credential ever comes back."""

import inspect
from dataclasses import replace

import pytest
from pydantic import SecretStr

from domain.alerts import Alert, AlertCode
from domain.control import CredentialReport, Given, Happened, Trial, TrialOutcome
from domain.errors import NotAllowed, NotFound, Refused
from feeds.registry import FEEDS
from services import alerts, sources_admin
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.work import Work
from store import alerts as stored_alerts
from store import control_room
from store.credentials_opened import opened
from store.keys import KeyRing, NoKeys
from store.sources import save_source
from tests.controls import everything_logged
from tests.facts import NOON, a_health

ADMIN = Subject(name="the admin", permissions=ANONYMOUS.permissions | {Permission.MANAGE_SOURCES})
SECRET = SecretStr("a-key-that-nobody-sees")


@pytest.fixture
def admin(db, cache, clock):
    return Work(ADMIN, db, cache, clock, KeyRing().renewed())


async def managed(work, name):
    return next(one for one in (await sources_admin.overview(work)).sources if one.name == name)


ACTS = {
    "overview": sources_admin.overview,
    "set": lambda work: sources_admin.set_credential(work, "betsapi", "key", SECRET),
    "clear": lambda work: sources_admin.clear_credential(work, "betsapi", "key"),
    "switch": lambda work: sources_admin.switch(work, "betsapi", on=False),
    "try": lambda work: sources_admin.try_now(work, "betsapi"),
    "trial": lambda work: sources_admin.trial(work, "betsapi"),
    "log": lambda work: sources_admin.happenings(work, "betsapi"),
}


ANALYST = Subject(permissions=PERMISSIONS_OF[Role.ANALYST])


@pytest.mark.parametrize("subject", [Subject(), ANONYMOUS, ANALYST], ids=["none", "any", "other"])
@pytest.mark.parametrize("act", ACTS)
async def test_whoever_does_not_manage_sources_may_do_nothing_to_them(admin, act, subject):
    with pytest.raises(NotAllowed):
        await ACTS[act](replace(admin, subject=subject))
    assert (await opened(admin.db, admin.keys)).parts == {}
    assert await control_room.take_trials(admin.cache, ["betsapi"]) == []


def test_every_act_on_sources_is_refused_to_others_in_these_tests():
    public = {
        name for name, one in vars(sources_admin).items()
        if inspect.iscoroutinefunction(one) and not name.startswith("_")
    }  # fmt: skip
    assert len(public) == len(ACTS)


async def test_every_source_that_can_be_asked_is_listed(admin):
    found = await sources_admin.overview(admin)
    assert {one.name for one in found.sources} == {
        name for name, feed in FEEDS.items() if feed.manifest.hosts
    }
    assert {one.name: len(one.parts) for one in found.sources}["kalshi"] == 0


async def test_a_credential_is_sealed_and_shown_as_set_since_when_and_by_whom(admin):
    await sources_admin.set_credential(admin, "betdaq", "password", SECRET)
    assert (await opened(admin.db, admin.keys)).parts == {
        "betdaq": {"password": SECRET.get_secret_value()}
    }
    password, username = (await managed(admin, "betdaq")).parts
    assert (password.given, password.set_at, password.set_by) == (Given.STORE, NOON, "the admin")
    assert (username.name, username.given) == ("username", Given.NOWHERE)
    await sources_admin.clear_credential(admin, "betdaq", "password")
    assert (await managed(admin, "betdaq")).parts[0].given is Given.NOWHERE


async def test_a_credential_is_in_no_answer_no_audit_no_log_and_no_table(admin, db, caplog):
    caplog.set_level("DEBUG")
    await sources_admin.set_credential(admin, "betsapi", "key", SECRET)
    found = await sources_admin.overview(admin)
    lines = await sources_admin.happenings(admin, "betsapi")
    tables = [
        (await (await db.connection()).exec_driver_sql(f"select t::text from {name} t")).all()
        for name in ("source_credentials", "audit", "source_switches", "sources")
    ]
    assert tables[0]
    assert tables[1]
    everything = f"{found} {lines} {tables} {everything_logged(caplog)}"
    assert SECRET.get_secret_value() not in everything


async def test_what_the_workers_tell_of_their_environment_is_shown(admin):
    report = CredentialReport(
        environment={"betsapi": ["key"]}, unreadable={"betdaq": ["password"]}, misspelt=["X"]
    )
    await control_room.report(admin.cache, "worker", report)
    await sources_admin.set_credential(admin, "betdaq", "password", SECRET)
    assert (await managed(admin, "betsapi")).parts[0].given is Given.ENVIRONMENT
    assert (await managed(admin, "betdaq")).parts[0].given is Given.UNREADABLE
    assert (await sources_admin.overview(admin)).misspelt == ["X"]


@pytest.mark.parametrize("text", ["", "   ", "schlüssel", "two\nlines", "x" * 5000])
async def test_what_cannot_be_a_credential_is_refused_without_repeating_it(admin, text):
    with pytest.raises(Refused) as refused:
        await sources_admin.set_credential(admin, "betsapi", "key", SecretStr(text))
    assert not text.strip() or text not in str(refused.value)
    assert (await opened(admin.db, admin.keys)).parts == {}


@pytest.mark.parametrize(
    ("source", "part"), [("nobody", "key"), ("betsapi", "pin"), ("kalshi", "key"), ("native", "x")]
)
async def test_a_part_that_there_is_not_is_not_found(admin, source, part):
    with pytest.raises(NotFound):
        await sources_admin.set_credential(admin, source, part, SECRET)
    with pytest.raises(NotFound):
        await sources_admin.clear_credential(admin, source, part)


async def test_clearing_what_is_not_stored_is_told(admin):
    with pytest.raises(NotFound, match="no key of betsapi is stored"):
        await sources_admin.clear_credential(admin, "betsapi", "key")


async def test_without_a_key_file_nothing_is_sealed_or_stored(admin):
    with pytest.raises(NoKeys):
        await sources_admin.set_credential(replace(admin, keys=KeyRing()), "betsapi", "key", SECRET)
    assert (await opened(admin.db, admin.keys)).parts == {}


async def test_a_switch_is_kept_with_who_and_why_audited_and_in_the_log(admin, db):
    await save_source(db, a_health("kalshi"))
    await sources_admin.switch(admin, "kalshi", on=False, why=" too dear ")
    found = await managed(admin, "kalshi")
    assert (found.enabled, found.switch.by, found.switch.why) == (False, "the admin", "too dear")
    (line,) = await sources_admin.happenings(admin, "kalshi")
    assert (line.what, line.text, line.by) == (Happened.SWITCHED_OFF, "too dear", "the admin")
    raw = await (await db.connection()).exec_driver_sql(
        "select actor, action, subject, details from audit order by id desc limit 1"
    )
    told = raw.one()
    assert tuple(told) == ("the admin", "switched_off", "source kalshi", {"why": "too dear"})
    await sources_admin.switch(admin, "kalshi", on=True)
    assert (await managed(admin, "kalshi")).enabled


async def test_a_reason_that_is_too_long_and_a_source_that_there_is_not_are_refused(admin):
    with pytest.raises(Refused, match="at most 200"):
        await sources_admin.switch(admin, "kalshi", on=False, why="x" * 201)
    with pytest.raises(NotFound):
        await sources_admin.switch(admin, "nobody", on=False)
    assert (await managed(admin, "kalshi")).enabled


async def test_a_trial_is_asked_for_and_its_answer_shown(admin):
    id_ = await sources_admin.try_now(admin, "kalshi")
    (asked,) = await control_room.take_trials(admin.cache, ["kalshi"])
    assert (asked.id, asked.by) == (id_, "the admin")
    done = Trial(asked=asked, outcome=TrialOutcome.ANSWERED, took_s=0.1, quotes=3)
    await control_room.put_trial(admin.cache, done)
    assert await sources_admin.trial(admin, "kalshi") == done


async def test_what_is_wrong_is_told_to_everybody_who_may_see_the_status(work, stranger):
    alert = Alert(subject="kalshi", code=AlertCode.SILENT, sentence="It is silent.", opened_at=NOON)
    await stored_alerts.open_alert(work.db, alert)
    assert await alerts.open_alerts(work) == [alert]
    with pytest.raises(NotAllowed):
        await alerts.open_alerts(replace(work, subject=stranger))
