"""What stands beside an opportunity, read from real tables."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from domain.errors import NotAllowed, NotInPlan
from domain.markets import MarketKind, Outcome, Side
from domain.quotes import Origin
from services.access import ANONYMOUS, Subject
from services.beside import beside
from services.stakes.returns import best_return
from store.odds import Change, market_id, save_changes, save_events, save_markets
from store.prices import latest
from tests.accounts import READER
from tests.facts import NOON, SOURCE, a_market, a_quote, an_event, an_opportunity
from tests.services.portfolios import leg, opportunity_of

MINUTE = timedelta(minutes=1)
ID = market_id(a_market())
HOME = {"gamma": 1.8, "delta": 1.85, "epsilon": 1.7}


@pytest.fixture
async def told(db):
    """Both legs' books, three others on the first leg, one of which withdrew, and a lay."""
    await save_events(db, SOURCE, [an_event()])
    await save_markets(db, [a_market()])
    first = [a_quote(odds=2.0), *(a_quote(book=book, odds=odds) for book, odds in HOME.items())]
    away = [a_quote(book="beta", outcome=Outcome.AWAY, odds=2.2)]
    lay = a_quote(book="exchange", side=Side.LAY, odds=1.95, commission=0.02)
    gone = a_quote(book="zeta", odds=1.9)
    changes = [
        (0, [*first, *away, gone], []),
        (5, [a_quote(odds=21 / 11), lay, a_quote(book="gamma", odds=1.88)], [gone.price]),
    ]
    await save_changes(
        db,
        [
            Change(
                source=SOURCE,
                origin=Origin.LIVE,
                seen_at=NOON + minutes * MINUTE,
                changed=changed,
                withdrawn=withdrawn,
            )
            for minutes, changed, withdrawn in changes
        ],
    )


@pytest.fixture
def reading(work):
    return replace(work, subject=READER)


@pytest.mark.usefixtures("told")
async def test_other_books_are_listed_with_the_exact_return_that_each_would_leave(reading):
    first, second = await beside(reading, an_opportunity())
    assert [(rival.book, rival.odds) for rival in first.rivals] == [
        ("gamma", 1.88),
        ("delta", 1.85),
        ("epsilon", 1.7),
    ]
    for rival in first.rivals:
        assert rival.roi == pytest.approx(1 / (1 / rival.odds + 1 / 2.2) - 1)
    assert (first.books, second.books, second.rivals) == (3, 0, [])


@pytest.mark.usefixtures("told")
async def test_each_leg_has_its_own_books_prices_over_time(reading):
    first, second = await beside(reading, an_opportunity())
    assert first.points == [(NOON, 2.0), (NOON + 5 * MINUTE, 21 / 11)]
    assert second.points == [(NOON, 2.2)]


@pytest.mark.usefixtures("told")
async def test_what_is_gone_is_shown_as_it_stood_then(reading):
    first, _ = await beside(reading, an_opportunity(), until=NOON)
    assert [rival.book for rival in first.rivals] == ["zeta", "delta", "gamma", "epsilon"]
    assert first.points == [(NOON, 2.0)]
    assert first.lay is None


@pytest.mark.usefixtures("told")
async def test_a_price_far_from_three_others_says_how_far_and_two_say_nothing(reading):
    first, second = await beside(reading, an_opportunity())
    assert first.apart.others == 3
    assert first.apart.distance < 0
    assert second.apart is None


@pytest.mark.usefixtures("told")
async def test_the_best_lay_of_a_backed_leg_is_known(reading):
    first, second = await beside(reading, an_opportunity())
    assert (first.lay.book, first.lay.odds, first.lay.commission) == ("exchange", 1.95, 0.02)
    assert second.lay is None


@pytest.mark.usefixtures("told")
async def test_the_latest_price_of_each_book_stands_and_one_withdrawn_does_not(db):
    stand = {each.book: each for each in await latest(db, [ID])}
    assert set(stand) == {"alpha", "beta", "gamma", "delta", "epsilon", "exchange"}
    assert stand["gamma"].odds == 1.88


async def test_a_plan_without_prices_is_told_none(work):
    with pytest.raises(NotInPlan):
        await beside(replace(work, subject=ANONYMOUS), an_opportunity())
    with pytest.raises(NotAllowed):
        await beside(replace(work, subject=Subject()), an_opportunity())


def test_the_return_of_legs_in_several_markets_is_that_of_the_game():
    legs = [
        leg(MarketKind.HANDICAP, Outcome.HOME, 2.16, line=-0.25),
        leg(MarketKind.WINNER, Outcome.DRAW, 3.9),
        leg(MarketKind.WINNER, Outcome.AWAY, 4.4),
    ]
    better = [legs[0], msgspec.structs.replace(legs[1], odds=4.2), legs[2]]
    sport = opportunity_of(legs).event.sport
    assert 0 < best_return(legs, sport) < best_return(better, sport)


def test_an_opportunity_returns_what_the_board_says():
    found = an_opportunity()
    assert best_return(found.legs, found.event.sport) == pytest.approx(found.roi)
