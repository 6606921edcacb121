"""The start page, the frame around every page, and addresses that lead nowhere."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from arb_app import theme

SERIOUS = {"serious", "critical"}


async def test_a_newcomer_reads_what_it_is_and_goes_to_the_board(stage):
    async with stage.open("/") as page:
        await expect(page.get_by_role("heading", level=1)).to_contain_text("sure bets")
        await page.get_by_role("link", name="Open the live board").first.click()
        await expect(page).to_have_url(re.compile("/board$"))


async def test_the_worked_example_is_what_our_code_makes_of_its_prices(stage):
    async with stage.open("/") as page:
        example = page.get_by_role("figure")
        for figure in ("2.85", "1.549", "+0.37 %", "$1,003.74", "+$3.74"):
            await expect(example).to_contain_text(figure)
        await expect(page.get_by_text("Price too old")).to_be_visible()


async def test_every_link_leads_to_a_page_that_exists(stage):
    async with stage.open("/") as page:
        hrefs = await page.eval_on_selector_all(
            "a", "links => links.map(a => a.getAttribute('href'))"
        )
    for href in {href for href in hrefs if not href.startswith("#")}:
        assert (await stage.web.get(href)).status_code == 200, href


async def test_an_address_that_leads_nowhere_offers_ways_on(stage):
    page = await stage.browser.new_page()
    answer = await page.goto(f"{stage.web.url}/nowhere")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text("This page does not exist")
    await page.get_by_role("link", name="To the live board").click()
    await expect(page).to_have_url(re.compile("/board$"))
    await page.close()


async def test_light_and_dark_follow_the_system_until_the_reader_chooses(stage):
    async with stage.open("/", color_scheme="dark") as page:
        assert await _ground(page) == _rgb(theme.DARK["bg"])
        await page.get_by_role("button", name="Switch between light and dark").click()
        assert await _ground(page) == _rgb(theme.LIGHT["bg"])
        await page.reload()
        assert await _ground(page) == _rgb(theme.LIGHT["bg"])


async def test_the_first_key_press_offers_to_skip_to_the_content(stage):
    async with stage.open("/") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("#main$"))


@pytest.mark.parametrize("path", ["/", "/status", "/board/0"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_stands_in_the_way_of_assistive_tools(stage, path, scheme):
    async with stage.open(path, color_scheme=scheme) as page:
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found = (await Axe().run(page)).response["violations"]
        assert [each["id"] for each in found if each["impact"] in SERIOUS] == []


@pytest.mark.parametrize("path", ["/", "/status", "/board/0"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_hangs_over_the_edge(stage, path, width):
    async with stage.open(path, viewport={"width": width, "height": 800}) as page:
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_nothing_hangs_over_the_edge_of_a_phone_before_the_fonts_arrive(stage):
    page = await stage.browser.new_page(viewport={"width": 390, "height": 800})
    await page.route("**/*.woff2", lambda route: route.abort())
    await page.goto(stage.web.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.close()


async def _ground(page):
    return await page.evaluate("getComputedStyle(document.body).backgroundColor")


def _rgb(colour):
    return "rgb({}, {}, {})".format(*(int(colour[n : n + 2], 16) for n in (1, 3, 5)))
