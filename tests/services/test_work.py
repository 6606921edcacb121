"""Work: one subject, one transaction, and the resources behind it."""

import pytest

from domain.errors import Refused
from kit.settings import Settings
from services.access import ANONYMOUS
from services.work import begin, opened
from store import positions
from tests.store.places import placed


def settings_of(servers, **changes):
    urls = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    return Settings(**{**urls, **changes}, namespace="test-work")


@pytest.mark.usefixtures("emptied")
async def test_work_is_kept_when_it_ends_well_and_undone_when_it_does_not(resources):
    async def fail():
        async with begin(resources, ANONYMOUS) as work:
            await placed(work.db, "c", "s", "2-0")
            raise LookupError

    async with begin(resources, ANONYMOUS) as work:
        await placed(work.db, "c", "s", "1-0")
    with pytest.raises(LookupError):
        await fail()
    async with begin(resources, ANONYMOUS) as work:
        assert await positions.position(work.db, "c", "s") == "1-0"
        assert (work.subject, work.clock) == (ANONYMOUS, resources.clock)


async def test_a_process_opens_what_its_settings_name(servers, clock):
    async with opened(settings_of(servers), clock, application="tests") as resources:
        await resources.database.ping()
        await resources.cache.ping()


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
async def test_a_missing_address_is_refused_by_the_name_of_its_variable(servers, clock, variable):
    async def attempt():
        settings = settings_of(servers, **{variable: None})
        async with opened(settings, clock, application="tests"):
            pass

    with pytest.raises(Refused, match=variable):
        await attempt()
