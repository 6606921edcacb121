"""The keys' page in a real browser: looked at, rotated after a second yes, and no key on it."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from jobs.resealing import Resealing
from kit.clock import SystemClock
from services.access import Role
from store.keyhold import FileHold
from store.keys import FILE
from tests.e2e.conftest import office_of

PHONE = {"viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def worker(environment, database, owner, emptied):
    """What the worker that leads does for the keys, when told."""
    owner.execute("truncate sealing_keys, key_rotations")
    hold = FileHold(Path(environment["DUTCHBOOK_DATA_DIR"]) / FILE, named=True)
    resealing = Resealing(database=database, keys=hold, clock=SystemClock(), worker="a worker")
    await resealing.tend()
    yield resealing
    owner.execute("truncate sealing_keys, key_rotations")


@pytest.mark.usefixtures("heartbeat")
async def test_an_owner_rotates_after_a_second_yes_and_follows_it(stage, database, worker):
    office = await office_of(stage, database, Role.OWNER)
    old = worker.keys.now()
    async with office.open("/admin/keys") as page:
        first = page.get_by_test_id("key").first
        await expect(first).to_contain_text(old.current)
        await expect(first).to_contain_text("Current")
        await page.get_by_role("button", name="Rotate now").click()
        await page.get_by_role("button", name="No, leave it").click()
        await page.get_by_role("button", name="Rotate now").click()
        await page.get_by_role("button", name="Yes, rotate").click()
        await expect(page.get_by_test_id("rotation")).to_contain_text("Asked for")
        await worker.tend()
        new = worker.keys.now()
        assert new.current != old.current
        await expect(page.get_by_test_id("rotation")).to_contain_text("Done")
        await expect(page.get_by_text(new.current).first).to_be_visible()
        await expect(page.get_by_test_id("act").first).to_contain_text("keys.rotated")
        shown = await page.content()
        assert all(key.hex() not in shown for key in new.keys.values())


@pytest.mark.usefixtures("heartbeat", "worker")
async def test_an_admin_looks_and_has_nothing_to_press(stage, database):
    office = await office_of(stage, database, Role.ADMIN)
    async with office.open("/admin/keys") as page:
        await expect(page.get_by_test_id("key").first).to_be_visible()
        await expect(page.get_by_text("You may look")).to_be_visible()
        assert await page.get_by_role("button", name="Rotate now").count() == 0


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_is_told_so_and_sent_nothing(stage, database, emptied, role):
    office = await office_of(stage, database, role)
    async with office.open("/admin/keys") as page:
        await expect(page.get_by_test_id("refused")).to_be_visible()
        assert await page.get_by_test_id("key").count() == 0


@pytest.mark.usefixtures("heartbeat", "worker")
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_it_fits_a_phone_and_has_no_barrier_that_axe_knows(stage, database, scheme):
    office = await office_of(stage, database, Role.OWNER)
    async with office.open("/admin/keys", **PHONE, color_scheme=scheme) as page:
        await expect(page.get_by_test_id("key").first).to_be_visible()
        await page.get_by_role("button", name="Rotate now").click()
        await expect(page.get_by_test_id("sure")).to_be_visible()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []
