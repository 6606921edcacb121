"""Doors of presence of mind over HTTP, and what a browser's own cookies keep from whom."""

from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from arb_app import breaks, runtime
from arb_app.admission import admitted, break_of, limits_of
from arb_app.gate import may, subject_of
from arb_app.runtime import Runtime
from domain.breaks import DAILY_MIN, REMINDERS_MIN, Held, Length, Limits, Why
from kit.settings import Settings, settings
from services import breaks as kept
from services.access import ANONYMOUS, BOARD, Permission
from services.work import begin
from tests.accounts import open_account, signed_in
from tests.arb_app.asgi import send
from tests.arb_app.test_gate import at
from tests.arb_app.test_sign_in import FOREIGN, OURS
from tests.facts import NOON

AGE, BREAK, LIMITS = "/presence/age", "/presence/break", "/presence/limits"
HERE = Settings(host="127.0.0.1", port=3000)
GATED = HERE.model_copy(update={"age_gate": True})
HTTPS = GATED.model_copy(update={"public_url": "https://odds.example"})


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("PUBLIC_URL", "HOST", "PORT", "AGE_GATE", "ENVIRONMENT"):
        monkeypatch.delenv(f"DUTCHBOOK_{name}", raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def post(resources, clock, emptied):
    """Return a function that sends a form as a browser would."""
    runtime.install(Runtime(clock, None, resources))
    doors = Starlette(routes=breaks.routes())

    async def posting(path, headers=OURS, **fields):
        return await send(doors, path, urlencode(fields), **headers)

    return posting


def cookie_of(answer):
    """Return the cookie that an answer sets, as a browser sends it back."""
    return answer.headers["set-cookie"].partition(";")[0]


def lasts_s(answer):
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "lax", "/")
    return int(morsel["max-age"])


@pytest.mark.parametrize("path", [AGE, BREAK, LIMITS])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_form_of_another_site_does_nothing(post, path, headers):
    answer = await post(path, headers, lasts="day", old_enough="yes", remind="15", daily="0")
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)


async def test_whoever_is_of_age_says_so_once_and_goes_on_where_they_were(post):
    answer = await post(AGE, old_enough="yes", next="/board/x?y=1")
    assert (answer.status, answer.headers["location"]) == (303, "/board/x?y=1")
    assert lasts_s(answer) == timedelta(days=365).total_seconds()
    assert admitted(ANONYMOUS, cookie_of(answer), GATED, None).may(Permission.VIEW_BOARD)


@pytest.mark.parametrize("fields", [{}, {"old_enough": "no"}, {"old_enough": "true"}])
async def test_whoever_does_not_say_that_they_are_of_age_is_not_let_in(post, fields):
    answer = await post(AGE, next="https://evil.example", **fields)
    assert answer.headers["location"] == "/legal/responsible"
    assert "set-cookie" not in answer.headers


async def test_nobody_is_sent_elsewhere(post):
    answer = await post(AGE, old_enough="yes", next="//evil.example")
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["", "dutchbook_age=1", "dutchbook_age=YES", "dutchbook=yes"])
def test_where_the_age_is_asked_for_whoever_has_not_said_it_sees_no_board(cookie):
    found = admitted(ANONYMOUS, cookie, GATED, None)
    assert found.held == Held(Why.AGE)
    assert found.permissions == ANONYMOUS.permissions - BOARD


def test_over_https_a_cookie_that_a_neighbour_could_have_set_says_nothing():
    assert admitted(ANONYMOUS, "dutchbook_age=yes", HTTPS, None).held
    assert admitted(ANONYMOUS, "__Host-dutchbook_age=yes", HTTPS, None).held is None


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, False),
        ({"environment": "production"}, True),
        ({"environment": "production", "age_gate": False}, False),
        ({"age_gate": True}, True),
    ],
)
def test_the_age_is_asked_for_in_production_or_as_the_operator_says(changes, asked):
    found = admitted(ANONYMOUS, "", HERE.model_copy(update=changes), None)
    assert (found.held is not None) is asked


@pytest.mark.parametrize("length", [each for each in Length if each is not Length.FIVE_YEARS])
async def test_a_visitors_break_is_kept_by_their_browser_until_its_end(post, clock, length):
    answer = await post(BREAK, lasts=length.value, sure="yes")
    assert answer.headers["location"] == "/account/breaks#taken"
    assert lasts_s(answer) == length.time.total_seconds()
    cookie = cookie_of(answer)
    assert admitted(ANONYMOUS, cookie, HERE, clock.now).held == Held(Why.BREAK, NOON + length.time)
    assert not await may(at(cookie), Permission.VIEW_BOARD)
    clock.advance(length.time.total_seconds())
    assert await may(at(cookie), Permission.VIEW_BOARD)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"lasts": "forever"},
        {"lasts": "0"},
        {"lasts": "month"},
        {"lasts": "year", "sure": "no"},
        {"lasts": "five_years", "sure": "yes"},
    ],
)
async def test_a_break_that_is_not_offered_or_not_confirmed_does_not_begin(post, fields):
    answer = await post(BREAK, **fields)
    assert answer.headers["location"] == "/account/breaks#unsure"
    assert "set-cookie" not in answer.headers


