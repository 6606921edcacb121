"""Rooms by language: everybody reads their own, and whoever else sits there chooses nothing."""

import pytest

from arb_app.reader import writing_for
from domain.odds_formats import OddsFormat
from domain.plans import View
from domain.preferences import Language, Numbers, Preferences
from tests.arb_app.fanout.house import FREE, PATHS, PRO, House
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

SPANISH, ENGLISH = Language.SPANISH, Language.ENGLISH
FANCY = Preferences(language=SPANISH, odds=OddsFormat.AMERICAN, numbers=Numbers.COMMA)


@pytest.fixture(params=PATHS)
def house(request):
    return House(request.param)


def a_tennis_row(**changes):
    event = an_event("Lions v Bears", sport="tennis")
    market = a_market(event)
    legs = [a_leg(market, outcome=each, odds=2.2) for each in market.outcomes]
    return a_row(opportunity=an_opportunity(event, legs=legs), **changes)


async def test_everybody_reads_the_board_in_the_language_of_their_page(house):
    house.hub.publish(a_snapshot(1, rows=[a_tennis_row(id="a")]))
    english, spanish = await house.joined("en"), await house.joined("es", language=SPANISH)
    house.hub.publish(a_patch(2, rows=[a_tennis_row(id="b")]))
    house.hub.refuse(some_refusals())
    for reader, sport, winner in ((english, "Tennis", "Winner"), (spanish, "Tenis", "Ganador")):
        whole, patch, refusals = reader.waiting()
        for row in (*whole["rows"], *patch["rows"]):
            assert row["sport"] == sport
            assert row["market"].startswith(winner)
        assert ("Retenidas" in refusals["summed"]) is (reader is spanish)


async def test_only_the_words_differ_between_the_languages():
    house = House()
    house.hub.publish(a_snapshot(1, rows=[a_tennis_row(id="a")]))
    readers = [await house.joined(each, language=each) for each in (ENGLISH, SPANISH)]
    (one,), (other,) = (reader.waiting() for reader in readers)
    said = {"sport", "market"}
    assert one.keys() == other.keys()
    assert {k for k in one if one[k] != other[k]} <= {"epoch", "rows", "feeding"}
    for mine, theirs in zip(one["rows"], other["rows"], strict=True):
        assert {k for k in mine if mine[k] != theirs[k]} == said


async def test_how_whoever_enters_wants_odds_is_not_how_the_room_is_told(house):
    with writing_for(FANCY):
        house.hub.publish(a_snapshot(1, rows=[a_tennis_row(id="a")]))
        spanish = await house.joined("es", language=SPANISH)
        english = await house.joined("en")
    for reader in (english, spanish):
        (whole,) = reader.waiting()
        leg = whole["rows"][0]["legs"][0]
        assert (leg["odds"], leg["price"]) == ("2.20", 2.2)
        assert "," not in whole["rows"][0]["roi_text"]


async def test_a_price_that_a_plan_hides_is_hidden_as_a_number_too():
    house = House()
    house.hub.publish(a_snapshot(1, rows=[a_tennis_row(id="a")]))
    house.pass_s(FREE.plan.delay_s)
    house.hub.publish(a_patch(2, rows=[a_tennis_row(id="a", best_roi=0.4)]))
    house.pass_s(FREE.plan.delay_s)
    reader = await house.joined("free", FREE, language=SPANISH)
    legs = [leg for said in reader.waiting() for row in said.get("rows", []) for leg in row["legs"]]
    assert legs
    assert all("price" not in leg for leg in legs)


async def test_who_changes_plan_stays_in_their_language(house):
    house.hub.publish(a_snapshot(1, rows=[a_tennis_row(id="a")]))
    reader = await house.joined("es", PRO, "hash", SPANISH)
    reader.waiting()
    house.hub.see({"hash": View.of("enterprise")}, PRO)
    whole = reader.waiting()[0]
    assert ("raw" in whole["rows"][0], whole["rows"][0]["sport"]) == (True, "Tenis")


async def test_a_language_that_nobody_reads_costs_nothing():
    house, written = House(), []
    encoded = house.sockets.encoded
    house.sockets.encoded = lambda message: written.append(message) or encoded(message)
    house.hub.publish(a_snapshot(0, rows=[a_tennis_row(id="a")]))
    await house.joined("en")
    written.clear()
    house.hub.publish(a_patch(1, rows=[a_tennis_row(id="b")]))
    assert len(written) == 1
    late = await house.joined("es", language=SPANISH)
    house.hub.leave(late.session_id)
    house.hub.see({}, PRO)
    written.clear()
    house.hub.publish(a_patch(2, rows=[a_tennis_row(id="c")]))
    assert len(written) == 1
