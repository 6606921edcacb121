from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.bets import payoff
from engine.fees import (
    Fees,
    Part,
    after_market_fee,
    back,
    each_way,
    free_bet,
    insured,
    lay,
)
from tests.engine.fast.settled import (
    Taken,
    back_result,
    each_way_result,
    free_result,
    lay_result,
    paid_in,
)

WON, LOST, RETURNED = "won", "lost", "returned"
HALF = Decimal("0.5")
WAYS = [
    [(Decimal(1), WON)],
    [(Decimal(1), LOST)],
    [(Decimal(1), RETURNED)],
    [(HALF, WON), (HALF, RETURNED)],
    [(HALF, LOST), (HALF, RETURNED)],
    [(HALF, WON), (HALF, LOST)],
    [(Decimal("0.25"), WON), (Decimal("0.75"), LOST)],
]
prices = st.decimals("1.01", "200", places=2)
shares = st.decimals("0", "0.3", places=3)
stakes = st.decimals("0.01", "10000", places=2)
rates = st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("0.05"), Decimal("0.065")])
any_fees = st.builds(
    Taken, winnings=shares, stake=shares, added=shares, payout=shares, on_refunds=st.booleans()
)
on_winnings = st.builds(Taken, winnings=rates)


def fees_of(taken):
    return Fees(
        winnings=float(taken.winnings),
        stake=float(taken.stake),
        added=float(taken.added),
        payout=float(taken.payout),
        on_refunds=taken.on_refunds,
    )


def part_of(ways):
    """Return the shares of one bet, a state a way of settling it."""

    def shares(wanted):
        return np.array([[float(sum(s for s, how in way if how == wanted))] for way in ways])

    return Part(shares(WON), shares(LOST))


PART = part_of(WAYS)


def odds_of(price):
    return np.array([float(price)])


def pays(price, taken):
    running = (1 - taken.stake) * (1 - taken.payout) / (1 + taken.added)
    return running * price > Decimal("1.0001")


@given(prices, stakes, any_fees)
def test_a_back_brings_what_the_cashier_pays_whatever_is_taken(price, stake, taken):
    assume(pays(price, taken))
    bets = back(PART, odds_of(price), fees_of(taken))
    cash = paid_in(stake, taken)
    due = [back_result(stake, price, way, taken) / cash for way in WAYS]
    np.testing.assert_allclose(payoff(bets)[:, 0], np.array(due, float), atol=1e-9, rtol=1e-9)


@given(prices, stakes, on_winnings)
def test_a_lay_brings_what_the_exchange_settles(price, stake, taken):
    bets = lay(PART, odds_of(price), fees_of(taken))
    liability = stake * (price - 1)
    due = [lay_result(stake, price, way, taken) / liability for way in WAYS]
    np.testing.assert_allclose(payoff(bets)[:, 0], np.array(due, float), atol=1e-9, rtol=1e-9)


@given(prices, stakes, any_fees, st.booleans())
def test_a_free_bet_costs_nothing_and_brings_its_winnings(price, stake, taken, returned):
    taken = Taken(taken.winnings, taken.stake, Decimal(0), taken.payout)
    bets = free_bet(PART, odds_of(price), fees_of(taken), stake_returned=returned)
    assert not bets.lose.any()
    due = [free_result(stake, price, way, taken, stake_returned=returned) / stake for way in WAYS]
    np.testing.assert_allclose(payoff(bets)[:, 0], np.array(due, float), atol=1e-9, rtol=1e-9)


RACES = [  # how the half to win and the half for a place are settled
    ([(Decimal(1), WON)], [(Decimal(1), WON)]),
    ([(Decimal(1), LOST)], [(Decimal(1), WON)]),
    ([(Decimal(1), LOST)], [(Decimal(1), LOST)]),
    ([(HALF, WON), (HALF, LOST)], [(Decimal(1), WON)]),
    ([(Decimal(1), LOST)], [(HALF, WON), (HALF, LOST)]),
    ([(Decimal(1), RETURNED)], [(Decimal(1), RETURNED)]),
]


@given(prices, st.sampled_from(["0.2", "0.25", "0.5", "1"]).map(Decimal), stakes, any_fees)
def test_each_way_is_a_bet_to_win_and_a_bet_for_a_place_on_one_slip(price, fraction, stake, taken):
    assume(pays(price, taken))
    first, placed = (part_of(list(ways)) for ways in zip(*RACES, strict=True))
    bets = each_way(first, placed, odds_of(price), float(fraction), fees_of(taken))
    due = [
        each_way_result(stake, price, fraction, *race, taken) / paid_in(stake, taken)
        for race in RACES
    ]
    np.testing.assert_allclose(payoff(bets)[:, 0], np.array(due, float), atol=1e-9, rtol=1e-9)


