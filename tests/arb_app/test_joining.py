"""Joining over HTTP: what each form answers, which is the same whoever has an account."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from arb_app import joining, runtime
from arb_app.letters import written
from arb_app.runtime import Runtime
from arb_app.words import LANGUAGES
from domain.letters import LetterKind
from kit.settings import settings
from services import post
from services.access import OPERATOR
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, OTHER, PASSWORD, CheapPasswords, open_account
from tests.arb_app.asgi import send

OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def ask(resources, clock, emptied):
    """Return a function that sends a form and says where it leads."""
    runtime.install(Runtime(clock, None, resources))
    doors = Starlette(routes=joining.routes(CheapPasswords()))

    async def asking(name, headers=OURS, **fields):
        return await send(doors, f"/auth/{name}", urlencode(fields), **headers)

    return asking


@pytest.fixture
def code(resources):
    """Return a function that finds the code in the newest letter."""

    async def finding():
        async with begin(resources, OPERATOR) as work:
            (newest, *_) = await post.outbox(work, readable=True)
        return newest.letter.text.partition("#")[2].split()[0]

    return finding


async def test_from_the_form_by_the_letter_to_the_board(ask, code):
    answer = await ask("register", email=ANN, password=PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/register#sent")
    answer = await ask("confirm", code=await code(), password=PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/board")
    assert [each.partition("=")[0] for each in answer.cookies] == ["dutchbook", "did"]


async def test_by_the_letter_to_another_password(ask, code, resources):
    await open_account(resources)
    answer = await ask("forgot", email=ANN)
    assert answer.headers["location"] == "/forgot#sent"
    answer = await ask("reset", code=await code(), password=OTHER)
    assert answer.headers["location"] == "/reset#done"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("form", ["register", "forgot"])
async def test_the_answer_is_the_same_for_an_address_with_an_account(ask, resources, form):
    await open_account(resources)
    told = [await ask(form, email=each, password=OTHER) for each in (ANN, "nobody@example.com")]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("form", "fields", "end"),
    [
        ("register", {"email": "none", "password": PASSWORD}, "wrong"),
        ("register", {"email": ANN, "password": "password1234"}, "wrong"),
        ("register", {}, "wrong"),
        ("confirm", {"code": "x" * 43, "password": PASSWORD}, "over"),
        ("confirm", {}, "over"),
        ("forgot", {"email": "none"}, "wrong"),
        ("reset", {"code": "x" * 43, "password": PASSWORD}, "over"),
    ],
)
async def test_a_refusal_stands_on_the_page_of_the_form(ask, form, fields, end):
    answer = await ask(form, **fields)
    assert (answer.status, answer.headers["location"]) == (303, f"/{form}#{end}")
    assert "set-cookie" not in answer.headers


async def test_too_many_are_told_when_to_come_back(ask):
    for _ in range(5):
        await ask("forgot", email=ANN)
    answer = await ask("forgot", email=ANN)
    assert answer.headers["location"] == "/forgot#often"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("form", ["register", "confirm", "forgot", "reset"])
@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}])
async def test_a_form_of_another_site_is_refused(ask, form, headers):
    assert (await ask(form, headers, email=ANN, password=PASSWORD)).status == 403


@pytest.mark.parametrize("kind", sorted(set(LetterKind) - {LetterKind.STEP_CODE}))
def test_a_letter_says_the_same_plain_and_rich_and_its_link_keeps_the_code_from_servers(
    configured, kind
):
    configured.setenv("DUTCHBOOK_PUBLIC_URL", "https://odds.example/")
    settings.cache_clear()
    letter = written(kind, "c" * 43)
    link = f"https://odds.example/{letter.text.partition('example/')[2].split()[0]}"
    assert link.endswith("#" + "c" * 43)
    assert f'href="{link}"' in letter.html
    assert "?" not in link
    for line in LANGUAGES["en"][f"letter.{kind}.text"].split("\n"):
        assert line in letter.text


def test_a_code_that_is_typed_stands_in_the_letter_and_in_no_link():
    letter = written(LetterKind.STEP_CODE, "12345678")
    for told in (letter.text, letter.html):
        assert told.count("12345678") == 1
        assert "#12345678" not in told
