"""The calculators in a real browser."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from services.calculators import CALCULATORS


async def test_an_answer_follows_what_is_typed_and_its_link_keeps_it(stage):
    async with stage.open("/calculator") as page:
        answer = page.get_by_role("region", name="Answer")
        await expect(answer).to_contain_text("+3.73 %")
        await page.get_by_label("Outcome 1").fill("2.30")
        await expect(answer).to_contain_text("+8.39 %")
        await page.get_by_label("Write odds as").select_option("american")
        await expect(page.get_by_label("Outcome 1")).to_have_value("+130")
        await page.get_by_test_id("calculator-link").click()
        await expect(page.get_by_label("Outcome 1")).to_have_value("+130")
        await expect(page.get_by_role("region", name="Answer")).to_contain_text("+8.39 %")


async def test_a_fault_is_told_at_its_field(stage):
    async with stage.open("/calculator?c=kelly") as page:
        await page.get_by_label("Your chance of winning").fill("150")
        await expect(page.get_by_text("This is out of range here.")).to_be_visible()
        field = page.get_by_label("Your chance of winning")
        await expect(field).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("name", CALCULATORS)
async def test_no_calculator_has_a_fault_that_axe_finds(stage, name):
    async with stage.open(f"/calculator?c={name}") as page:
        await expect(page.get_by_role("heading", name="Answer")).to_be_visible()
        found = await Axe().run(page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
