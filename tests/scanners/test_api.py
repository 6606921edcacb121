"""The API asked everything that its own description allows, and some things that it does not."""

import json

import httpx
import pytest

from arb_app.openapi import ASKED, PATH
from services.access import Role

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance,unsupported_method"
)
# An owner's session would end there.
LEFT = {"a visitor": [], "an owner": ["/auth/sign-out"]}
ODD = ("\0", "a\0b", "'\"%_\\", "\ufffe", "\U0001f600", "x" * 1_000, "-1", "9" * 40, "0001-01-01")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", LEFT)
async def test_the_api_keeps_to_its_description(tool, product, tmp_path, who):
    report, is_owner = tmp_path / "report.json", who == "an owner"
    cookie = f"Cookie: {await product.cookie(Role.OWNER) if is_owner else 'none=there'}"
    left = [part for path in LEFT[who] for part in ("--exclude-path", path)]
    said = await tool(
        "api", "schemathesis", "run", f"{product.url}{PATH}", "--checks", CHECKS, *left,
        "-H", f"Origin: {product.url}", "-H", cookie, "--max-examples", "30", "--seed", "1",
        "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color",
        "--report-json-path", report, within_s=800, at=tmp_path,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-6_000:]
    told = json.loads(report.read_text())
    assert told["operations"]["tested"] == told["operations"]["total"] - len(LEFT[who])
    assert told["warnings"]["rate_limited"] == []
    assert (told["warnings"]["missing_auth"] == []) is is_owner


async def test_what_makes_no_sense_in_the_query_of_a_file_is_no_error_of_ours(product):
    name, _, token = (await product.cookie(Role.OWNER)).partition("=")
    async with httpx.AsyncClient(trust_env=False, cookies={name: token}) as client:
        for path, asked in ASKED.items():
            for odd in ODD:
                query = dict.fromkeys(asked, odd)
                answer = await client.get(f"{product.url}{path}", params=query, timeout=30)
                assert (answer.status_code, path, odd) == (200, path, odd)