def test_a_placed_horse_at_a_quarter_of_11_loses_a_quarter_of_the_whole_stake_less():
    first, placed = (part_of(list(ways)) for ways in zip(*RACES, strict=True))
    bets = each_way(first, placed, np.array([11.0]), 0.25)
    assert payoff(bets)[:3, 0].tolist() == pytest.approx([(10 + 2.5) / 2, (2.5 - 1) / 2, -1])


@given(
    st.lists(st.tuples(prices, stakes, st.integers(0, 2), st.booleans()), min_size=1, max_size=6),
    rates,
)
def test_commission_on_a_market_is_what_its_net_result_pays_and_never_more_than_bet_by_bet(
    placed, rate
):
    """Three outcomes, one of which wins; the backs and lays are on one exchange's market."""
    gross, net, amounts = [], [], []
    due = [Decimal(0)] * 3
    for price, stake, outcome, laid in placed:
        ways = [[(Decimal(1), WON if winner == outcome else LOST)] for winner in range(3)]
        make, settle = (lay, lay_result) if laid else (back, back_result)
        gross.append(payoff(make(part_of(ways), odds_of(price)))[:, 0])
        net.append(payoff(make(part_of(ways), odds_of(price), Fees(winnings=float(rate))))[:, 0])
        amounts.append(float(stake * (price - 1) if laid else stake))
        due = [
            total + settle(stake, price, way, Taken()) for total, way in zip(due, ways, strict=True)
        ]
    due = [total - rate * max(total, Decimal(0)) for total in due]
    got = after_market_fee(
        np.array(gross).T, np.array(amounts), np.zeros(len(placed), int), np.array([float(rate)])
    )
    scale = max(amounts)
    np.testing.assert_allclose(got, np.array(due, float), rtol=1e-9, atol=1e-9 * scale)
    assert (got >= np.array(net).T @ np.array(amounts) - 1e-9 * scale).all()


def test_markets_pay_commission_apart():
    gross = np.array([[1.0, -1.0]])
    got = after_market_fee(gross, np.ones(2), np.array([0, 1]), np.array([0.05, 0.05]))
    assert got.tolist() == pytest.approx([-0.05])


@pytest.mark.parametrize(
    ("lay_odds", "commission", "back_odds"),
    [(21.0, 0.0, 1.05), (21.0, 0.05, 1.0475), (22.0, 0.0, 1.0476)],
)
def test_laying_the_away_side_is_backing_home_or_draw(lay_odds, commission, back_odds):
    away = part_of([[(Decimal(1), LOST)], [(Decimal(1), LOST)], [(Decimal(1), WON)]])
    double_chance = Part(away.lose, away.win)
    laid = lay(away, np.array([lay_odds]), Fees(winnings=commission))
    backed = back(double_chance, np.array([back_odds]))
    np.testing.assert_allclose(payoff(laid), payoff(backed), atol=5e-5)


@given(prices, shares)
def test_insurance_gives_back_a_share_of_what_is_lost(price, share):
    whole = back(PART, odds_of(price))
    insured_bets = insured(whole, float(share))
    np.testing.assert_allclose(
        payoff(insured_bets) - payoff(whole), float(share) * whole.lose, atol=1e-12
    )


@pytest.mark.parametrize("odds", [1.0, 0.0, -2.0, np.nan, np.inf])
def test_odds_that_are_none_are_refused(odds):
    for make in (back, lay, free_bet):
        with pytest.raises(ValueError, match="finite numbers above 1"):
            make(PART, np.array([odds]))
    with pytest.raises(ValueError, match="finite numbers above 1"):
        each_way(PART, PART, np.array([odds]), 0.25)


@pytest.mark.parametrize("name", ["winnings", "stake", "added", "payout"])
@pytest.mark.parametrize("share", [-0.01, 1.0, np.nan, np.inf])
def test_a_fee_is_a_share(name, share):
    if (name, share) == ("added", 1.0):
        assert Fees(added=1.0).running == 0.5
        return
    with pytest.raises(ValueError, match=name):
        Fees(**{name: share})


def test_a_bet_that_fees_turn_into_a_loss_is_refused():
    with pytest.raises(ValueError, match="returns no more than it cost"):
        back(PART, np.array([1.1]), Fees(stake=0.12))


def test_fees_that_nobody_takes_of_such_a_bet_are_refused():
    with pytest.raises(ValueError, match="on its winnings"):
        lay(PART, np.array([2.0]), Fees(payout=0.05))
    with pytest.raises(ValueError, match="no stake"):
        free_bet(PART, np.array([2.0]), Fees(added=0.05))


@pytest.mark.parametrize("fraction", [0.0, -0.2, 1.01, np.nan])
def test_a_place_pays_a_fraction(fraction):
    with pytest.raises(ValueError, match="fraction"):
        each_way(PART, PART, np.array([5.0]), fraction)


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_insurance_is_of_a_share(share):
    with pytest.raises(ValueError, match="share of a loss"):
        insured(back(PART, np.array([2.0])), share)