async def test_a_shorter_break_does_not_end_a_longer_one(post, clock):
    cookie = cookie_of(await post(BREAK, lasts="week"))
    clock.advance(3600)
    answer = await post(BREAK, OURS | {"cookie": cookie}, lasts="hour")
    assert break_of(cookie_of(answer), HERE) == NOON + timedelta(days=7)


async def test_a_members_break_holds_for_the_account_and_after_signing_out(post, resources):
    ann = await open_account(resources)
    token = f"dutchbook={await signed_in(resources)}"
    assert await may(at(token), Permission.VIEW_BOARD)
    answer = await post(BREAK, OURS | {"cookie": token}, lasts="five_years", sure="yes")
    assert answer.headers["location"] == "/account/breaks#taken"
    # Without the browser's own cookie too, and without waiting for what the gate remembers.
    assert (await subject_of(at(token))).held.why is Why.BREAK
    assert not await may(at(cookie_of(answer)), Permission.VIEW_BOARD)
    async with begin(resources, ann) as work:
        assert (await kept.own(work)).held.until == NOON + Length.FIVE_YEARS.time


async def test_a_browsers_break_holds_for_whoever_signs_in_there(post, resources):
    await open_account(resources)
    cookie = cookie_of(await post(BREAK, lasts="day"))
    both = f"{cookie}; dutchbook={await signed_in(resources)}"
    assert (await subject_of(at(both))).user_id
    assert not await may(at(both), Permission.VIEW_BOARD)


async def test_while_the_account_cannot_be_reached_the_break_begins_in_the_browser(post, clock):
    runtime.install(Runtime(clock, None))
    cookie = {"cookie": "dutchbook=" + "a" * 43}
    answer = await post(BREAK, OURS | cookie, lasts="day")
    assert answer.headers["location"] == "/account/breaks#away"
    assert break_of(cookie_of(answer), HERE) == NOON + timedelta(days=1)
    answer = await post(LIMITS, OURS | cookie, remind="15", daily="0")
    assert answer.headers["location"] == "/account/breaks#away"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("remind", "daily"), [(0, 0), (REMINDERS_MIN[0], DAILY_MIN[-1])])
@pytest.mark.parametrize("firm", ["", "yes"])
async def test_limits_of_a_visitor_are_kept_by_their_browser(post, remind, daily, firm):
    answer = await post(LIMITS, remind=remind, daily=daily, firm=firm)
    assert answer.headers["location"] == "/account/breaks#saved"
    chosen = Limits(remind, firm=firm == "yes", daily_min=daily)
    assert limits_of(cookie_of(answer), HERE) == chosen


async def test_limits_of_a_member_are_kept_by_the_server(post, resources):
    ann = await open_account(resources)
    cookie = {"cookie": f"dutchbook={await signed_in(resources)}"}
    await post(LIMITS, OURS | cookie, remind="60", daily="120", firm="yes")
    async with begin(resources, ann) as work:
        assert (await kept.own(work)).limits == Limits(60, firm=True, daily_min=120)


@pytest.mark.parametrize("fields", [{"remind": "7"}, {"daily": "x"}, {"remind": "-15"}])
async def test_minutes_that_are_not_offered_change_nothing(post, fields):
    answer = await post(LIMITS, **fields)
    assert answer.headers["location"] == "/account/breaks#unsure"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("came_from", "language"),
    [
        ("http://localhost:3000/es/account/breaks", "/es"),
        ("http://localhost:3000/board", ""),
        ("https://evil.example//x", ""),
        ("//[", ""),
        ("http://localhost:3000/es.evil/x", ""),
    ],
)
async def test_a_form_leads_back_to_the_page_in_its_language(post, came_from, language):
    answer = await post(BREAK, OURS | {"referer": came_from}, lasts="hour")
    assert answer.headers["location"] == f"{language}/account/breaks#taken"


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters=";,"))


@given(TEXT)
def test_whatever_a_cookie_says_it_harms_nobody(text):
    header = f"dutchbook_break={text}; dutchbook_limits={text}; dutchbook_age={text}"
    limits = limits_of(header, GATED)
    assert limits.remind_min in (0, *REMINDERS_MIN)
    assert limits.daily_min in (0, *DAILY_MIN)
    found = admitted(ANONYMOUS, header, GATED, lambda: NOON)
    assert found.permissions <= ANONYMOUS.permissions


@pytest.mark.parametrize("text", ["-1", "1e9", "nan", "9" * 12, "٣" * 10, "", '"', "0x10"])
def test_a_forged_end_is_no_break(text):
    assert break_of(f"dutchbook_break={text}", HERE) is None


def test_a_cookie_with_a_hundred_fields_names_no_limits():
    assert limits_of(f"dutchbook_limits={'remind=15&' * 100}", HERE) == Limits()
