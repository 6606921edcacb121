"""While keys are away: nobody's answer is called wrong, and nothing changes that is not told."""

from dataclasses import replace

import pytest

from domain.errors import Unavailable
from domain.factors import Kind
from domain.letters import LetterKind
from services import post, security, text_codes
from services.access import ANONYMOUS
from services.second_step import TRIES, Wrong
from services.security import Change
from services.sessions import Granted
from services.work import begin
from store.keys import KeyRing, KeysAway
from tests.accounts import HERE, OTHER, PASSWORD, CheapPasswords, open_account
from tests.factors import Person, written
from tests.outages import withheld

pytestmark = pytest.mark.usefixtures("emptied")
KEYS = KeyRing().renewed()


@pytest.fixture
async def ann(resources):
    """A member with an app, who is signed in."""
    await open_account(resources)
    person = Person(replace(resources, keys=KEYS))
    await person.give_password()
    await person.set_app_up()
    return person


def without_keys(person):
    person.resources = replace(person.resources, keys=withheld(KEYS))


@pytest.mark.parametrize("keys", [withheld(KEYS), KeyRing().renewed()], ids=["away", "gone"])
async def test_a_code_that_cannot_be_checked_is_no_wrong_one(ann, keys):
    step = await ann.give_password()
    ann.resources = replace(ann.resources, keys=keys)
    for _ in range(TRIES + 1):
        with pytest.raises(Unavailable):
            await ann.give(step, "totp", ann.code())
    ann.resources = replace(ann.resources, keys=KEYS)
    assert isinstance(await ann.give(step, "totp", ann.code()), Granted)


async def test_an_app_whose_key_is_gone_keeps_nobody_from_another(ann):
    first = ann.key
    more = KEYS.renewed()
    ann.resources = replace(ann.resources, keys=more)
    await ann.set_app_up("tablet")
    left = replace(more, keys={more.current: more.keys[more.current]})
    ann.resources = replace(ann.resources, keys=left)
    assert isinstance(await ann.give(await ann.give_password(), "totp", ann.code()), Granted)
    ann.key = first
    with pytest.raises(Unavailable):
        await ann.give(await ann.give_password(), "totp", ann.code())


async def test_a_recovery_code_lets_in_and_the_log_has_what_no_letter_says(ann, caplog):
    codes = await ann.do(security.renew_codes, written=written)
    before = await ann.letters()
    without_keys(ann)
    step = await ann.give_password()
    assert isinstance(await ann.give(step, "recovery", codes[0]), Granted)
    assert isinstance(await ann.give(await ann.give_password(), "recovery", codes[0]), Wrong)
    assert [r.kind for r in caplog.records if r.msg == "letter not written"] == ["recovery_used"]
    ann.resources = replace(ann.resources, keys=KEYS)
    assert await ann.letters() == before


CHANGES = {
    "password": lambda work: security.change_password(
        work, Change(PASSWORD, OTHER, HERE), passwords=CheapPasswords(), written=written
    ),
    "codes": lambda work: security.renew_codes(work, written=written),
    "added": lambda work: security.gained(work, Kind.PASSKEY, written=written),
    "removed": lambda work: security.lost(work, Kind.TOTP, written=written),
    "begun": lambda work: security.begin_app(work, ""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_secures_an_account_is_not_changed_without_a_letter(ann, change):
    token = ann.token
    without_keys(ann)
    with pytest.raises(KeysAway):
        await ann.do(change)
    assert (await Person(ann.resources, token=token).as_subject()).user_id
    assert await ann.give_password(password=OTHER) is None
    assert await ann.give_password()


async def test_no_letter_is_put_into_the_outbox_as_it_is(ann):
    without_keys(ann)
    async with begin(ann.resources, ANONYMOUS) as work:
        with pytest.raises(KeysAway):
            await post.post(work, LetterKind.CHANGED, ann.email, written(LetterKind.CHANGED, ""))


def test_a_code_by_text_cannot_be_compared_and_is_not_called_wrong():
    kept = text_codes.keyed(KEYS, "about 123456")
    assert text_codes.is_keyed(KEYS, "about 123456", kept)
    assert not text_codes.is_keyed(KeyRing().renewed(), "about 123456", kept)
    assert not text_codes.is_keyed(KEYS, "about 123456", "")
    with pytest.raises(KeysAway):
        text_codes.is_keyed(withheld(KEYS), "about 123456", kept)
