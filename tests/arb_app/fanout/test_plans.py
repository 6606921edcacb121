"""Plans: every frame that a lower plan receives is decoded, and holds nothing it may not see."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arb_app import format as text
from arb_app import words
from domain.board import BoardRow, RefusedRow
from domain.opportunities import GateCode, Kind, Middle, Refusal, Value
from domain.plans import PLANS, PlanName, View
from services.board import Life, Why
from tests.arb_app.fanout.house import FREE, PATHS, PRO, Browser, House
from tests.facts import (
    a_leg,
    a_market,
    a_patch,
    a_row,
    a_snapshot,
    an_event,
    an_opportunity,
    some_refusals,
)

LEAGUES = ("nba", "wnba", "Serie A")
VIEWS = {
    "anonymous": View.of("anonymous"),
    "free": FREE,
    "basic": View.of("basic", "wnba"),
    "none chosen": View.of("basic"),
    "pro": PRO,
    "enterprise": View.of("enterprise"),
}
DELAY_S = PLANS[PlanName.FREE].delay_s


@dataclass
class World:
    """A board that changes; everything on it has a name, odds and a return of its own."""

    house: House
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    seq: int = 0
    rows: dict[str, BoardRow] = field(default_factory=dict)
    league_of: dict[str, str] = field(default_factory=dict)
    kind_of: dict[str, Kind] = field(default_factory=dict)
    began_at: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    odds: set[str] = field(default_factory=set)

    def opportunity(self, life_id, league, **changes):
        """Return a crossing of two books that nobody else is called like."""
        event = an_event(f"Home{life_id} v Away{life_id}", league=league)
        market, legs = a_market(event), []
        for outcome in market.outcomes[:2]:
            n = next(self.numbers)
            odds = 2 + (n * 7919 % 9973) / 1000 + 0.0004
            book = f"zq{n}house"
            self.secrets |= {book, words.book(book), f"feed{n}x"}
            limit = 700_000.5 + n
            self.odds |= {text.odds(odds), repr(odds), repr(round(odds, 6)), repr(limit)}
            leg = a_leg(market, book=book, outcome=outcome, odds=odds, source=f"feed{n}x", age_s=n)
            legs.append(msgspec.structs.replace(leg, max_stake=limit, share=0.5))
            self.odds.add(str(int(2 * limit)))
        roi = next(self.numbers) / 12_345
        self.odds |= {repr(roi), text.percent(roi)}
        said = {"legs": legs, "roi": roi, **self.of_a_kind(life_id), **changes}
        return an_opportunity(event, key=f"key{life_id}", **said)

    def of_a_kind(self, life_id):
        """Return the figures of a life's kind, each a secret; a life keeps its kind."""
        kind = self.kind_of.setdefault(life_id, [*Kind][len(self.kind_of) % len(Kind)])
        some = [next(self.numbers) / 12_347 for _ in range(6)]
        if kind is Kind.MIDDLE:
            names = ("outside", "hit_roi", "needed", "chance", "expected")
            figures = dict(zip(names, some, strict=False))
            told = {"middle": Middle(low=3.0, high=4.0, polish=False, books=3, **figures)}
        elif kind is Kind.VALUE:
            names = ("chance", "fair_odds", "ev", "kelly")
            figures = dict(zip(names, some, strict=False))
            told = {"value": Value(by="zqsharp", books=4, method="shin", **figures)}
            self.secrets |= {"zqsharp", words.book("zqsharp")}
        else:
            return {"kind": kind}
        self.odds |= {repr(one) for one in figures.values()}
        return {"kind": kind, **told}

    def put(self, life_id, league):
        """Put a new row on the board, or a changed one; a life keeps its league."""
        league = self.league_of.setdefault(life_id, league)
        now = self.house.clock.now()
        self.began_at.setdefault(life_id, self.house.clock.monotonic())
        first = self.rows[life_id].first_seen_at if life_id in self.rows else now
        found = self.opportunity(life_id, league)
        row = a_row(id=life_id, opportunity=found, best_roi=found.roi, first_seen_at=first)
        self.rows[life_id] = row
        self.tell(rows=[row])

    def drop(self, life_id):
        """Take a row away."""
        if self.rows.pop(life_id, None):
            self.ended_at.setdefault(life_id, self.house.clock.monotonic())
            self.tell(gone=[life_id])

    def tell(self, **changes):
        self.seq += 1
        self.house.hub.publish(a_patch(self.seq, published_at=self.house.clock.now(), **changes))

    def begin_again(self):
        """Publish the whole board, as after a lost connection."""
        self.seq += 1
        rows, now = list(self.rows.values()), self.house.clock.now()
        self.house.hub.publish(a_snapshot(self.seq, published_at=now, rows=rows))

    def refuse(self, league):
        """Tell of a near miss."""
        life_id = f"missed{next(self.numbers)}x"
        detail = f"zq{life_id}: 400 s, allowed 90 s"
        self.secrets |= {detail, words.sentence(detail)}
        self.league_of[life_id] = league
        refusal = Refusal(code=GateCode.LEG_TOO_OLD, detail=detail)
        found = self.opportunity(life_id, league, refusals=[refusal])
        row = RefusedRow(opportunity=found, arrived_at=self.house.clock.now())
        self.house.hub.refuse(some_refusals(rows=[row], published_at=self.house.clock.now()))

    def explain(self, league):
        """Tell of what was on the board last."""
        life_id = f"last{next(self.numbers)}x"
        self.league_of[life_id] = league
        self.began_at[life_id] = self.house.clock.monotonic()
        row = a_row(
            id=life_id,
            opportunity=self.opportunity(life_id, league),
            first_seen_at=self.house.clock.now(),
        )
        last = Life(row=row, last_seen_at=self.house.clock.now())
        self.house.hub.explain(Why(answering=1, followed=1, compared=None, last=last))


