"""Transactions: whole or not at all, and outages by their right name."""

import pytest
import sqlalchemy as sa

from domain.errors import Refused, Unavailable
from store import positions
from store.db import Database, copy_rows
from tests.store.places import placed

COLUMNS = {"consumer": "text", "stream": "text", "position": "text"}


async def stored(database):
    async with database.begin() as db:
        return (await positions.position(db, "c", "s"), await positions.position(db, "c", "t"))


@pytest.mark.usefixtures("emptied")
async def test_a_transaction_is_kept_at_its_end(database):
    async with database.begin() as db:
        await placed(db, "c", "s", "1-0")
    assert await stored(database) == ("1-0", None)


@pytest.mark.usefixtures("emptied")
async def test_an_error_undoes_statements_and_copied_rows_alike(database):
    async def spoilt():
        async with database.begin() as db:
            await placed(db, "c", "s", "1-0")
            assert await copy_rows(db, "stream_positions", COLUMNS, [("c", "t", "2-0")]) == 1
            assert await positions.position(db, "c", "t") == "2-0"
            raise LookupError

    with pytest.raises(LookupError):
        await spoilt()
    assert await stored(database) == (None, None)


async def test_nothing_is_asked_of_postgresql_before_the_first_statement(servers):
    pool = await Database.open(servers.database_url, application="tests", size=1)
    async with pool.begin(), pool.begin() as inner:
        assert await inner.scalar(sa.select(1)) == 1
    await pool.close()


async def test_a_statement_that_takes_too_long_is_an_outage(database):
    async def dawdle():
        async with database.begin() as db:
            await db.execute(sa.text("set local statement_timeout = 1"))
            await db.execute(sa.text("select pg_sleep(5)"))

    with pytest.raises(Unavailable, match="QueryCanceled"):
        await dawdle()


@pytest.mark.parametrize("url", ["nonsense", "mysql://someone:secret@127.0.0.1/db"])
async def test_an_address_of_something_else_is_refused_without_repeating_it(url):
    with pytest.raises(Refused) as refusal:
        await Database.open(url, application="tests")
    assert "secret" not in str(refusal.value)


async def test_a_server_that_is_not_there_is_unavailable(free_port):
    url = f"postgresql://someone:secret@127.0.0.1:{free_port}/db"
    with pytest.raises(Unavailable) as outage:
        await Database.open(url, application="tests")
    assert "secret" not in str(outage.value)


async def test_the_time_zone_of_every_connection_is_utc(db):
    assert await db.scalar(sa.text("show timezone")) == "UTC"
