"""The audit's page in a real browser: how it stands, searched, paged and taken away."""

import csv
from datetime import UTC, datetime

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from jobs.witness import Witness
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import Role
from store import audit
from store.anchors import AnchorFile
from store.audit import Entry
from tests.e2e.conftest import office_of

PHONE = {"viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def admin(stage, database, emptied):
    """The stage for an admin."""
    return await office_of(stage, database, Role.ADMIN)


@pytest.fixture
async def who(database):
    """Somebody of whom there are sixty entries, one of them a formula."""
    name = fresh("somebody-")
    some = [
        Entry(actor=name, action="try", subject=f"source {n}", details={"number": n})
        for n in range(59)
    ]
    odd = Entry(actor=name, action="try.odd", subject="=1+1", details={"why": 'a, "b"\n<b>c</b>'})
    async with database.begin() as db:
        await audit.record_all(db, [*some, odd])
    return name


@pytest.fixture
async def witnessed(database, tmp_path, who):
    """A chain that was anchored and checked."""
    del who
    witness = Witness(
        database=database, clock=SystemClock(), anchors=AnchorFile(tmp_path / "anchors"),
        keys=tmp_path / "key.json", worker="a worker",
    )  # fmt: skip
    await witness.anchor()
    await witness.check()


@pytest.mark.usefixtures("heartbeat", "witnessed")
async def test_it_says_how_the_chain_stands_and_who_did_what(admin, who):
    async with admin.open("/admin/audit") as page:
        standing = page.get_by_test_id("standing")
        await expect(standing).to_contain_text("Untouched")
        await expect(standing).to_contain_text("by key")
        first = page.get_by_test_id("entry").first
        await page.get_by_label("Who").fill(who)
        await page.get_by_role("button", name="Search").click()
        await expect(first).to_contain_text("try.odd")
        await expect(first).to_contain_text(who)
        await first.locator("summary").focus()
        await page.keyboard.press("Enter")
        await expect(first).to_contain_text('a, "b"')
        await expect(first).to_contain_text("<b>c</b>")


@pytest.mark.usefixtures("heartbeat")
async def test_entries_are_searched_and_paged(admin, who):
    async with admin.open("/admin/audit") as page:
        await page.get_by_label("Who").fill(who)
        await page.get_by_label("Action").select_option("try")
        await page.keyboard.press("Tab")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("59 entries")).to_be_visible()
        await expect(page.get_by_test_id("entry")).to_have_count(25)
        await expect(page.get_by_test_id("entry").first).to_contain_text("source 58")
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_test_id("entry").first).to_contain_text("source 33")
        await page.get_by_label("Subject or details").fill('"number": 7')
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("1 entry")).to_be_visible()
        await page.get_by_label("Until").fill("2020-01-01")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("No entry fits")).to_be_visible()
        await page.get_by_label("Until").fill(f"{datetime.now(UTC):%Y-%m-%d}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("1 entry")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_what_was_found_is_taken_away_as_a_file_and_that_is_on_record(admin, who, tmp_path):
    async with admin.open("/admin/audit") as page:
        await page.get_by_label("Who").fill(who)
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("60 entries")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_test_id("export").click()
        file = tmp_path / "audit.csv"
        await (await download.value).save_as(file)
        await page.reload()
        await expect(page.get_by_test_id("entry").first).to_contain_text("audit.export")
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["subject"] for row in rows] == [
        "'=1+1",
        *(f"source {n}" for n in range(58, -1, -1)),
    ]
    assert {row["actor"] for row in rows} == {who}
    assert all(len(row["hash"]) == 64 for row in rows)
    assert [row["previous"] for row in rows[:-1]] == [row["hash"] for row in rows[1:]]


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_is_told_so_and_sent_nothing(stage, database, emptied, role):
    office = await office_of(stage, database, role)
    async with office.open("/admin/audit") as page:
        await expect(page.get_by_test_id("refused")).to_be_visible()
        assert await page.get_by_test_id("entry").count() == 0
    cookie = office.browsers["storage_state"]["cookies"][0]
    answer = await stage.web.get("/exports/audit.csv", cookie=f"{cookie['name']}={cookie['value']}")
    assert (answer.status_code, "seq" in answer.text) == (403, False)


async def test_the_file_is_for_nobody_without_a_session_and_for_no_other_site(admin):
    assert (await admin.web.get("/exports/audit.csv")).status_code == 403
    cookie = admin.browsers["storage_state"]["cookies"][0]
    own = {"cookie": f"{cookie['name']}={cookie['value']}"}
    foreign = await admin.web.get("/exports/audit.csv", **own, **{"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert (await admin.web.get("/exports/audit.csv?who=nobody", **own)).text.startswith("seq,id,")


@pytest.mark.usefixtures("heartbeat", "who", "witnessed")
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_it_fits_a_phone_and_has_no_barrier_that_axe_knows(admin, scheme):
    async with admin.open("/admin/audit", **PHONE, color_scheme=scheme) as page:
        await expect(page.get_by_test_id("entry").first).to_be_visible()
        await page.get_by_test_id("entry").first.locator("summary").click()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []
