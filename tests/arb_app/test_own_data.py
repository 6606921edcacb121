"""A member's own doors over HTTP: what they do, what they refuse, and what files they give."""

import io
import json
import zipfile
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from arb_app import admin_exports, joining, own_data, runtime, sign_in
from arb_app.own_data import JSON, PAGE, ZIP
from arb_app.runtime import Runtime
from domain.letters import LetterKind
from kit.settings import settings
from services import post, support
from services.access import OPERATOR, PROOF_LASTS, Role
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, BOB, OTHER, PASSWORD, CheapPasswords, open_account, signed_in
from tests.arb_app.asgi import get, send

OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
NEW = "ann@elsewhere.example"
FORMS = {
    "move": {"email": NEW},
    "close": {"typed": ANN},
    "erase": {"typed": ANN},
    "grant": {"hours": "24", "reason": "look"},
    "revoke": {},
}
FILES = [JSON, ZIP, admin_exports.MEMBERS, admin_exports.SESSIONS]


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def doors(resources, clock, emptied):
    runtime.install(Runtime(clock, None, resources))
    cheap = CheapPasswords()
    others = (*joining.routes(cheap), *sign_in.routes(cheap), *admin_exports.routes())
    return Starlette(routes=[*own_data.routes(), *others])


@pytest.fixture
async def cookie(doors, resources):
    """What Ann's browser sends."""
    await open_account(resources)
    return f"dutchbook={await signed_in(resources, address='127.0.0.1')}"


@pytest.fixture
def ask(doors, cookie):
    async def asking(name, headers=OURS, **fields):
        told = {"cookie": cookie} | headers
        return await send(doors, f"/auth/data/{name}", urlencode(fields), **told)

    return asking


async def letter(resources, kind):
    async with begin(resources, OPERATOR) as work:
        kept = await post.outbox(work, readable=True)
    return next(each for each in kept if each.kind == kind)


async def test_by_two_letters_to_another_address_and_back(ask, doors, resources):
    assert (await ask("move", email=NEW)).headers["location"] == f"{PAGE}#sent"
    for kind, address, path, fields in (
        (LetterKind.MOVE, NEW, "/move", {"password": PASSWORD}),
        (LetterKind.MOVED_AWAY, ANN, "/keep", {}),
    ):
        found = await letter(resources, kind)
        way, _, code = found.letter.text.partition(f"{path}#")
        assert (found.address, bool(way)) == (address, True)
        body = urlencode({"code": code.split()[0], **fields})
        answer = await send(doors, f"/auth{path}", body, **OURS)
        assert answer.headers["location"] == f"{path}#done"
        again = await send(doors, f"/auth{path}", body, **OURS)
        assert again.headers["location"] == f"{path}#over"


async def test_an_address_with_an_account_is_answered_as_one_without(ask, resources):
    await open_account(resources, BOB)
    assert await ask("move", email=BOB) == await ask("move", email=NEW)


async def test_closing_takes_the_cookie_and_signing_in_offers_to_come_back(ask, doors):
    answer = await ask("close", typed=ANN)
    assert answer.headers["location"] == "/come-back#closed"
    assert "Max-Age=0" in answer.cookies[0]
    assert "storage" in answer.headers["clear-site-data"]
    body = urlencode({"email": ANN, "password": PASSWORD})
    for way, end in (("sign-in", "/come-back#closed"), ("come-back", "/come-back#done"),
                     ("come-back", "/come-back#wrong"), ("sign-in", "/")):  # fmt: skip
        answer = await send(doors, f"/auth/{way}", body, **OURS)
        assert answer.headers["location"] == end
    wrong = urlencode({"email": ANN, "password": OTHER})
    assert (await send(doors, "/auth/sign-in", wrong, **OURS)).headers["location"].endswith("wrong")


async def test_erasing_is_for_good(ask, doors):
    assert (await ask("erase", typed=ANN)).headers["location"] == "/come-back#erased"
    body = urlencode({"email": ANN, "password": PASSWORD})
    for way in ("sign-in", "come-back"):
        answer = await send(doors, f"/auth/{way}", body, **OURS)
        assert answer.headers["location"].endswith("#wrong")


async def test_support_is_let_in_and_out(ask):
    assert (await ask("grant", hours="1", reason="look")).headers["location"] == f"{PAGE}#granted"
    assert (await ask("revoke")).headers["location"] == f"{PAGE}#revoked"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}])
async def test_a_form_of_another_site_is_refused(ask, form, headers):
    assert (await ask(form, headers, **FORMS[form])).status == 403


@pytest.mark.parametrize("form", set(FORMS) - {"revoke"})
async def test_who_has_not_proved_lately_is_sent_to_do_so(ask, form, clock):
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    answer = await ask(form, **FORMS[form])
    assert answer.headers["location"] == "/account/prove?next=/account/data"
    assert (await ask("revoke")).headers["location"] == f"{PAGE}#revoked"


@pytest.mark.parametrize("form", FORMS)
async def test_a_visitor_is_refused(ask, form):
    answer = await ask(form, OURS | {"cookie": ""}, **FORMS[form])
    assert answer.headers["location"] == f"{PAGE}#wrong"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("move", {"email": "none"}), ("move", {"email": ANN}), ("close", {}),
        ("close", {"typed": BOB}), ("erase", {"typed": "ann"}), ("grant", {"hours": "24"}),
        ("grant", {"hours": "9" * 99, "reason": "x"}), ("grant", {"hours": "x", "reason": "x"}),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(ask, form, fields):
    assert (await ask(form, **fields)).headers["location"] == f"{PAGE}#wrong"


async def test_the_files_have_what_is_kept_and_no_formula(ask, doors, cookie):
    await ask("grant", hours="1", reason="=1+1")
    answer = await get(doors, JSON, cookie=cookie)
    kept = json.loads(answer.body)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="dutchbook-2030-01-01.json"'
    )
    assert kept["accounts"][0]["email"] == ANN
    assert kept["support_grants"][0]["reason"] == "=1+1"
    whole = zipfile.ZipFile(io.BytesIO(own_data._zip(kept)))
    assert "'=1+1" in whole.read("support_grants.csv").decode()
    assert set(whole.namelist()) == {f"{name}.csv" for name in kept}


@pytest.mark.parametrize("path", FILES)
async def test_no_file_for_another_site_or_a_visitor(doors, cookie, path):
    crossed = {"cookie": cookie, "sec-fetch-site": "cross-site"}
    assert (await get(doors, path, **crossed)).status == 403
    assert (await get(doors, path)).status == 403


async def test_a_file_is_given_a_few_times_and_only_after_a_proof(doors, cookie, clock):
    for _ in range(4):
        assert (await get(doors, JSON, cookie=cookie)).status == 200
    answer = await get(doors, JSON, cookie=cookie)
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (429, True)
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    answer = await get(doors, ZIP, cookie=cookie)
    assert answer.headers["location"] == "/account/prove?next=/account/data"


async def test_lists_are_for_those_who_manage_accounts(doors, cookie, resources, clock):
    await open_account(resources, BOB, Role.ADMIN)
    admin = f"dutchbook={await signed_in(resources, BOB)}"
    for path in (admin_exports.MEMBERS, admin_exports.SESSIONS):
        assert (await get(doors, path, cookie=cookie)).status == 403
        answer = await get(doors, path, cookie=admin)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert ANN in answer.body
        assert "argon2" not in answer.body
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    answer = await get(doors, admin_exports.MEMBERS, cookie=admin)
    assert answer.headers["location"] == "/account/prove?next=/admin/members"
    assert support.HOURS == (1, 24, 72)
