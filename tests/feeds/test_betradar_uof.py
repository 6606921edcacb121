"""Betradar's messages: each reading is all that stands of one event."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.base import FeedDrifted
from feeds.betradar_uof import BetradarUof, BetradarUofStream
from feeds.transport import Transport
from kit.clock import ManualClock
from tests.feeds.samples import payload_of, prices, read, recording

FIXTURE, ODDS, SUSPENDED, STOP = recording("betradar_uof/messages.xmls").splitlines()


def change(markets: str, event: str = "sr:match:1") -> str:
    head = f'<odds_change event_id="{event}" timestamp="1784635200000">'
    return f"{head}<odds>{markets}</odds></odds_change>"


@pytest.fixture
def feed():
    feed = BetradarUof()
    read(feed, FIXTURE)
    return feed


def test_an_odds_change_is_read_by_ids_and_specifiers(feed):
    reading = read(feed, ODDS)
    assert (reading.scope, reading.complete) == ("sr:match:1", True)
    assert [(e.home, e.away, e.sport, e.league) for e in reading.events] == [
        ("Gulls", "Foxes", "soccer", "Coast League")
    ]
    assert prices(reading) == {
        ("betradar", "winner", None, "home", "back", 2.1): 1,
        ("betradar", "winner", None, "draw", "back", 3.4): 1,
        ("betradar", "winner", None, "away", "back", 3.8): 1,
        ("betradar", "handicap", -0.75, "home", "back", 2.25): 1,
        ("betradar", "handicap", -0.75, "away", "back", 1.7): 1,
        ("betradar", "total", 2.5, "over", "back", 1.9): 1,
        ("betradar", "double_chance", None, "yes", "back", 1.3): 1,
    }
    assert reading.rejected == {"market_suspended": 1, "market_unsupported": 1}


def test_markets_that_a_message_does_not_name_stand_and_suspended_ones_go(feed):
    before = read(feed, ODDS)
    after = read(feed, SUSPENDED)
    gone = prices(before) - prices(after)
    assert {kind for _, kind, *_ in gone} == {"winner"}
    assert len(after.quotes) == len(before.quotes) - 3


def test_an_outcome_that_is_no_longer_active_goes_with_its_price(feed):
    read(feed, ODDS)
    outcomes = '<outcome id="1" odds="2.2" active="1"/><outcome id="2" odds="3.4" active="0"/>'
    after = read(feed, change(f'<market id="1">{outcomes}</market>'))
    winners = {key[3]: key[5] for key in prices(after) if key[1] == "winner"}
    assert winners == {"home": 2.2}


def test_a_bet_stop_takes_everything_away(feed):
    read(feed, ODDS)
    stopped = read(feed, STOP)
    assert (stopped.quotes, stopped.complete, stopped.scope) == ([], True, "sr:match:1")
    assert len(read(feed, SUSPENDED).quotes) == 0


def test_an_event_without_a_fixture_is_counted_live_and_unnamed_in_a_recording():
    live = read(BetradarUof(), ODDS)
    assert (live.quotes, live.rejected) == ([], {"event_unknown": 9})
    payload = payload_of(ODDS)
    filed = replace(payload, request=replace(payload.request, url="file:///messages.xml"))
    (recorded,) = BetradarUof().read(filed)
    assert [e.home for e in recorded.events] == ["home of sr:match:1"]
    assert len(recorded.quotes) == 7


def test_a_specifier_that_is_not_the_line_makes_another_market(feed):
    markets = '<market id="18" specifiers="total=2.5|from=1"><outcome id="12" odds="2"/></market>'
    assert read(feed, change(markets)).rejected == {"market_unsupported": 1}


def test_messages_that_price_nothing_say_nothing(feed):
    for message in (
        "alive",
        "bet_settlement",
        "bet_cancel",
        "rollback_bet_cancel",
        "fixture_change",
    ):
        assert list(feed.read(payload_of(f"<{message}/>"))) == []
    with pytest.raises(FeedDrifted, match="no message"):
        list(feed.read(payload_of("<html/>")))


def test_a_recording_of_many_messages_keeps_the_good_ones():
    body = b"\n".join([FIXTURE, b"<odds_change", ODDS])
    readings = list(BetradarUof().read(payload_of(body)))
    assert sum(len(r.quotes) for r in readings) == 7
    assert [r.rejected for r in readings if "answer_malformed" in r.rejected] == [
        {"answer_malformed": 1}
    ]


def test_a_full_page_of_events_to_come_leads_to_the_next():
    feed = BetradarUof()
    first, live = feed.plan(["soccer"])
    full = replace(payload_of(b"<sport_event />" * 1000), request=first)
    (second,) = feed.follow(full)
    assert (second.params["start"], second.scope) == ("1000", "pre:1000")
    assert feed.follow(replace(full, request=live)) == ()
    assert feed.follow(replace(full, body=b"<sport_event />")) == ()


def test_a_new_connection_begins_without_the_prices_of_the_last(feed):
    stream = BetradarUofStream(fixtures=feed.fixtures)
    assert len(read(stream, ODDS).quotes) == 7
    one = change(
        '<market id="186"><outcome id="4" odds="1.5"/><outcome id="5" odds="2.5"/></market>'
    )
    assert len(read(stream, one).quotes) > 2
    (queue,) = stream.plan(["soccer"])
    assert queue.url == "amqps://mq.betradar.com/unifiedfeed/{{bookmaker}}"
    assert len(read(stream, one).quotes) == 2
    assert (stream.plan([]), stream.follow(payload_of(b""))) == ([], ())


def test_all_that_stands_is_asked_for_once_after_a_connection_to_the_broker(feed):
    stream = BetradarUofStream(fixtures=feed.fixtures, recovery=feed.recovery)
    _, live = feed.plan(["soccer"])
    answered = replace(payload_of(b"<schedule/>"), request=live)
    assert feed.follow(answered) == ()
    stream.plan(["soccer"])
    pre, liveodds = feed.follow(answered)
    assert pre.url == "https://api.betradar.com/v1/pre/recovery/initiate_request"
    assert liveodds.url == "https://api.betradar.com/v1/liveodds/recovery/initiate_request"
    assert feed.follow(answered) == ()
    for body in (b"", b'<response response_code="ACCEPTED"/>'):
        assert list(feed.read(replace(answered, request=pre, body=body))) == []


def test_a_broker_that_is_lost_again_and_again_does_not_cost_a_recovery_each_time(feed):
    stream = BetradarUofStream(fixtures=feed.fixtures, recovery=feed.recovery)
    _, live = feed.plan(["soccer"])
    first = replace(payload_of(b"<schedule/>"), request=live)
    asked = []
    for minutes in (0, 1, 59, 60, 61):
        stream.plan(["soccer"])
        later = replace(first, arrived_at=first.arrived_at + timedelta(minutes=minutes))
        if feed.follow(later):
            asked.append(minutes)
    assert asked == [0, 60]


async def test_a_recovery_is_posted_with_the_credential():
    asked = asyncio.get_running_loop().create_future()

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        asked.set_result(head + await reader.readexactly(1))
        body = b'<response response_code="ACCEPTED"/>'
        kind = b"Content-Type: application/xml\r\n"
        writer.write(b"HTTP/1.1 202 Accepted\r\n%sContent-Length: %d\r\n\r\n" % (kind, len(body)))
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    feed = BetradarUof()
    BetradarUofStream(recovery=feed.recovery).plan(["soccer"])
    question, _ = feed.follow(replace(payload_of(b"<schedule/>"), request=feed.plan(["soccer"])[1]))
    here = replace(
        question, url=question.url.replace("https://api.betradar.com", f"http://127.0.0.1:{port}")
    )
    manifest = replace(feed.manifest, hosts=frozenset({"127.0.0.1"}))
    async with Transport(
        credential={"betradar_uof": "k3y"}.get,
        clock=ManualClock(datetime(2026, 7, 21, 12, tzinfo=UTC)),
        allow_loopback=True,
    ) as transport:
        payload = await transport.fetch(here, manifest)
    server.close()
    said = (await asked).decode()
    assert said.startswith("POST /v1/pre/recovery/initiate_request HTTP/1.1")
    assert "x-access-token: k3y" in said.lower()
    assert list(feed.read(payload)) == []


@pytest.mark.recorded
def test_recorded_messages_are_read(recorded_dir):
    feed, folder = BetradarUof(), recorded_dir / "providers/betradar_uof/testdata"
    for path in sorted(folder.glob("fixture-*.xml")):
        read(feed, path.read_bytes())
    payload = payload_of((folder / "odds_change-0.xml").read_bytes())
    filed = replace(payload, request=replace(payload.request, url="file:///odds_change-0.xml"))
    (reading,) = feed.read(filed)
    assert (reading.quotes, reading.rejected) == ([], {"market_unsupported": 61})
