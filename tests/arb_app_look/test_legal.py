"""Legal pages and plans: every figure and name that they say is the one that the code goes by."""

import re

import pytest

from arb_app import cookies, devices, words
from arb_app.pages import PAGES
from arb_app.pages.legal import DOCUMENTS
from arb_app.pages.pricing import facts
from arb_app.state.legal import LegalState, kept_lines
from domain.plans import PLANS, PlanName
from kit.settings import Settings, settings
from services.kept import ABOUT_PEOPLE, ABOUT_PRICES, kept
from store.tables import OWNERS, RETENTION


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    for name in ("RETENTION_DAYS", "DAILY_RETENTION_DAYS"):
        monkeypatch.delenv(f"DUTCHBOOK_{name}", raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def figures(text):
    return [int(each) for each in re.findall(r"\d+", text)]


@pytest.mark.parametrize("table", [*ABOUT_PEOPLE, *ABOUT_PRICES])
def test_what_is_said_of_a_table_has_every_figure_of_its_rule_and_no_other(table):
    (line,) = kept_lines([table])
    found = kept(table, Settings()).figures
    limits = [7, 30, 2, 12] if table == "sessions" else []
    assert figures(line.time) == [*limits, *found]


def test_every_table_of_members_is_told():
    assert OWNERS.keys() <= set(ABOUT_PEOPLE)
    assert {*ABOUT_PEOPLE, *ABOUT_PRICES} <= RETENTION.keys()


def test_what_the_operator_has_set_is_what_is_told(configured):
    configured.setenv("DUTCHBOOK_RETENTION_DAYS", "11")
    configured.setenv("DUTCHBOOK_DAILY_RETENTION_DAYS", "22")
    settings.cache_clear()
    state = LegalState()
    state.open()
    told = {line.what: line.time for line in state.prices}
    assert told["Prices as they were read"] == "11 days"
    assert told["First, last and extreme prices of a past day"] == "22 days"


def test_no_rule_names_a_setting_that_is_gone():
    named = {each for rule in RETENTION.values() for each in re.findall(r"DUTCHBOOK_(\w+)", rule)}
    assert {each.lower() for each in named} <= Settings.model_fields.keys()


def test_every_legal_page_has_its_address_and_privacy_a_short_one():
    routes = {page.route for page in PAGES}
    assert {f"/legal/{name}" for name in DOCUMENTS} | {"/privacy", "/pricing"} <= routes


def test_no_cookie_is_called_alike():
    names = {cookies.NAME, devices.NAME, cookies.AGE, cookies.BREAK, cookies.LIMITS}
    assert len(names) == 5


@pytest.mark.parametrize("name", PlanName)
def test_a_plan_is_told_as_it_is(name):
    plan = PLANS[name]
    told = [text for _, text in facts(plan)]
    assert (f"Everything {plan.delay_s:.0f} seconds late" in told) is (plan.delay_s > 0)
    assert (words.say("pricing.masked") in told) is plan.mask_books
    assert (words.say("pricing.one_league") in told) is plan.one_league
    assert (words.say("pricing.raw") in told) is plan.raw
    capped = [text for text in told if text.startswith("Returns in steps")]
    assert len(capped) == (plan.roi_cap is not None)
    if capped:
        assert capped == [
            f"Returns in steps of {plan.roi_step * 100} %, up to {plan.roi_cap * 100} %"
        ]
