"""Control end to end: what an admin decides counts from the next question on, with no restart."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from domain.control import Happened, Switch, TrialAsked, TrialOutcome
from domain.sources import NotAsked, SourceState
from feeds.base import Quota
from feeds.registry import FEEDS
from feeds.transport import NoCredential, Transport
from jobs.collect import Collector
from jobs.control import Control
from jobs.credentials import Credentials, SwitchedOff
from jobs.polled import Polled
from kit.clock import ManualClock
from kit.settings import Settings
from store import control_room, credentials
from store.keys import KeyRing, KeysAway
from store.switches import save_switch
from tests.controls import everything_cached, everything_logged, everything_stored, swept, turned
from tests.feeds.chaos import chaos
from tests.jobs.vendors import NOON, PATIENT, Numbers

RING = KeyRing().renewed()
SECRET, NEWER = "a-key-that-nobody-sees", "another-key-that-nobody-sees"


@pytest.fixture(autouse=True)
def empty(owner):
    swept(owner)
    yield
    swept(owner)


@pytest.fixture
async def server():
    async with chaos() as made:
        yield made


class Followed(NamedTuple):
    """What a worker follows."""

    sources: list
    collectors: list


class House:
    """A worker that follows one loopback vendor, and rests until it is woken."""

    def __init__(self, database, cache, server, way, **given):
        self.database, self.cache, self.server = database, cache, server
        self.clock, self.rests, self.got = ManualClock(NOON), [], []
        self.credentials = Credentials(Settings(region=""))
        self.transport = Transport(
            credential=self.credentials, clock=self.clock, limits=PATIENT,
            allow_loopback=True, sleep=self.at_once,
        )  # fmt: skip
        needs = {"needs_credential": True, "credential_param": "apiKey"}
        self.feed = Numbers({"all": server.url(way)}, **(needs | given))
        self.vendor = Polled(
            feed=self.feed, transport=self.transport, sports=["tennis"], clock=self.clock
        )
        self.collector = Collector(self.vendor, self.keep, self.clock, sleep=self.rest)
        self.control = Control(
            database=database, cache=cache, clock=self.clock, ring=RING, given=Settings(),
            credentials=self.credentials, sleep=self.rest,
            following=Followed([self.vendor], [self.collector]),
        )  # fmt: skip

    async def at_once(self, _):
        return None

    async def keep(self, reading):
        self.got.append(reading)

    async def rest(self, seconds):
        self.rests.append(seconds)
        await asyncio.Event().wait()

    async def rested(self, times):
        await turned(lambda: len(self.rests) >= times)

    @property
    def health(self):
        return self.collector.health

    @property
    def questions(self):
        return [line.split(" ")[1] for line in self.server.lines]

    async def set(self, text, part="key"):
        async with self.database.begin() as db:
            await credentials.put(db, RING, "vendor", part, text, actor="the admin", at=NOON)

    async def switch(self, *, on):
        async with self.database.begin() as db:
            await save_switch(db, Switch(source="vendor", enabled=on, at=NOON, by="the admin"))

    async def try_now(self):
        asked = TrialAsked(id="1", source="vendor", by="the admin", at=NOON)
        await control_room.ask_trial(self.cache, asked)
        await self.control._trials.answer()
        await self.control._trials.settled()
        return await control_room.trial(self.cache, "vendor")

    @asynccontextmanager
    async def following(self):
        async with self.transport:
            task = asyncio.create_task(self.collector.run())
            yield self
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def house(database, cache, server):
    return lambda way="good", **given: House(database, cache, server, way, **given)


async def test_a_key_in_a_file_is_swapped_while_the_source_runs(
    house, monkeypatch, tmp_path, caplog
):
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    async with house().following() as one:
        monkeypatch.setitem(FEEDS, "vendor", one.feed)
        one.credentials._given = Settings().model_copy(
            update={"credentials": {"vendor_file": SecretStr(str(file))}}
        )
        await one.rested(1)
        await one.control.obey()
        await one.rested(2)
        assert one.questions == [f"/good/odds?apiKey={SECRET}"]
        one.clock.advance(60)
        file.write_text(NEWER)
        await one.control.obey()
        await turned(lambda: len(one.questions) == 2)
        # A file that goes away takes no key with it.
        one.clock.advance(60)
        file.unlink()
        await one.control.obey()
        one.collector.wake()
        await turned(lambda: len(one.questions) == 3)
        assert one.questions[1:] == [f"/good/odds?apiKey={NEWER}"] * 2
        assert "files of credentials not read" in caplog.text
        assert SECRET not in everything_logged(caplog)
        one.clock.advance(60)
        await one.set("of-the-store")
        await one.control.obey()
        await turned(lambda: len(one.questions) == 4)
        assert one.questions[3].endswith("of-the-store")


async def test_while_the_master_keys_are_away_a_source_goes_on_with_what_it_has(house):
    async with house().following() as one:
        await one.rested(1)
        await one.set(SECRET)
        await one.control.obey()
        await one.rested(2)

        def away(_):
            raise KeysAway("the holder of the keys: VaultDown")

        one.control.ring = KeyRing(RING.current, {}, away)
        await one.set(NEWER)
        await one.control.obey()
        assert one.credentials("vendor") == {"key": SECRET}
        assert one.control._unreadable == {}
        one.control.ring = RING
        await one.control.obey()
        assert one.credentials("vendor") == {"key": NEWER}


async def test_a_source_begins_when_its_credential_is_set_and_swaps_it_while_it_runs(house):
    async with house().following() as one:
        await one.rested(1)
        assert (one.health.not_asked, one.questions) == (NotAsked.NO_CREDENTIAL, [])
        await one.set(SECRET)
        await one.control.obey()
        await one.rested(2)
        assert one.questions == [f"/good/odds?apiKey={SECRET}"]
        assert one.health.state is SourceState.HEALTHY
        one.clock.advance(60)
        await one.set(NEWER)
        await one.control.obey()
        await one.rested(3)
        assert one.questions[1:] == [f"/good/odds?apiKey={NEWER}"]
        assert len(one.got) == 2


async def test_a_refused_key_is_not_rested_upon_once_it_is_replaced(house):
    one = house("denied")
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        assert one.health.not_asked is NotAsked.KEY_REFUSED
        assert one.rests[0] >= 60
        one.feed.urls["all"] = one.server.url("good")
        await one.set(NEWER)
        await one.control.obey()
        await one.rested(2)
        assert one.health.state is SourceState.HEALTHY


async def test_a_source_that_is_switched_off_is_asked_nothing_until_it_is_on_again(house):
    async with house("good", needs_credential=False, credential_param="").following() as one:
        await one.rested(1)
        assert len(one.questions) == 1
        await one.switch(on=False)
        await one.control.obey()
        await one.rested(2)
        assert (one.health.state, one.health.not_asked) == (
            SourceState.OFF, NotAsked.SWITCHED_OFF,
        )  # fmt: skip
        assert one.health.note == "vendor: it is switched off by an admin"
        one.clock.advance(3600)
        one.collector.wake()
        await one.rested(3)
        assert len(one.questions) == 1
        await one.switch(on=True)
        await one.control.obey()
        await one.rested(4)
        assert (len(one.questions), one.health.state) == (2, SourceState.HEALTHY)


async def test_a_switch_survives_the_worker(house):
    await house().switch(on=False)
    anew = house("good", needs_credential=False, credential_param="")
    await anew.control.obey()
    async with anew.following():
        await anew.rested(1)
        assert (anew.health.not_asked, anew.questions) == (NotAsked.SWITCHED_OFF, [])


async def test_who_told_us_to_wait_is_left_alone_whatever_is_switched(house):
    async with house("limited", needs_credential=False, credential_param="").following() as one:
        await one.rested(1)
        for number, on in enumerate((False, True), start=2):
            await one.switch(on=on)
            await one.control.obey()
            await one.rested(number)
        assert len(one.questions) == 1
        assert (one.health.not_asked, one.rests[-1] > 1700) == (NotAsked.ASKED_TO_WAIT, True)
        assert (await one.try_now()).outcome is TrialOutcome.NOT_ASKED
        assert len(one.questions) == 1


async def test_a_trial_says_what_one_question_brought_and_loses_nothing(house):
    one = house()
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        trial = await one.try_now()
        assert (trial.outcome, trial.quotes, trial.sentence) == (TrialOutcome.ANSWERED, 1, "")
        assert (len(one.questions), len(one.got)) == (2, 1)
        (line,) = await control_room.happenings(one.cache, "vendor")
        assert (line.what, line.by) == (Happened.TRIED, "the admin")


async def test_a_trial_works_for_a_source_that_has_just_got_its_credential(house):
    one = house()
    async with one.following():
        await one.rested(1)
        assert (await one.try_now()).outcome is TrialOutcome.NOT_ASKED
        await one.set(SECRET)
        await one.control.obey()
        assert (await one.try_now()).outcome is TrialOutcome.ANSWERED


async def test_a_trial_keeps_to_the_quota(house):
    one = house(quota=Quota(credits=2, period_s=3600))
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        trial = await one.try_now()
        assert trial.outcome is TrialOutcome.NOT_ASKED
        assert "no room" in trial.sentence
        assert len(one.questions) == 1


@pytest.mark.parametrize(
    ("way", "says"),
    [("wrong", "not a list"), ("down", "it answers 503"), ("denied", "it refuses our credential")],
)
async def test_a_trial_that_fails_says_why_in_a_sentence(house, way, says):
    one = house(way)
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        trial = await one.try_now()
        assert trial.outcome is TrialOutcome.FAILED
        assert says in trial.sentence


async def test_a_source_that_answers_a_trial_is_trusted_again_at_once(house):
    one = house("down")
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        one.feed.urls["all"] = one.server.url("good")
        await one.try_now()
        await one.rested(2)
        assert one.health.state is SourceState.HEALTHY


async def test_a_credential_is_nowhere_in_clear(house, owner, cache, caplog):
    caplog.set_level("DEBUG")
    one = house("denied")
    await one.set(SECRET)
    await one.control.obey()
    async with one.following():
        await one.rested(1)
        await one.try_now()
        await one.control.tell()
        await one.control.write()
        assert SECRET in "".join(one.questions)
    places = (everything_stored(owner), await everything_cached(cache), everything_logged(caplog))
    assert [SECRET in text for text in places] == [False] * 3
    assert all(places)


async def test_what_happened_is_in_the_log_of_the_source(house):
    async with house("down", needs_credential=False, credential_param="").following() as one:
        await one.rested(1)
        await one.control.write()
        await one.control.write()
        one.feed.urls["all"] = one.server.url("good")
        one.collector.wake()
        await one.rested(2)
        await one.control.write()
        told = await control_room.happenings(one.cache, "vendor")
        assert [line.what for line in told] == [Happened.ANSWERED, Happened.FAILED]
        assert told[1].text == "it answers 503"


def test_the_store_counts_before_the_environment_part_by_part(monkeypatch):
    for part in ("USERNAME", "PASSWORD"):
        monkeypatch.setenv(f"DUTCHBOOK_CREDENTIAL_BETDAQ_{part}", f"environments-{part.lower()}")
    found = Credentials(Settings())
    assert found.take({"betdaq": {"password": "stores"}}) == {"betdaq"}
    assert found("betdaq") == {"username": "environments-username", "password": "stores"}
    assert found.take({"betdaq": {"password": "stores"}}) == frozenset()
    assert found.take({}) == {"betdaq"}
    assert found("betdaq")["password"] == "environments-password"


def test_a_text_loses_every_part_of_the_credential():
    found = Credentials(Settings())
    found.take({"vendor": {"key": "long-s3cret", "pin": "long", "user": "b"}})
    assert (
        found.hidden("long-s3cret is long, but not short", "vendor") == "*** is ***, but not short"
    )
    assert found.hidden("long-s3cret", "other") == "long-s3cret"


def test_who_is_switched_off_has_no_credential_to_give():
    found = Credentials(Settings())
    assert found("kalshi") is None
    assert found.take({}, {"kalshi"}) == {"kalshi"}
    with pytest.raises(SwitchedOff, match="switched off by an admin"):
        found("kalshi")
    assert not issubclass(SwitchedOff, NoCredential)


def test_variables_that_name_nothing_are_told_by_name_and_never_by_value(
    monkeypatch, caplog, database, cache
):
    for name in ("BETSAPII", "BETDAQ", "KALSHI", "BETDAQ_USERNAM"):
        monkeypatch.setenv(f"DUTCHBOOK_CREDENTIAL_{name}", "s3cret")
    for name in ("BETSAPI", "BETDAQ_USERNAME", "THE_ODDS_API", "THE_ODDS_API_KEY"):
        monkeypatch.setenv(f"DUTCHBOOK_CREDENTIAL_{name}", "s3cret")
    Control(
        database=database, cache=cache, clock=ManualClock(NOON), ring=RING, given=Settings(),
        credentials=Credentials(Settings()), following=Followed([], []),
    )  # fmt: skip
    told = [record.variable for record in caplog.records]
    prefix = "DUTCHBOOK_CREDENTIAL_"
    assert told == [
        f"{prefix}{name}" for name in ("BETDAQ", "BETDAQ_USERNAM", "BETSAPII", "KALSHI")
    ]
    assert "s3cret" not in everything_logged(caplog)


async def test_stored_credentials_that_do_not_open_are_told_to_admins(house, caplog):
    one = house()
    await one.set(SECRET)
    one.control = replace(one.control, ring=KeyRing().renewed())
    await one.control.obey()
    await one.control.tell()
    (report,) = await control_room.reports(one.cache)
    assert report.unreadable == {"vendor": ["key"]}
    assert [r.message for r in caplog.records if r.levelname == "ERROR"]
