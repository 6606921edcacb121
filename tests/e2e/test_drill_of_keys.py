"""A drill: whoever holds the keys is killed under load; who has them goes on, the rest is told."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest
from pydantic import SecretStr
from pyotp.totp import TOTP

from domain.errors import Unavailable
from domain.outages import Server as Down
from domain.vitals import Level, Part, Sign
from jobs.resealing import Resealing
from kit.clock import SystemClock
from kit.ids import fresh
from kit.settings import Settings
from services import keys as service
from services import post, security, sessions
from services.access import ANONYMOUS, OPERATOR
from services.factors import STEP_S
from services.work import begin
from store.db import Database
from store.keyhold import held
from store.keys import KeysAway
from tests.accounts import HERE, PASSWORD, open_account, signed_in
from tests.e2e.conftest import Web, until
from tests.e2e.drills import (
    alive,
    client,
    goes_on,
    holds,
    loaded,
    nothing_is_lost,
    planted,
)
from tests.factors import written
from tests.store.openbao import OpenBao

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(600)]
STARTS_BESIDE_LOAD_WITHIN_S = 240.0
IS_SEEN_WITHIN_S = 30.0
ROTATED_WITHIN_S = 60.0


@dataclass
class App:
    """An authenticator app of a member; `step` is that of the code that was used last."""

    email: str
    key: str
    step: int

    def code(self):
        """Return a code that was not used, of now or the next half minute."""
        return TOTP(self.key).generate_otp(self._next())

    def used(self):
        """Note that the code was taken: it is good once."""
        self.step = self._next()

    def _next(self):
        return max(self.step + 1, _step())


def _step():
    return int(SystemClock().now().timestamp()) // STEP_S


async def with_app(resources):
    """Return the app of a new member, confirmed by a code of its own."""
    email = f"{fresh()}@example.com"
    await open_account(resources, email)
    token = await signed_in(resources, email)
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, token)
    async with begin(resources, subject) as work:
        app = App(email, (await security.begin_app(work, "")).key, _step() - 1)
    code = app.code()
    async with begin(resources, subject) as work:
        assert await security.confirm_app(work, code, address=HERE, written=written)
    app.used()
    return app


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
def no_keys(mortal):
    """Nothing of other tests' is sealed, and nothing of this one's is left."""

    def empty():
        with psycopg.connect(mortal.owner_url, autocommit=True) as owner:
            owner.execute("truncate sealing_keys, key_rotations, letters")

    empty()
    yield
    empty()


@pytest.fixture
async def plant(environment, mortal, bao, no_keys, tmp_path):
    role, secret = bao.credentials
    file = tmp_path / "secret_id"
    file.write_text(secret)
    url = f"transit:{bao.url}/transit/dutchbook"
    given = Settings(keys=url, keys_role_id=role, keys_secret_id=SecretStr(secret),
                     keys_ca=bao.authority.ca, keys_file=None)  # fmt: skip
    told = {
        "DUTCHBOOK_KEYS": url,
        "DUTCHBOOK_KEYS_ROLE_ID": role,
        "DUTCHBOOK_KEYS_SECRET_ID_FILE": str(file),
        "DUTCHBOOK_KEYS_CA": str(bao.authority.ca),
    }
    database = await Database.open(mortal.database_url, application="keys")
    async with held(given, database, SystemClock()) as keys:
        await keys.make()
        async with planted(environment, mortal, keys, **told) as made, alive(made):
            yield made
    await database.close()


@asynccontextmanager
async def away(bao):
    """Kill it without warning; start and unseal it at the end of the block."""
    await asyncio.to_thread(bao.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(bao.start)
        await asyncio.to_thread(bao.unseal)


@asynccontextmanager
async def started(plant):
    """Start another process of the plant; yield the plant as its callers see it."""
    web = Web(plant.web.environment, module=plant.web.module)
    try:
        await web.start(within_s=STARTS_BESIDE_LOAD_WITHIN_S)
        await web.becomes("/readyz", 200)
        yield replace(plant, web=web, places=plant.places)
    finally:
        web.end()


async def joins(plant, http):
    """Return the address that joined, and the end of where the form led."""
    email = f"{fresh()}@example.com"
    answer = await plant.post(http, "/auth/register", email=email, password=PASSWORD)
    return email, answer.headers["location"].rpartition("#")[2]


async def enters(plant, app):
    """Sign in by password and app; return where that led, and whether there is a session."""
    async with client() as http:
        first = await plant.post(http, "/auth/sign-in", email=app.email, password=PASSWORD)
        assert "/login/step" in first.headers["location"]
        answer = await plant.post(http, "/auth/step", code=app.code())
        if is_in := "dutchbook" in http.cookies:
            app.used()
        return answer.headers["location"], is_in


async def signs_in(plant, email):
    """Sign in by password in a new browser; return where that led, and whether that lets in."""
    async with client() as http:
        answer = await plant.post(http, "/auth/sign-in", email=email, password=PASSWORD)
        return answer.headers["location"], "dutchbook" in http.cookies


async def with_newcomer(plant):
    """Return the plant with nobody but one who was never here before."""
    email = f"{fresh()}@example.com"
    subject = await open_account(plant.resources, email)
    return replace(plant, people={email: str(subject.user_id)})


async def told_of(plant, level):
    """Return what the page of health says of the keys, once it says that they are so."""

    async def look():
        answer = await plant.web.get("/exports/health.json", cookie=plant.cookie)
        readings = answer.json()["readings"]
        found = {(each["part"], each["sign"]): each for each in readings}[Part.KEYS, Sign.ANSWERS]
        return found if found["level"] == level else None

    return await until(look, within_s=IS_SEEN_WITHIN_S)


async def readable(plant):
    """Return the addresses of all letters that open by the keys of now."""
    async with begin(plant.resources, OPERATOR) as work:
        kept = await post.outbox(work, readable=True, limit=100_000)
    return {each.address for each in kept if each.letter}


async def rotated(plant, resealing):
    """Carry the rotation on; return whether it has ended, with everything sealed by its key."""
    await resealing.tend()
    async with begin(plant.resources, OPERATOR) as work:
        last = (await service.overview(work)).rotations[0]
    return last.ended_at is not None and last.left == 0


async def test_whoever_holds_the_keys_is_killed_under_load_and_comes_back(plant, bao):
    resources, joined = plant.resources, []
    first, second = await with_app(resources), await with_app(resources)
    resealing = Resealing(
        database=resources.database, keys=resources.keys, clock=SystemClock(), worker="drill"
    )

    async def joining(plant, http, load):
        email, end = await joins(plant, http)
        load.answers[end] += 1
        joined.extend([email] if end == "sent" else [])

    # Not as fast as can be: another process has to start beside it.
    load_of = loaded(plant, joining, pause_s=0.1)
    async with load_of as load, client() as http, AsyncExitStack() as later:
        async with away(bao):
            # Who has the keys in memory opens and seals, and says that nobody opens them again.
            assert "Error" in (await told_of(plant, Level.WARN))["text"]
            assert await enters(plant, first) == ("/", True)
            assert (await joins(plant, http))[1] == "sent"
            # No key is made, none is wrapped anew, and a rotation waits.
            for ask in (resources.keys.make, resources.keys.rewrap):
                with pytest.raises(KeysAway):
                    await ask()
            async with begin(resources, OPERATOR) as work:
                await service.rotate(work)
            with pytest.raises(Unavailable):
                await resealing.tend()
            # Who starts now serves without keys, and says of what it cannot do to try again.
            late = await later.enter_async_context(started(plant))
            await holds(await with_newcomer(late), http, Down.OPENBAO)
            assert await enters(late, second) == ("/login/step#away", False)
            # Nobody can be asked for the code of a letter who comes oddly: from elsewhere, unknown.
            known = next(each for each in plant.people if load.entered[plant.people[each]])
            assert await signs_in(late, known) == ("/login#away", False)
            await told_of(late, Level.BAD)
        before = len(load.exports), load.entered.total()
        for each in (plant, late):
            await told_of(each, Level.GOOD)
            assert (await joins(each, http))[1] == "sent"
        assert await enters(late, second) == ("/", True)
        await until(lambda: goes_on(load, before), within_s=ROTATED_WITHIN_S)
        await until(lambda: rotated(plant, resealing), within_s=ROTATED_WITHIN_S)
    assert set(load.answers) <= {200, 303, "sent"}, load.answers
    assert not load.broken
    assert await readable(plant) >= set(joined)
    await nothing_is_lost(plant, load)
