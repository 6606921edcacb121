"""How the machinery is: every part said, judged by bounds, and said too where it is away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import Alert, AlertCode
from domain.clock_jobs import Desk, Pause
from domain.errors import NotAllowed, Unavailable
from domain.vitals import BOUNDS, CHAPTERS, Bounds, Level, Part, Process, Reading, Sign, Vitals
from services import health
from services.access import ANONYMOUS, DELIVERY, PERMISSIONS_OF, Permission, Role, Subject
from services.work import Work
from store import alerts, job_runs, vitals
from store.days import make_quote_days
from store.keys import KeyRing
from tests.facts import NOON, a_patch, a_snapshot
from tests.outages import withheld


@pytest.fixture
def admin(db, cache, clock):
    return Work(Subject(permissions=frozenset({Permission.VIEW_SYSTEM})), db, cache, clock)


async def read(work, folder):
    seen = await health.look(work, folder)
    return seen, {(each.part, each.sign, each.name): each for each in seen.readings}


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_is_told_nothing(admin, tmp_path, role):
    subject = Subject(permissions=PERMISSIONS_OF[role]) if role else ANONYMOUS
    with pytest.raises(NotAllowed):
        await health.look(Work(subject, admin.db, admin.cache, admin.clock), tmp_path)


async def test_only_the_product_itself_tells_of_its_processes(admin):
    process = Process(version="1", memory_mb=1.0, started_at=NOON, watchers=0)
    with pytest.raises(NotAllowed):
        await health.tell(admin, "web-1", process)


async def test_every_part_is_read(admin, tmp_path):
    seen, found = await read(admin, tmp_path)
    assert {each.part for each in seen.readings} == set(Part)
    assert found[Part.POSTGRES, Sign.ANSWERS, ""].level is Level.GOOD
    assert found[Part.POSTGRES, Sign.SIZE, ""].value > 1
    assert 0 < found[Part.POSTGRES, Sign.CONNECTIONS, ""].value < 1
    assert found[Part.VALKEY, Sign.MEMORY, ""].level is Level.GOOD
    assert found[Part.DISK, Sign.FREE, ""].value > 0
    # Nobody publishes, works or serves here, and that is said.
    assert found[Part.BOARD, Sign.AGE, ""].level is Level.BAD
    assert found[Part.WORKERS, Sign.ALIVE, ""].level is Level.BAD
    assert found[Part.WEB, Sign.ALIVE, ""].level is Level.WARN
    assert seen.level is Level.BAD


KEYS = KeyRing().renewed()


@pytest.mark.parametrize(
    ("ring", "level"),
    [
        (KEYS, Level.GOOD),
        (replace(KEYS, away="the holder of the keys: VaultDown"), Level.WARN),
        (withheld(KEYS), Level.BAD),
    ],
    ids=["there", "in memory alone", "away"],
)
async def test_whether_the_keys_are_there_is_told_and_why_not(admin, tmp_path, ring, level):
    _, found = await read(replace(admin, keys=ring), tmp_path)
    told = found[Part.KEYS, Sign.ANSWERS, ""]
    assert (told.level, told.text) == (level, ring.away)
    assert found[Part.KEYS, Sign.KEY, ""].value == len(ring.keys)


async def test_who_works_and_serves_is_told_by_name(admin, tmp_path, clock):
    desk = Desk(leads=True, version="1.2", memory_mb=9_000.0, started_at=NOON)
    await job_runs.tell(admin.cache, "w1", desk)
    await admin.cache.beat("w1", {"does": ["router", "shard 0/1"]})
    served = Work(DELIVERY, admin.db, admin.cache, admin.clock)
    told = Process(version="1.2", memory_mb=100.0, started_at=NOON, watchers=7)
    await health.tell(served, "web-1", told)
    await admin.cache.publish(a_patch(), a_snapshot(published_at=NOON))
    clock.advance(6)
    _, found = await read(admin, tmp_path)
    assert found[Part.WORKERS, Sign.LEADS, ""].text == "w1"
    assert found[Part.WORKERS, Sign.SHARDS, "w1"].text == "router, shard 0/1"
    assert found[Part.WORKERS, Sign.MEMORY, "w1"].level is Level.BAD
    assert found[Part.WEB, Sign.CLIENTS, "web-1"].value == 7
    assert (found[Part.BOARD, Sign.AGE, ""].value, found[Part.BOARD, Sign.AGE, ""].level) == (
        6.0, Level.WARN,
    )  # fmt: skip


async def test_what_is_paused_wrong_or_missing_is_a_warning(admin, tmp_path, clock):
    clock.advance(timedelta(days=4_000).total_seconds())  # of these days nobody made a partition
    await job_runs.pause(admin.db, Pause(job="anchor", at=NOON, by="x"))
    alert = Alert(subject="s", code=AlertCode.FAILING, sentence="it fails", opened_at=NOON)
    await alerts.open_alert(admin.db, alert)
    _, found = await read(admin, tmp_path)
    paused = found[Part.WORKERS, Sign.PAUSED, ""]
    assert (paused.level, paused.text) == (Level.WARN, "anchor")
    assert found[Part.SOURCES, Sign.ALERTS, ""].level is Level.WARN
    for day in ("today", "tomorrow"):
        assert found[Part.POSTGRES, Sign.PARTITION, day].level is Level.WARN
    days = [clock.now().date(), clock.now().date() + timedelta(days=1)]
    await make_quote_days(admin.db, days)
    _, found = await read(admin, tmp_path)
    assert found[Part.POSTGRES, Sign.PARTITION, "tomorrow"].level is Level.GOOD


async def test_without_valkey_the_rest_is_read(admin, tmp_path, monkeypatch):
    async def away():
        raise Unavailable("gone")

    monkeypatch.setattr(admin.cache, "ping", away)
    seen, found = await read(admin, tmp_path)
    assert found[Part.VALKEY, Sign.ANSWERS, ""].level is Level.BAD
    assert found[Part.BOARD, Sign.ANSWERS, ""].level is Level.UNKNOWN
    assert found[Part.POSTGRES, Sign.SIZE, ""].level is Level.GOOD
    assert {each.part for each in seen.readings} == set(Part)


async def test_a_part_that_fails_in_the_middle_spoils_no_other(admin, tmp_path, monkeypatch):
    async def away(_):
        raise Unavailable("gone")

    monkeypatch.setattr(vitals, "postgres", away)
    _, found = await read(admin, tmp_path)
    assert found[Part.AUDIT, Sign.HEAD, ""].level is Level.GOOD


async def test_a_directory_that_is_gone_is_unknown_and_no_error(admin, tmp_path):
    _, found = await read(admin, tmp_path / "gone")
    assert found[Part.DISK, Sign.FREE, ""].level is Level.UNKNOWN


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_worse_figures_are_never_judged_better(warn, bad, one, other):
    rank = [Level.GOOD, Level.WARN, Level.BAD]
    worse, better = (max(one, other), min(one, other)) if warn <= bad else sorted((one, other))
    bounds = Bounds(warn, bad)
    assert rank.index(bounds.level(worse)) >= rank.index(bounds.level(better))


def test_the_worst_of_all_is_said():
    def of(*levels):
        told = [Reading(part=Part.DISK, sign=Sign.FREE, level=level) for level in levels]
        return Vitals(at=NOON, readings=told).level

    assert of(Level.GOOD) is Level.GOOD
    assert of(Level.GOOD, Level.WARN) is Level.WARN
    assert of(Level.WARN, Level.UNKNOWN) is Level.UNKNOWN
    assert of(Level.UNKNOWN, Level.BAD, Level.GOOD) is Level.BAD


def test_every_part_has_a_chapter_and_every_bound_a_part():
    assert CHAPTERS.keys() == set(Part)
    assert {part for part, _ in BOUNDS} <= set(Part)
