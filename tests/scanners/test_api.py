"""The API asked everything that its own description allows, and some things that it does not."""

import json

import pytest

from arb_app.openapi import PATH
from services.access import Role

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance,unsupported_method"
)
# Its session would end with the first question.
LEFT = {"a visitor": (), "an owner": ("--exclude-path", "/auth/sign-out")}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", LEFT)
async def test_the_api_keeps_to_its_description(tool, product, tmp_path, who):
    report = tmp_path / "report.json"
    cookie = ["-H", f"Cookie: {await product.cookie(Role.OWNER)}"] if who == "an owner" else []
    said = await tool(
        "api", "schemathesis", "run", f"{product.url}{PATH}", "--checks", CHECKS, *LEFT[who],
        "-H", f"Origin: {product.url}", *cookie, "--max-examples", "30", "--seed", "1",
        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color",
        "--report-json-path", report, within_s=800,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-6_000:]
    print(json.loads(report.read_text()).keys())