LIVES = st.sampled_from([f"life{n}x" for n in range(6)])
LEAGUE = st.sampled_from(LEAGUES)
ACTS = st.one_of(
    st.tuples(st.just("put"), LIVES, LEAGUE),
    st.tuples(st.just("drop"), LIVES),
    st.tuples(st.just("refuse"), LEAGUE),
    st.tuples(st.just("explain"), LEAGUE),
    st.tuples(st.just("begin_again")),
    st.tuples(st.just("tell")),
    st.tuples(st.just("pass"), st.sampled_from([0.2, 1.0, 9.0, 29.0, 45.0])),
)


def leaves(value):
    """Yield every text and number of a message."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


def play(world, acts, look):
    """Do what was drawn, looking at every reader after each act."""
    for name, *more in acts:
        if name == "pass":
            world.house.pass_s(*more)
        else:
            getattr(world, name)(*more)
        look()


@given(acts=st.lists(ACTS, max_size=30), path=st.sampled_from(PATHS))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_a_masked_plan_receives_no_name_no_price_and_nothing_too_soon(acts, path):
    house = House(path)
    world = World(house)
    world.put("life0x", "nba")
    world.begin_again()
    readers = [await house.joined(name, VIEWS[name]) for name in ("anonymous", "free")]

    def look():
        now = house.clock.monotonic()
        for reader in readers:
            for message in reader.waiting():
                said = json.dumps(message)
                assert [each for each in world.secrets if each in said] == []
                assert world.odds.isdisjoint(leaves(message))
                early = [k for k, at in world.began_at.items() if at > now - DELAY_S + 1e-6]
                assert [each for each in early if each in said or f"Home{each}" in said] == []
                for life_id in message.get("gone", []):
                    assert world.ended_at[life_id] <= now - DELAY_S + 1e-6

    look()
    play(world, acts, look)
    house.pass_s(DELAY_S)
    look()


@given(acts=st.lists(ACTS, max_size=30), path=st.sampled_from(PATHS))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_a_plan_of_one_league_receives_nothing_of_another(acts, path):
    house = House(path)
    world = World(house)
    world.put("life0x", "nba")
    world.begin_again()
    basic = await house.joined("basic", VIEWS["basic"])
    none = await house.joined("none", VIEWS["none chosen"])

    def look():
        for reader, league in ((basic, "wnba"), (none, None)):
            said = "".join(map(json.dumps, reader.waiting()))
            others = [life for life, played in world.league_of.items() if played != league]
            assert [life for life in others if f'"{life}"' in said or f"Home{life}" in said] == []

    look()
    play(world, acts, look)


@given(acts=st.lists(ACTS, max_size=30))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_what_a_plan_shows_arrives_whole_and_without_a_gap(acts):
    house = House()
    world = World(house)
    world.begin_again()
    readers = {name: await house.joined(name, view) for name, view in VIEWS.items()}
    browsers = {name: Browser() for name in VIEWS}

    def look():
        for name, reader in readers.items():
            browsers[name].take(reader.waiting())

    play(world, acts, look)
    shown = {name: set(browsers[name].rows) for name in ("basic", "pro", "enterprise")}
    everything = set(world.rows)
    assert shown["pro"] == shown["enterprise"] == everything
    assert shown["basic"] == {each for each in everything if world.league_of[each] == "wnba"}
    house.pass_s(DELAY_S)
    look()
    for name in ("anonymous", "free"):
        assert set(browsers[name].rows) == everything
        for life_id, row in browsers[name].rows.items():
            assert row["roi"] <= min(0.01, world.rows[life_id].opportunity.roi)
    assert [browser.gaps for browser in browsers.values()] == [0] * len(VIEWS)


async def test_the_order_of_a_masked_board_betrays_nothing_beyond_the_cap():
    house = House()
    rows = [
        a_row(id=life_id, opportunity=an_opportunity(roi=roi))
        for life_id, roi in (("b", 0.09), ("a", 0.02), ("d", 0.004), ("c", 0.002))
    ]
    long_ago = a_row().first_seen_at - timedelta(hours=1)
    house.hub.publish(a_snapshot(1, rows=rows, published_at=long_ago + timedelta(hours=1)))
    house.pass_s(DELAY_S)
    (whole,) = (await house.joined("free", FREE)).waiting()
    assert [row["id"] for row in whole["rows"]] == ["a", "b", "c", "d"]
    assert [row["roi_text"] for row in whole["rows"]] == [
        *["+1 % or more"] * 2,
        *["less than +0.5 %"] * 2,
    ]
    assert {leg["book"] for row in whole["rows"] for leg in row["legs"]} == {"Book A", "Book B"}


async def test_a_change_that_a_masked_row_does_not_show_is_not_told():
    house = House()
    world = World(house)
    world.put("life0x", "nba")
    house.pass_s(DELAY_S)
    reader = await house.joined("free", FREE)
    reader.waiting()
    row = world.rows["life0x"]
    world.tell(rows=[msgspec.structs.replace(row, best_roi=0.5)])
    house.pass_s(DELAY_S)
    world.put("life0x", "nba")
    house.pass_s(DELAY_S)
    assert [message["rows"] for message in reader.waiting()] == [[], []]


@pytest.mark.parametrize("early_s", [0.0, 30.0, 59.0])
async def test_a_process_that_has_just_begun_shows_only_what_is_old_enough(early_s):
    house = House()
    now = house.clock.now()
    old = a_row(id="old", first_seen_at=now - timedelta(seconds=DELAY_S + 1))
    new = a_row(id="new", first_seen_at=now - timedelta(seconds=early_s))
    house.hub.publish(a_snapshot(1, rows=[old, new], published_at=now))
    reader, browser = await house.joined("free", FREE), Browser()
    browser.take(reader.waiting())
    assert set(browser.rows) == {"old"}
    house.pass_s(10)
    house.hub.publish(a_patch(2, gone=["old"], published_at=house.clock.now()))
    beats = reader.waiting()
    browser.take(beats)
    assert (set(browser.rows), len(beats)) == ({"old"}, 1)
    house.pass_s(DELAY_S - 10)
    browser.take(reader.waiting())
    assert set(browser.rows) == {"old", "new"}
    house.pass_s(10)
    browser.take(reader.waiting())
    assert (set(browser.rows), browser.gaps) == ({"new"}, 0)


@pytest.mark.parametrize("path", PATHS)
async def test_whoever_changes_plan_moves_at_once_and_keeps_nothing(path):
    house = House(path)
    world = World(house)
    world.put("life0x", "nba")
    world.begin_again()
    world.refuse("nba")
    reader, browser = await house.joined("member", PRO, "token"), Browser()
    browser.take(reader.waiting())
    assert set(browser.rows) == {"life0x"}
    house.hub.see({"token": View.of("basic", "wnba")}, PRO)
    browser.take(reader.waiting())
    assert (browser.rows, browser.told["refusals"]["rows"], browser.gaps) == ({}, [], 0)
    world.put("life1x", "wnba")
    browser.take(reader.waiting())
    assert (set(browser.rows), browser.gaps) == ({"life1x"}, 0)
    house.hub.see({"token": PRO}, FREE)
    browser.take(reader.waiting())
    assert set(browser.rows) == {"life0x", "life1x"}


async def test_who_joined_after_the_question_was_asked_stays_where_they_are():
    house = House()
    house.hub.publish(a_snapshot(1))
    member = await house.joined("member", PRO, "token")
    visitor = await house.joined("visitor", PRO)
    (joined,) = member.waiting()
    visitor.waiting()
    house.hub.see({}, FREE)
    assert member.waiting() == []
    assert [message["kind"] for message in visitor.waiting()][:1] == ["snapshot"]
    assert house.hub.token_hashes == {"token"}
    house.hub.publish(a_patch(2))
    (patch,) = member.waiting()
    assert patch["epoch"] == joined["epoch"]
