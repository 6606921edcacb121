"""The cookie of a device over HTTP: given to who was let in, read there, and worth nothing else."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from arb_app import runtime, sign_in
from arb_app.devices import keep
from arb_app.gate import subject_of
from arb_app.runtime import Runtime
from arb_app.visitors import FRESH_S
from kit.settings import settings
from services import devices, sessions
from services.access import ANONYMOUS
from services.passwords import Passwords
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, OTHER, PASSWORD, open_account
from tests.arb_app.asgi import send
from tests.outages import withheld

OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
KEYS = KeyRing().renewed()


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def sealed(resources, emptied):
    return replace(resources, keys=KEYS)


@pytest.fixture
def post(sealed, clock):
    """Return a function that sends the form of the sign-in page as a browser would."""
    runtime.install(Runtime(clock, None, sealed))
    doors = Starlette(routes=sign_in.routes(Passwords()))

    async def posting(headers=OURS, **fields):
        form = {"email": ANN, "password": PASSWORD} | fields
        return await send(doors, "/auth/sign-in", urlencode(form), **headers)

    return posting


def cookie_of(answer, name="did"):
    """Return a cookie that an answer sets and its flags."""
    (text,) = [each for each in answer.cookies if each.startswith(f"{name}=")]
    pair, *flags = text.split("; ")
    return pair.partition("=")[2], {flag.lower() for flag in flags}


async def test_it_lasts_a_year_out_of_reach_of_scripts_and_other_sites(post, sealed):
    await open_account(sealed)
    value, flags = cookie_of(await post())
    assert flags == {"httponly", "max-age=31536000", "path=/", "samesite=lax"}
    assert devices.read(KEYS, value)


async def test_without_a_key_to_sign_it_with_members_are_let_in_and_the_browser_keeps_what_it_had(
    sealed, clock
):
    runtime.install(Runtime(clock, None, replace(sealed, keys=withheld(KEYS))))
    answer = Response()
    keep(answer, devices.made(KEYS))
    assert "set-cookie" not in answer.headers


async def test_over_https_it_is_bound_to_this_host(post, sealed, configured):
    configured.setenv("DUTCHBOOK_PUBLIC_URL", "https://odds.example")
    settings.cache_clear()
    await open_account(sealed)
    _, flags = cookie_of(
        await post(headers=OURS | {"origin": "https://odds.example"}), "__Host-did"
    )
    assert "secure" in flags
    assert not [flag for flag in flags if flag.startswith("domain")]


async def test_who_is_not_let_in_is_given_none(post, sealed):
    await open_account(sealed)
    assert (await post(password=OTHER)).cookies == []


async def test_a_browser_keeps_its_own_and_a_forged_one_is_replaced(post, sealed):
    await open_account(sealed)
    first, _ = cookie_of(await post())
    again, _ = cookie_of(await post(headers=OURS | {"cookie": f"did={first}"}))
    assert devices.read(KEYS, again) == devices.read(KEYS, first)
    forged = devices.signed(KeyRing().renewed(), "s" * 43)
    other, _ = cookie_of(await post(headers=OURS | {"cookie": f"did={forged}"}))
    assert devices.read(KEYS, other) not in {"", "s" * 43, devices.read(KEYS, first)}


async def test_after_a_rotation_the_old_cookie_is_known_and_the_new_one_signed_anew(
    post, sealed, clock
):
    await open_account(sealed)
    first, _ = cookie_of(await post())
    rotated = KEYS.renewed()
    runtime.install(Runtime(clock, None, replace(sealed, keys=rotated)))
    again, _ = cookie_of(await post(headers=OURS | {"cookie": f"did={first}"}))
    assert devices.read(rotated, again) == devices.read(KEYS, first)
    assert devices.read(KEYS, again) == ""


async def test_it_lets_nobody_in_by_itself(post, sealed):
    await open_account(sealed)
    device, _ = cookie_of(await post())
    async with begin(sealed, ANONYMOUS) as work:
        assert await sessions.resume(work, devices.read(KEYS, device)) == ANONYMOUS
    assert (await post(headers=OURS | {"cookie": f"did={device}"}, password=OTHER)).cookies == []


async def test_without_keys_members_come_in_with_no_device(post, sealed, clock):
    await open_account(sealed)
    runtime.install(Runtime(clock, None, replace(sealed, keys=KeyRing())))
    assert [each.partition("=")[0] for each in (await post()).cookies] == ["dutchbook"]


class Page:
    """A page whose socket a browser opened with a cookie."""

    def __init__(self, token):
        headers = type("Headers", (), {"cookie": f"dutchbook={token}"})
        self.router = type("Router", (), {"headers": headers})


@pytest.mark.parametrize("how", ["one", "others", "device"])
async def test_a_session_ended_from_another_browser_is_nobodys_within_seconds(
    post, sealed, clock, how
):
    await open_account(sealed)
    there, _ = cookie_of(await post(), "dutchbook")
    here, _ = cookie_of(await post(), "dutchbook")
    stolen, own = Page(there), Page(here)
    ann = await subject_of(own)
    assert (await subject_of(stolen)).user_id == ann.user_id
    async with begin(sealed, ann) as work:
        other = next(each for each in await sessions.listed(work) if not each.here)
        if how == "one":
            assert await sessions.end_one(work, other.id)
        elif how == "others":
            assert await sessions.end_others(work, here) == 1
        else:
            (gone,) = [each.id for each in await devices.known(work) if not each.here]
            assert await devices.forget(work, gone) == 1
    clock.advance(FRESH_S)
    assert (await subject_of(stolen)).user_id is None
    assert (await subject_of(own)).user_id == ann.user_id
    async with begin(sealed, ANONYMOUS) as work:
        assert await sessions.resume(work, there) == ANONYMOUS
