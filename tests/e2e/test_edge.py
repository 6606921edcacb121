"""The edge of the running product: what every answer carries, and what is refused how."""

import json

import pytest
import websockets
from playwright.async_api import expect
from websockets.exceptions import InvalidStatus

from kit.clock import SystemClock
from kit.ids import fresh
from services import limits
from services.access import Role
from services.work import Resources
from tests.e2e.conftest import office_of, until
from tests.facts import a_row, an_event, an_opportunity

SAFE = (
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
    "cache-control", "x-request-id",
)  # fmt: skip
PROBLEM = "application/problem+json"
PATHS = (
    "/", "/board", "/theme.css", "/no-such-page", "/healthz", "/api/v1/openapi.json",
    "/api/v1/nothing", "/exports/audit.csv", "/auth/sign-in", "/ping",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_of_the_product_is_safe(stage, path):
    answer = await stage.web.get(path)
    assert set(SAFE) <= set(answer.headers)
    assert all(len(answer.headers.get_list(name)) == 1 for name in SAFE)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("heartbeat")
async def test_what_a_vendor_calls_its_teams_is_text_on_a_page(stage):
    hostile = "<i id=evil>Lions</i><img src=x onerror=document.title='evil'>"
    row = a_row(opportunity=an_opportunity(an_event(f"{hostile} v Bears")), id="ab" * 12)
    await stage.worker.publish(row)
    async with stage.open("/board") as page:
        await expect(page.get_by_text("<i id=evil>Lions</i>").first).to_be_visible()
        assert await page.locator("#evil").count() == 0
        assert await page.title() != "evil"


async def test_only_what_is_the_same_for_everybody_may_be_kept(stage):
    kept = {path: (await stage.web.get(path)).headers["cache-control"] for path in PATHS}
    assert {kept[path] for path in ("/", "/board", "/theme.css")} == {"no-cache"}
    assert {kept[path] for path in PATHS[3:]} == {"no-store"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/v1/nothing", {}, 404),
        ("/auth/sign-in", {}, 405),
        ("/exports/audit.csv", {}, 403),
        ("/board", {"host": "evil.example"}, 421),
        ("/board", {"cookie": "c" * 20_000}, 431),
        ("/board", {"x-large": "c" * 70_000}, 431),
        ("/" + "a" * 9_000, {}, 414),
    ],
    ids=["nothing", "method", "not allowed", "host", "cookie", "head", "target"],
)
async def test_what_is_refused_is_a_problem(stage, path, headers, status):
    answer = await stage.web.get(path, **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


async def test_an_unknown_page_stays_a_page(stage):
    answer = await stage.web.get("/no-such-page")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (404, "text/html")


async def test_a_strangers_page_is_told_nothing_by_any_way_that_browsers_know(stage):
    theirs = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for path in ("/auth/sign-in", "/board", "/api/v1/openapi.json"):
        answer = await stage.web.get(path, **theirs)
        assert answer.headers.get("access-control-allow-origin") in {None, stage.web.url}
    where = f"ws://127.0.0.1:{stage.web.port}/_event/?token={fresh()}&EIO=4&transport=websocket"
    with pytest.raises(InvalidStatus) as refused:
        async with websockets.connect(where, origin="https://evil.example", proxy=None):
            pass
    assert refused.value.response.status_code >= 400
    assert set(SAFE) <= {name.lower() for name in refused.value.response.headers}


async def test_refusals_are_on_the_page_of_the_limits(stage, database):
    resources = Resources(database, stage.worker.cache, SystemClock())
    await limits.note(resources, {("auth", "address"): 41}, {"203.0.113.9": 41})
    admin = await office_of(stage, database, Role.ADMIN)
    async with admin.open("/admin/limits") as page:
        row = page.get_by_test_id("limit").filter(has_text="Signing in and joining")
        await expect(row).to_contain_text("41")
        await expect(page.get_by_test_id("network").first).to_contain_text("203.0.113.0/24")
        await page.get_by_label("Network").fill("10.9.")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_role("heading", name="No network")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_test_id("export").click()
        text = (await (await download.value).path()).read_text()
    assert text.startswith("minute,class,quota,refused")
    assert ",auth,address,41" in text


async def test_a_member_who_is_none_of_the_staff_sees_no_limits(stage, database):
    member = await office_of(stage, database, Role.MEMBER)
    async with member.open("/admin/limits") as page:
        await expect(page.get_by_test_id("limit")).to_have_count(0)
    (cookie,) = member.browsers["storage_state"]["cookies"]
    told = await stage.web.get("/exports/limits.csv", cookie=f"dutchbook={cookie['value']}")
    assert told.status_code == 403


async def test_a_member_is_refused_beyond_their_quota_and_served_again(stage, database):
    member = await office_of(stage, database, Role.MEMBER)
    (cookie,) = member.browsers["storage_state"]["cookies"]
    own = {"cookie": f"dutchbook={cookie['value']}", "x-forwarded-for": "203.0.113.20"}
    for _ in range(5):
        assert (await stage.web.get("/exports/audit.csv", **own)).status_code == 403
    refused = await stage.web.get("/exports/audit.csv", **own)
    assert (refused.status_code, json.loads(refused.text)["status"]) == (429, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 12

    async def served():
        return (await stage.web.get("/board", **own)).status_code == 200

    await until(served, within_s=5)
