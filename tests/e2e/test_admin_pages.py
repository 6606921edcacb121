"""The pages of admins in a real browser: matching, from merge to undo, and quality."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from domain.matching import Link, Proposal
from feeds.recordings import readings
from jobs.unknown import Unknown
from kit.clock import SystemClock
from services.access import Role
from store import matching as stored
from tests.e2e.conftest import office_of
from tests.facts import a_health, a_reliability, an_event, some_refusals

RECORDING = "providers/betsapi/bwin_event.json"
PHONE = {"viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def admin(stage, database, emptied):
    """The stage for an admin."""
    return await office_of(stage, database, Role.ADMIN)


@pytest.fixture
async def noted(owner):
    """Empty the tables of what is noted beside the board."""
    yield
    owner.execute("delete from unknown_names")  # what a page asks for at the same time goes on
    owner.execute("delete from refused_crossings")


def a_link(source, ours, name="Lions v Bears", **changes):
    event = an_event(name, id=f"{source}:{name}", source_id=name)
    return Link(event=event, source=source, canonical_id=ours, **changes)


@pytest.fixture
async def doubtful(database, emptied):
    """Two pairs that wait for a person."""
    del emptied
    links = [
        *(a_link("vendor", "A"), a_link("other", "B", "Lions FC v Bears")),
        *(a_link("vendor", "C", "Owls v Foxes"), a_link("other", "D", "Owls Women v Foxes")),
    ]
    evidence = {"why": ["start_drifted"], "features": {"contradictions": 0.5}, "minutes_apart": 95}
    pairs = [
        Proposal(event_id=links[1].event.id, canonical_id="A", reversed=False, chance=0.8,
                 evidence=evidence),
        Proposal(event_id=links[3].event.id, canonical_id="C", reversed=True, chance=0.4,
                 evidence={"why": ["squad_unclear"]}),
    ]  # fmt: skip
    async with database.begin() as db:
        await stored.save_links(db, links)
        await stored.save_proposals(db, pairs)


async def place_of(database, event_id):
    async with database.begin() as db:
        (link,) = (await stored.links_by_event(db, [event_id])).values()
        return link.canonical_id, link.reversed


@pytest.mark.usefixtures("doubtful")
async def test_a_merge_by_keyboard_is_done_shown_and_undone(admin, database):
    moved = "other:Lions FC v Bears"
    async with admin.open("/admin/matching") as page:
        first = page.get_by_test_id("doubt").first
        await expect(first).to_contain_text("80.0 %")
        await expect(first).to_contain_text("The starts have drifted apart")
        await expect(first).to_contain_text("Lions FC v Bears")
        await first.get_by_role("button", name="Same event", exact=True).focus()
        await page.keyboard.press("Enter")
        reason = page.get_by_label("Why")
        await expect(reason).to_be_focused()
        assert (await place_of(database, moved)) == ("B", False)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Merged.", exact=True)).to_be_visible()
        await expect(page.get_by_test_id("doubt")).to_have_count(1)
        assert (await place_of(database, moved)) == ("A", False)
        action = page.get_by_test_id("action").first
        await expect(action).to_contain_text("Seen side by side on the matching page")
        await page.locator(".told").get_by_role("button", name="Undo").click()
        await expect(page.get_by_text("Undone.", exact=True)).to_be_visible()
        assert (await place_of(database, moved)) == ("B", False)


@pytest.mark.usefixtures("doubtful")
async def test_a_pair_answered_with_no_leaves_and_comes_back_when_that_is_undone(admin):
    async with admin.open("/admin/matching") as page:
        last = page.get_by_test_id("doubt").last
        await last.get_by_role("button", name="Not the same").click()
        await expect(page.get_by_text("Kept apart: the pair")).to_be_visible()
        await expect(page.get_by_test_id("doubt")).to_have_count(1)
        await page.get_by_test_id("action").first.get_by_role("button", name="Undo").click()
        await expect(page.get_by_test_id("doubt")).to_have_count(2)


@pytest.mark.usefixtures("doubtful")
async def test_a_merge_can_be_called_off_and_a_pair_be_skipped(admin, database):
    async with admin.open("/admin/matching") as page:
        first = page.get_by_test_id("doubt").first
        await first.get_by_role("button", name="Same, sides reversed").click()
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_test_id("confirm")).to_have_count(0)
        assert (await place_of(database, "other:Lions FC v Bears")) == ("B", False)
        await first.get_by_role("button", name="Skip").click()
        await expect(page.get_by_test_id("doubt")).to_have_count(1)
        await page.get_by_role("button", name="Look again").click()
        await expect(page.get_by_test_id("doubt")).to_have_count(2)


async def test_a_link_that_was_found_is_split_out(admin, database, emptied):
    del emptied
    async with database.begin() as db:
        await stored.save_links(
            db, [a_link("vendor", "A"), a_link("other", "A", "Lions Utd v Bears")]
        )
    async with admin.open("/admin/matching") as page:
        await expect(page.get_by_text("No pair waits for an answer")).to_be_visible()
        await page.get_by_label("Side, league or id").fill("lions utd")
        await page.get_by_role("button", name="Find").click()
        link = page.get_by_test_id("link").filter(has_text="Lions Utd")
        await link.get_by_role("button", name="Split out").click()
        await page.get_by_role("button", name="Yes, split").click()
        await expect(page.get_by_text("Split.", exact=True)).to_be_visible()
        assert (await place_of(database, "other:Lions Utd v Bears"))[0] != "A"


async def test_whoever_is_no_admin_is_told_so_and_sent_nothing(stage):
    for path in ("/admin/matching", "/admin/quality"):
        async with stage.open(path) as page:
            await expect(page.get_by_text("Sign in to see this page")).to_be_visible()
            await expect(page.get_by_test_id("doubt")).to_have_count(0)


@pytest.mark.usefixtures("noted")
async def test_unknown_names_of_a_real_recording_are_shown_by_source(admin, database, recorded_dir):
    heard = Unknown(SystemClock())
    (path,) = recorded_dir.glob(RECORDING)
    for reading in readings(path):
        heard.hear(reading, datetime.now(UTC))
    assert len(heard)
    await heard.save(database, datetime.now(UTC))
    async with database.begin() as db:
        most = sa.text("select name, source, count from unknown_names order by count desc limit 1")
        name, source, count = (await db.execute(most)).one()
    async with admin.open("/admin/quality") as page:
        first = page.get_by_test_id("unknown-name").first
        await expect(first).to_contain_text(name)
        await expect(first).to_contain_text(f"{count:,}")
        await page.get_by_label("Source").select_option(source)
        await expect(page.get_by_test_id("unknown-name").first).to_contain_text(source)


@pytest.mark.usefixtures("heartbeat", "noted")
async def test_gates_books_and_drops_are_shown_with_their_counts(admin):
    cache = admin.worker.cache
    await admin.worker.refuse(some_refusals())
    await cache.put_source(a_health())
    await cache.put_reliability(a_reliability())
    async with admin.open("/admin/quality") as page:
        gate = page.get_by_test_id("gate").first
        await expect(gate).to_contain_text("Price too old")
        await expect(gate).to_have_attribute("data-code", "leg_too_old")
        await expect(page.get_by_test_id("book").filter(has_text="Alpha")).to_contain_text(
            "Price too old (1)"
        )
        await expect(page.get_by_test_id("dropped").first).to_contain_text("2 dropped")
        await expect(page.get_by_text("Every name is known")).to_be_visible()


@pytest.mark.usefixtures("doubtful", "heartbeat", "noted")
async def test_both_pages_fit_a_phone_and_have_no_barrier_that_axe_knows(admin):
    await admin.worker.refuse(some_refusals())
    await admin.worker.cache.put_reliability(a_reliability())
    for path, mark in (("/admin/matching", "doubt"), ("/admin/quality", "gate")):
        async with admin.open(path, **PHONE) as page:
            await expect(page.get_by_test_id(mark).first).to_be_visible()
            assert not await page.evaluate(WIDER)
            found = await Axe().run(page)
            faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
            # The router writes the skip link as a whole address, which axe takes for a way out.
            assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []


@pytest.mark.usefixtures("heartbeat")
async def test_an_empty_board_says_why_and_a_refused_crossing_opens_with_its_legs(stage):
    await stage.worker.cache.put_source(a_health())
    async with stage.open("/board") as page:
        why = page.get_by_test_id("why")
        await expect(why).to_contain_text(re.compile("of .* sources that are switched on answer"))
        await stage.worker.refuse(some_refusals())
        await expect(why).to_contain_text("Held back now: 1, by Price too old (1).")
        row = page.get_by_test_id("refused-row")
        await row.locator("summary").focus()
        await page.keyboard.press("Enter")
        await expect(row).to_contain_text("Alpha: 400 s, allowed 90 s")
        await expect(row.get_by_role("listitem").filter(has_text="Beta")).to_be_visible()
