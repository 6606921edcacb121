"""The admins' page of sources in a real browser, and what is wrong on the status page."""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from domain.control import CredentialReport, Trial, TrialOutcome
from domain.sources import SourceState
from services.access import Role
from store import control_room
from store.keys import KeyRing
from tests.controls import everything_cached, everything_stored, swept
from tests.e2e.conftest import ROOT, Web, office_of, until
from tests.facts import a_health

SECRET = "a-key-that-nobody-sees"


def now():
    return datetime.now(UTC)


@dataclass
class HeardWeb(Web):
    """A web process of its own; what it logs is kept."""

    log: str = ""

    def said(self):
        """Return all that it logged."""
        return Path(self.log).read_text()

    def _spawn(self, command):
        with Path(self.log).open("w") as file:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stderr=file, stdout=file
            )


@pytest.fixture(scope="module")
async def heard(environment, whole_stage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    keys = folder / "keys.json"
    KeyRing.at(keys)
    told = environment | {"DUTCHBOOK_KEYS_FILE": str(keys), "DUTCHBOOK_LOG_LEVEL": "DEBUG"}
    web = HeardWeb(told, log=str(folder / "web.log"))
    await web.start()
    yield web
    web.end()


@pytest.fixture
async def office(stage, heard, database, emptied):
    """The stage for an admin, before a web process that is heard."""
    return await office_of(stage, database, Role.ADMIN, heard)


@pytest.fixture(autouse=True)
def empty(owner):
    swept(owner)
    yield
    swept(owner)


async def panel_of(page, name):
    await page.get_by_role("searchbox").fill(name)
    row = page.get_by_test_id("source-row").filter(has_text=name)
    await expect(page.get_by_test_id("source-row")).to_have_count(1)
    await row.get_by_role("button").click()
    return page.get_by_test_id("source-panel")


async def test_a_visitor_is_told_that_the_page_is_not_for_them(stage):
    async with stage.open("/admin/sources") as page:
        await expect(page.get_by_role("heading", name="Sign in to see this page")).to_be_visible()
        await expect(page.get_by_test_id("source-row")).to_have_count(0)


async def test_an_admin_searches_and_filters_all_sources(office):
    await office.worker.cache.put_source(
        a_health("kalshi", title="Kalshi", state=SourceState.FAILING, note="kalshi: it is down")
    )
    async with office.open("/admin/sources") as page:
        await expect(page.get_by_test_id("source-row")).to_have_count(20)
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_role("button", name="Next")).to_be_disabled()
        await page.get_by_label("State").select_option("failing")
        await expect(page.get_by_test_id("source-row").filter(has_text="Kalshi")).to_be_visible()


async def test_a_credential_is_given_and_never_seen_again(office, owner):
    async with office.open("/admin/sources") as page:
        panel = await panel_of(page, "betsapi")
        part = panel.get_by_test_id("credential-part")
        await expect(part).to_contain_text("Not set")
        field = part.get_by_label("New value of key")
        await expect(field).to_have_attribute("autocomplete", "off")
        await expect(field).to_have_attribute("type", "password")
        await field.fill(SECRET)
        await part.get_by_role("button", name="Save").click()
        await expect(panel.get_by_test_id("said")).to_contain_text("sealed")
        await expect(part).to_contain_text("Stored")
        await expect(field).to_have_value("")
        await expect(panel.get_by_test_id("source-log")).to_contain_text("Credential set")
        assert SECRET not in await page.content()
        await part.get_by_role("button", name="Clear").click()
        await expect(part).to_contain_text("Not set")
    places = (
        everything_stored(owner), await everything_cached(office.worker.cache), office.web.said()
    )  # fmt: skip
    assert [SECRET in text for text in places] == [False] * 3


async def test_a_source_is_switched_off_after_asking_once_more(office, owner):
    async with office.open("/admin/sources") as page:
        panel = await panel_of(page, "kalshi")
        await panel.get_by_role("button", name="Switch off").click()
        await panel.get_by_role("button", name="Cancel").click()
        await panel.get_by_role("button", name="Switch off").click()
        await panel.get_by_label("Reason, for the record").fill("too dear")
        await panel.get_by_role("button", name="Switch off").click()
        await expect(panel).to_contain_text(re.compile(r"Switched off by account \w{8}\. too dear"))
        assert owner.execute("select source, enabled from source_switches").fetchall() == [
            ("kalshi", False)
        ]
        await expect(panel.get_by_role("button", name="Switch on")).to_be_visible()


async def test_a_trial_is_shown_with_what_it_brought(office):
    cache = office.worker.cache
    async with office.open("/admin/sources") as page:
        panel = await panel_of(page, "kalshi")
        await panel.get_by_role("button", name="Test now").click()
        await expect(panel.get_by_role("button", name="Asking…")).to_be_disabled()
        (asked,) = await until(lambda: control_room.take_trials(cache, ["kalshi"]))
        done = Trial(
            asked=asked, outcome=TrialOutcome.ANSWERED, took_s=0.25, quotes=31,
            rejected={"duplicate": 2},
        )  # fmt: skip
        await control_room.put_trial(cache, done)
        trial = panel.get_by_test_id("trial")
        for told in ("Answered", "31 quotes read, 2 rejected, in 0.25 s", "Sent twice"):
            await expect(trial).to_contain_text(told)
        await expect(panel.get_by_role("button", name="Test now")).to_be_enabled()


async def test_a_misspelt_variable_is_named(office):
    report = CredentialReport(misspelt=["DUTCHBOOK_CREDENTIAL_BETSAPII"])
    await control_room.report(office.worker.cache, "worker", report)
    async with office.open("/admin/sources") as page:
        await expect(page.get_by_test_id("misspelt")).to_contain_text("BETSAPII")


@pytest.mark.usefixtures("heartbeat")
async def test_what_is_wrong_stands_on_the_status_page_until_it_is_mended(stage, owner):
    owner.execute(
        "insert into alerts (subject, code, sentence, opened_at)"
        " values ('sources', 'all_down', 'None of the 3 sources that are asked answers.', now())"
    )
    async with stage.open("/status") as page:
        alert = page.get_by_test_id("alert")
        await expect(alert).to_contain_text("None of the 3 sources")
        owner.execute("update alerts set closed_at = now()")
        await expect(alert).to_have_count(0)
