"""Where scanners are, and a product for them to attack: real servers and the web process."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass

import pytest

from cli.security import LISTS, PLACE
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import Role
from services.work import Resources
from store.cache import Cache
from tests.accounts import open_account, signed_in
from tests.e2e import conftest as stage
from tests.facts import a_row

ROOT = LISTS.parents[1]
environment = stage.environment
STARTS_WITHIN_S = 900.0
"""The front end is built first, which takes a minute of a machine with nothing else to do."""


@pytest.fixture(scope="session")
def tool():
    """Return a function that runs a program of one list of tools, and returns what it said."""

    async def running(name, program, *arguments, within_s=600, at=ROOT):
        place = PLACE / name
        if not (place / "installed.txt").is_file():
            pytest.skip("its tools are not installed: ./arb test --security does that")
        command = [str(place / "bin" / program), *map(str, arguments)]
        path = {"PATH": f"{place / 'bin'}:/usr/bin:/bin", "HOME": str(place)}
        return await asyncio.to_thread(
            subprocess.run, command, cwd=at, env=path, capture_output=True, text=True,
            check=False, timeout=within_s,
        )  # fmt: skip

    return running


class Web(stage.Web):
    """The web process with wider limits, which is waited for while other scanners may be busy."""

    async def start(self):
        command = [sys.executable, "-m", "tests.scanners.roomy", "--port", str(self.port)]
        self.process = await asyncio.to_thread(self._spawn, command)
        await self.becomes("/healthz", 200, within_s=STARTS_WITHIN_S)


@dataclass(frozen=True)
class Attacked:
    """A running product, and what members of it are made with."""

    url: str
    resources: Resources

    async def cookie(self, role: Role) -> str:
        """Return the cookie of somebody new with a role, who has just signed in."""
        email = f"{fresh()}@example.com"
        await open_account(self.resources, email, role)
        return f"dutchbook={await signed_in(self.resources, email)}"


@pytest.fixture(scope="session")
async def product(environment, servers, database):
    """The web process with a row on its board, and limits that scanners never reach."""
    cache = await Cache.open(servers.redis_url, namespace=environment["DUTCHBOOK_NAMESPACE"])
    web = Web(environment)
    try:
        await web.start()
        minding = asyncio.create_task(_mind(stage.Worker(cache), cache))
        yield Attacked(web.url, Resources(database, cache, SystemClock()))
        assert not minding.done(), minding
        minding.cancel()
        assert web.process.poll() is None, "the web process has died"
    finally:
        web.end()
        await cache.close()


async def _mind(worker, cache):
    """Say that the board holds, and forget who tried how often: a refusal hides what is behind."""
    await worker.publish(a_row())
    while True:
        await worker.publish()
        for _ in range(5):
            await stage.uncounted(cache)
            await asyncio.sleep(0.2)
