"""`./arb matching`: doubts are shown, answered and undone by the operator, and audited."""

import asyncio
import re

import psycopg
import pytest

from cli.main import main
from domain.matching import Link, Proposal
from kit.settings import settings
from store import matching as stored
from store.db import Database
from tests.facts import an_event

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def arb(capsys, monkeypatch, servers):
    """Return a function that runs the program as the operator."""
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", servers.owner_url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url)
    settings.cache_clear()

    def run(*arguments):
        code = main(["matching", *map(str, arguments)])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


@pytest.fixture
def doubt(servers):
    """Put one pair to a person."""
    one, other = (
        Link(event=an_event(id=f"{source}:1"), source=source, canonical_id=ours)
        for source, ours in (("one", "A"), ("two", "B"))
    )
    pair = Proposal(
        event_id="two:1",
        canonical_id="A",
        reversed=True,
        chance=0.42,
        evidence={"why": ["start_drifted"]},
    )

    async def save():
        database = await Database.open(servers.database_url, application="tests")
        async with database.begin() as db:
            await stored.save_links(db, [one, other])
            await stored.save_proposals(db, [pair])
        await database.close()

    asyncio.run(save())


def places(servers):
    with psycopg.connect(servers.owner_url) as owner:
        found = owner.execute("select event_id, canonical_id, reversed from event_links")
        return {event: place for event, *place in found}


@pytest.mark.usefixtures("doubt")
def test_a_doubt_is_shown_merged_and_the_merge_undone(arb, servers):
    code, shown, _ = arb("doubts")
    assert code == 0
    assert "0.420, sides reversed: start_drifted" in shown
    assert shown.count("Lions v Bears") == 2
    (command,) = re.findall(r"yes: \./arb matching (.*) --reason WHY", shown)
    assert command == "merge A B --reversed"

    code, shown, _ = arb(*command.split(), "--reason", "seen at the ground")
    (number,) = re.findall(r"undo (\d+)", shown)
    assert places(servers) == {"one:1": ["A", False], "two:1": ["A", True]}
    assert arb("doubts") == (0, "", "")

    assert arb("undo", number, "--reason", "misread")[0] == 0
    assert places(servers) == {"one:1": ["A", False], "two:1": ["B", False]}
    shown = arb("done")[1]
    assert f"{number}  " in shown
    assert "merge by operator  (undone by" in shown
    assert "seen at the ground" in shown
    with psycopg.connect(servers.owner_url) as owner:
        audited = owner.execute("select action from audit where actor = 'operator' order by id")
        assert [action for (action,) in audited][-2:] == ["matching.merge", "matching.undo"]


@pytest.mark.usefixtures("doubt")
def test_a_doubt_is_answered_with_no_and_a_link_is_split(arb, servers):
    assert arb("part", "two:1", "A", "--reason", "two matches")[0] == 0
    assert arb("doubts") == (0, "", "")
    arb("merge", "A", "B", "--reason", "after all")
    assert arb("split", "two:1", "--reason", "no")[0] == 0
    assert places(servers)["two:1"][0] not in {"A", "B"}


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["merge", "A", "A", "--reason", "x"], 2, "cannot be merged with itself"),
        (["merge", "A", "B", "--reason", "x"], 2, "nothing is linked to an event"),
        (["split", "nothing", "--reason", "x"], 2, "no source's event is called nothing"),
        (["undo", "999999999", "--reason", "x"], 2, "no action has the number"),
        (["part", "two:1", "A"], 2, "--reason"),
    ],
)
def test_what_cannot_be_is_one_sentence(arb, arguments, code, part):
    got, shown, complaint = arb(*arguments)
    assert (got, shown) == (code, "")
    assert part in complaint
    assert complaint.count("\n") == 1


def test_without_addresses_it_says_where_they_are(arb, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("DATABASE_OWNER_URL")
    settings.cache_clear()
    code, shown, complaint = arb("doubts")
    assert (code, shown) == (2, "")
    assert "Set DATABASE_OWNER_URL and REDIS_URL" in complaint
