"""What doors say to who asks amiss, and how they are described to programs."""

import json

import pytest
from starlette.routing import Route

from arb_app import http
from arb_app.openapi import PATH
from arb_app.refusing import FOLDERS
from tests.arb_app.asgi import get, send

DOORS = http.routes()
OPEN = {
    (route.path, method)
    for route in DOORS.routes
    if isinstance(route, Route) and route.methods
    for method in route.methods - {"HEAD"}
}


@pytest.mark.parametrize("folder", FOLDERS)
async def test_below_a_folder_of_doors_there_is_nothing_else(folder):
    assert (await get(DOORS, f"{folder}/nothing")).status == 404
    assert (await send(DOORS, f"{folder}/nothing/at/all", "", method="DELETE")).status == 404


@pytest.mark.parametrize(("path", "method"), sorted(OPEN))
async def test_a_door_knows_its_methods_and_no_other(path, method):
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - {method}:
        answer = await send(DOORS, path, "", method=other)
        assert (answer.status, method in answer.headers["allow"]) == (405, True)


async def described():
    answer = await get(DOORS, PATH)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return json.loads(answer.body)


async def test_every_door_is_described_and_nothing_that_is_none():
    told = {
        (path, method.upper())
        for path, methods in (await described())["paths"].items()
        for method in methods
    }
    assert told == OPEN
    assert ("/auth/sign-in", "POST") in told


async def test_every_operation_says_its_refusals_and_what_they_are_made_of():
    document = await described()
    assert document["openapi"].startswith("3.1")
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for methods in document["paths"].values():
        for operation in methods.values():
            refusal = operation["responses"]["429"]["content"]
            assert refusal == {"application/problem+json": problem}
    assert "Problem" in document["components"]["schemas"]


async def test_every_operation_has_a_name_of_its_own():
    operations = [o for each in (await described())["paths"].values() for o in each.values()]
    assert len({o["operationId"] for o in operations}) == len(operations) > 8
