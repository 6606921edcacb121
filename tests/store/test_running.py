"""What the running product remembers: sources, positions, the audit."""

from sqlmodel import select

from domain.sources import NotAsked, SourceState
from store import audit, positions
from store.sources import save_source, sources
from store.tables import AuditRow
from tests.facts import NOON, a_health
from tests.store.places import placed


async def test_the_last_health_of_every_source_is_kept(db):
    failing = a_health(
        "beta", state=SourceState.FAILING, note="times out", next_due_at=NOON, quota_ends_at=NOON,
        answers=7, unchanged=2, error_rate=0.25, not_asked=NotAsked.BREAKER_OPEN,
        failing={"tennis": "it is too slow"}, needs=("ONE", "OTHER"),
    )  # fmt: skip
    await save_source(db, a_health("beta"))
    await save_source(db, failing)
    await save_source(db, a_health("alpha", quota_left=17.0))
    assert await sources(db) == [a_health("alpha", quota_left=17.0), failing]


async def test_each_consumer_has_its_own_place_in_each_stream(db):
    await placed(db, "detector", "quotes:0", "1-0")
    await placed(db, "detector", "quotes:0", "2-0")
    assert await positions.position(db, "detector", "quotes:0") == "2-0"
    assert await positions.position(db, "detector", "quotes:1") is None
    assert await positions.position(db, "notifier", "quotes:0") is None


async def test_what_was_done_is_on_record_with_its_instant(db):
    await audit.record(
        db, actor="operator", action="retire", subject="source alpha", details={"days": 3}
    )
    entry = (await db.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))).one()
    assert (entry.actor, entry.action, entry.subject) == ("operator", "retire", "source alpha")
    assert entry.details == {"days": 3}
    assert entry.at.utcoffset() is not None
