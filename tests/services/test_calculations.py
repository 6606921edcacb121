"""Calculations on record: which inputs, by whom, and never the amounts."""

import hashlib
import hmac
from dataclasses import replace

import msgspec
import pytest

from domain.errors import Unavailable
from domain.money import Money
from kit.ids import fresh
from services.calculations import EVERYBODY, MOST_ENTRIES, MOST_HASHES, Calculations
from store.db import Database
from store.keys import KeyRing, KeysAway
from tests.outages import withheld

ENTRIES = "select subject, details from audit where actor = %s and action = 'calculate' order by id"


class Away(Database):
    """PostgreSQL that does not answer."""

    def __init__(self):
        """Know no server."""

    def begin(self, **_):
        raise Unavailable("PostgreSQL does not answer")


@pytest.fixture
def sealing(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def who():
    return fresh("reader-")


async def test_the_same_inputs_are_on_record_once(sealing, owner, who):
    ledger = Calculations()
    for _ in range(3):
        ledger.note(who, "opportunity a", (1.5, Money(100_00)))
    ledger.note(who, "opportunity a", (1.6, Money(100_00)))
    ledger.note(who, "opportunity b", (1.5, Money(100_00)))
    await ledger.write(sealing)
    ledger.note(who, "opportunity a", (1.5, Money(100_00)))
    await ledger.write(sealing)
    told = owner.execute(ENTRIES, [who]).fetchall()
    assert [(about, len(details["inputs"])) for about, details in told] == [
        ("opportunity a", 2), ("opportunity b", 1),
    ]  # fmt: skip
    assert told[0][1]["inputs"][0] == told[1][1]["inputs"][0]


async def test_inputs_can_be_found_again_by_whoever_has_the_key_and_guessed_by_nobody(
    sealing, owner, who
):
    ledger, inputs = Calculations(), (2.1, 2.1, Money(100_00))
    ledger.note(who, "opportunity a", inputs)
    await ledger.write(sealing)
    ((_, details),) = owner.execute(ENTRIES, [who]).fetchall()
    digest = hashlib.sha256(msgspec.json.encode(inputs)).digest()
    own = hmac.digest(sealing.keys.newest()[1], b"dutchbook calculation 1", "sha256")
    assert details == {
        "inputs": [hmac.digest(own, digest, "sha256").hex()],
        "more": 0,
        "key": sealing.keys.current,
    }
    assert digest.hex() not in str(details)


async def test_a_page_that_never_stops_changing_fills_one_entry_and_is_counted(sealing, owner, who):
    ledger = Calculations()
    for number in range(MOST_HASHES + 7):
        ledger.note(who, "opportunity a", number)
    await ledger.write(sealing)
    ((_, details),) = owner.execute(ENTRIES, [who]).fetchall()
    assert (len(details["inputs"]), details["more"]) == (MOST_HASHES, 7)


async def test_what_could_not_be_written_is_written_later_with_what_came_since(sealing, owner, who):
    ledger = Calculations()
    ledger.note(who, "opportunity a", 1)
    with pytest.raises(Unavailable):
        await ledger.write(replace(sealing, database=Away()))
    ledger.note(who, "opportunity a", 2)
    await ledger.write(sealing)
    await ledger.write(sealing)
    ((_, details),) = owner.execute(ENTRIES, [who]).fetchall()
    assert len(details["inputs"]) == 2


async def test_without_its_key_nothing_is_written_that_could_be_guessed(sealing, owner, who):
    ledger = Calculations()
    ledger.note(who, "opportunity a", 1)
    with pytest.raises(KeysAway):
        await ledger.write(replace(sealing, keys=withheld(sealing.keys)))
    assert owner.execute(ENTRIES, [who]).fetchall() == []
    await ledger.write(sealing)
    ((_, details),) = owner.execute(ENTRIES, [who]).fetchall()
    assert details["key"] == sealing.keys.current


async def test_readers_beyond_bounds_are_gathered_in_one_entry(sealing, owner):
    ledger, about = Calculations(), fresh("opportunity ")
    for number in range(MOST_ENTRIES + 5):
        ledger.note(f"{about} {number}", about, 1)
    await ledger.write(sealing)
    one = "select count(*) from audit where subject = %s"
    assert owner.execute(one, [about]).fetchone() == (MOST_ENTRIES,)
    subject, details = owner.execute(ENTRIES, [EVERYBODY]).fetchall()[-1]
    assert (subject, len(details["inputs"])) == ("", 5)


async def test_nothing_is_written_of_nothing(resources):
    await Calculations().write(replace(resources, database=Away()))
