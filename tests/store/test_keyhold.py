"""Master keys in a file or behind a real OpenBao: taken in, kept for their time, and missed."""

import logging
import os

import pytest
from pydantic import SecretStr, ValidationError

from domain.errors import Refused, Unavailable
from kit.clock import ManualClock
from kit.settings import Settings
from store import sealing
from store.db import Database
from store.keyhold import FileHold, TransitHold, held
from store.keyhold.bao import Address, Bao
from store.keyhold.transit import SETTLES
from store.keys import KeyMissing, KeyRing, KeysAway, NoKeys
from store.sealed import Place, seal, unseal
from tests.facts import NOON
from tests.store.openbao import OpenBao

PLACE = Place("t", "c", "1")
TTL_S = 60.0


@pytest.fixture
def path(tmp_path):
    KeyRing.at(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def test_a_key_that_came_into_the_file_is_used_without_a_restart(path):
    hold = FileHold(path, named=True)
    old = hold.now()
    new = KeyRing.read(path).renewed()
    new.write(path)
    assert hold.now() == new
    # Whoever holds the ring of before still opens what was sealed since.
    assert unseal(old, PLACE, seal(new, PLACE, "s3cret")) == "s3cret"
    with pytest.raises(KeyMissing, match="nowhere"):
        old.key("nowhere")


@pytest.mark.parametrize("damage", [os.remove, lambda path: path.write_text("{}"),
                                    lambda path: path.chmod(0o644)])  # fmt: skip
def test_a_file_that_goes_away_or_bad_leaves_the_ring_as_it_was(path, damage, caplog):
    hold = FileHold(path, named=True)
    ring = hold.now()
    damage(path)
    os.utime(path.parent)
    assert hold.now() == ring
    assert all(key.hex() not in caplog.text for key in ring.keys.values())


async def test_a_key_is_made_used_and_set_aside_in_the_file(path):
    hold = FileHold(path, named=True)
    old = hold.now().current
    made = await hold.make()
    assert (hold.now().current, set(hold.now().keys)) == (old, {old, made})
    await hold.use(made)
    assert KeyRing.read(path).current == made
    with pytest.raises(Refused, match="rotate first"):
        await hold.retire(made)
    key = hold.now().key(old)
    await hold.retire(old)
    await hold.retire(old)
    assert set(KeyRing.read(path).keys) == {made}
    aside = path.with_name("keys.retired.json")
    assert KeyRing.read(aside).keys == {old: key}
    with pytest.raises(KeyMissing):
        await hold.use(old)


async def test_without_a_file_nothing_is_sealed_until_there_is_one(tmp_path):
    hold = FileHold(tmp_path / "keys.json", named=False)
    with pytest.raises(NoKeys):
        seal(hold.now(), PLACE, "s3cret")
    made = await hold.make()
    assert hold.now().current == made
    with pytest.raises(Refused, match="cannot be read"):
        FileHold(tmp_path / "none.json", named=True)


async def test_the_settings_name_the_holder(path, database, clock, tmp_path):
    other = tmp_path / "other.json"
    KeyRing.at(other)
    for given in (Settings(keys=f"file:{path}"), Settings(keys_file=path)):
        async with held(given, database, clock) as hold:
            assert hold.now() == KeyRing.read(path)
    with pytest.raises(ValidationError):
        Settings(keys="ftp:x")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"keys": "transit:http://keys.example:8200/transit/x"}, "transit:https://"),
        ({"keys": "transit:https://a:b@keys.example/transit/x"}, "address alone"),
        ({"keys": "transit:https://keys.example/x", "keys_role_id": "r"}, "SECRET_ID"),
        (
            {"keys": "transit:https://keys.example/x", "keys_role_id": "r",
             "keys_secret_id": "s"},
            "/mount/key",
        ),
    ],
)  # fmt: skip
def test_an_address_that_is_unfit_is_refused_before_anything_is_sent(given, why):
    with pytest.raises(Refused, match=why):
        Address.of(Settings(**given))


def test_a_secret_id_is_read_from_its_file_at_every_login(tmp_path):
    file = tmp_path / "secret"
    file.write_text("one\n")
    address = Address.of(
        Settings(keys="transit:https://keys.example", keys_role_id="r", keys_secret_id_file=file)
    )
    assert (address.mount, address.key, address.secret()) == ("transit", "dutchbook", "one")
    file.write_text("two")
    assert address.secret() == "two"
    file.unlink()
    with pytest.raises(KeysAway):
        address.secret()


# The real OpenBao


@pytest.fixture(scope="module")
def bao(tmp_path_factory):
    server = OpenBao(tmp_path_factory.mktemp("bao"))
    server.start()
    try:
        server.credentials = server.set_up()
        yield server
    finally:
        server.kill()


@pytest.fixture
def given(bao):
    role, secret = bao.credentials
    return Settings(
        keys=f"transit:{bao.url}/transit/dutchbook", keys_role_id=role,
        keys_secret_id=SecretStr(secret), keys_ca=bao.authority.ca, keys_file=None,
    )  # fmt: skip


