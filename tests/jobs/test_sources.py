"""Sources: a recording in its own time, and the simulator in ours."""

import json
from datetime import UTC, datetime, timedelta

from domain.quotes import Origin
from jobs.sources import Replay, Simulated
from kit.clock import ManualClock

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RECORDED = datetime(2029, 6, 1, 9, tzinfo=UTC)


def a_line(at):
    event = {
        "id": "1", "sport_key": "basketball_nba", "sport_title": "NBA",
        "commence_time": "2029-06-02T00:00:00Z", "home_team": "Gulls", "away_team": "Terns",
        "bookmakers": [{
            "key": "alpha", "title": "Alpha", "last_update": at.isoformat(),
            "markets": [{
                "key": "h2h", "last_update": at.isoformat(),
                "outcomes": [{"name": "Gulls", "price": 2.1}, {"name": "Terns", "price": 2.2}],
            }],
        }],
    }  # fmt: skip
    return json.dumps({"fetched_at": at.isoformat(), "response": [event]}) + "\n"


async def test_a_replay_shortens_the_waits_and_nothing_else(tmp_path):
    clock, waits = ManualClock(NOON), []

    async def sleep(seconds):
        waits.append(seconds)
        clock.advance(seconds)

    at = [RECORDED + timedelta(minutes=minutes) for minutes in (0, 5, 15)]
    (tmp_path / "day.jsonl").write_text("".join(map(a_line, at)))
    replay = Replay(tmp_path / "day.jsonl", speed=60, clock=clock, sleep=sleep)
    got = [reading async for reading in replay.readings()]
    assert waits == [0, 5, 10]
    assert [reading.as_of for reading in got] == at
    assert [(r.arrived_at - NOON).total_seconds() for r in got] == [0, 5, 15]
    assert {reading.origin for reading in got} == {Origin.REPLAY}
    assert [reading.quotes[0].changed_at for reading in got] == at


async def test_the_simulator_is_stamped_and_moves_with_the_clock():
    clock = ManualClock(NOON)
    source = Simulated(seed=7, clock=clock)
    (first,) = [reading async for reading in source.readings()]
    clock.advance(60)
    (second,) = [reading async for reading in source.readings()]
    assert {first.origin, second.origin} == {Origin.SIMULATED}
    assert (second.as_of - first.as_of).total_seconds() == 60
    assert first.quotes != second.quotes
