"""The API asked everything that its own description allows, and some things that it does not."""

import httpx
import pytest

DESCRIPTION = "/api/v1/openapi.json"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)


async def test_the_api_keeps_to_its_description(tool, product):
    async with httpx.AsyncClient(trust_env=False) as client:
        described = await client.get(f"{product.url}{DESCRIPTION}")
    if described.status_code == httpx.codes.NOT_FOUND:
        pytest.skip(f"there is no API yet: nothing answers at {DESCRIPTION}")
    said = await tool(
        "api", "schemathesis", "run", f"{product.url}{DESCRIPTION}", "--checks", CHECKS,
        "--header", f"Cookie: dutchbook={product.token}", "--max-examples", "30", "--seed", "1",
        "--no-color",
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-6_000:]