@pytest.fixture
def no_keys(owner):
    yield
    owner.execute("truncate sealing_keys, key_rotations")


@pytest.fixture
def hold(given, database, clock, no_keys):
    return TransitHold(Bao(Address.of(given)), database, clock, ttl_s=TTL_S)


@pytest.mark.slow
async def test_a_key_is_kept_wrapped_and_opened_by_the_engine_alone(hold, given, database, clock):
    made = await hold.make()
    key = hold.now().key(made)
    async with database.begin() as db:
        (row,) = await sealing.wrapped(db)
    assert row.wrapped.startswith("vault:v1:")
    other = TransitHold(Bao(Address.of(given)), database, clock, ttl_s=TTL_S)
    await other.refresh()
    assert other.now().newest() == (made, key)
    assert unseal(other.now(), PLACE, seal(hold.now(), PLACE, "s3cret")) == "s3cret"


@pytest.mark.slow
async def test_a_new_key_is_known_to_all_before_anything_is_sealed_with_it(
    hold, given, database, clock
):
    first = await hold.make()
    clock.advance(100)
    second = await hold.make()
    other = TransitHold(Bao(Address.of(given)), database, clock, ttl_s=TTL_S)
    await other.refresh()
    assert (hold.now().current, other.now().current) == (first, first)
    assert set(other.now().keys) == {first, second}
    clock.advance(SETTLES.total_seconds())
    assert (hold.now().current, other.now().current) == (second, second)
    with pytest.raises(KeyMissing):
        await hold.use("nowhere")
    with pytest.raises(Refused):
        await hold.retire(second)


@pytest.mark.slow
async def test_the_engines_key_is_rotated_and_ours_are_wrapped_anew(hold, bao, database):
    made = await hold.make()
    key = hold.now().key(made)
    bao.root.secrets.transit.rotate_key("dutchbook")
    assert await hold.rewrap() == 1
    async with database.begin() as db:
        (row,) = await sealing.wrapped(db)
    version = bao.root.secrets.transit.read_key("dutchbook")["data"]["latest_version"]
    assert version > 1
    assert row.wrapped.startswith(f"vault:v{version}:")
    assert hold.now().key(made) == key


@pytest.mark.slow
async def test_a_role_may_only_what_its_policy_says(hold, bao, given, caplog):
    made = await hold.make()
    elsewhere = given.model_copy(update={"keys": f"transit:{bao.url}/transit/other"})
    with pytest.raises(KeysAway, match="Forbidden"):
        Bao(Address.of(elsewhere)).data_key()
    wrong = given.model_copy(update={"keys_secret_id": SecretStr("not-ours")})
    with pytest.raises(KeysAway) as told:
        Bao(Address.of(wrong)).data_key()
    assert "not-ours" not in str(told.value) + caplog.text
    assert made in hold.now().keys


@pytest.mark.slow
def test_a_server_that_another_authority_vouches_for_is_not_asked(bao, given, monkeypatch):
    monkeypatch.setenv("VAULT_SKIP_VERIFY", "true")
    with pytest.raises(KeysAway, match="SSLError"):
        Bao(Address.of(given.model_copy(update={"keys_ca": None}))).data_key()


@pytest.mark.slow
async def test_a_holder_that_dies_is_missed_when_the_keys_time_is_over_and_comes_back(
    hold, bao, given, database, clock, caplog
):
    await hold.make()
    sealed = seal(hold.now(), PLACE, "s3cret")
    ring = hold.now()
    bao.kill()
    try:
        clock.advance(TTL_S / 2)
        with pytest.raises(Unavailable):
            await hold.refresh()
        assert unseal(hold.now(), PLACE, sealed) == "s3cret"
        clock.advance(TTL_S)
        with pytest.raises(KeysAway, match="not in memory"):
            unseal(hold.now(), PLACE, sealed)
        with pytest.raises(KeysAway):
            seal(hold.now(), PLACE, "s3cret")
        with caplog.at_level(logging.WARNING):
            async with held(given, database, ManualClock(NOON)) as late:
                with pytest.raises(KeysAway):
                    unseal(late.now(), PLACE, sealed)
        assert "starting without keys" in caplog.text
    finally:
        bao.start()
    with pytest.raises(KeysAway, match="VaultDown"):  # up, and sealed
        await hold.refresh()
    bao.unseal()
    await hold.refresh()
    assert unseal(hold.now(), PLACE, sealed) == "s3cret"
    assert unseal(ring, PLACE, sealed) == "s3cret"


@pytest.mark.slow
async def test_with_postgresql_away_the_keys_in_memory_are_opened_again(given, mortal, clock):
    database = await Database.open(mortal.database_url, application="keys")
    hold = TransitHold(Bao(Address.of(given)), database, clock, ttl_s=TTL_S)
    made = await hold.make()
    await database.close()

    class Away:
        def begin(self):
            raise Unavailable("away")

    hold._database = Away()
    clock.advance(TTL_S - 1)
    await hold.refresh()
    clock.advance(TTL_S - 1)
    assert made in hold.now().keys
