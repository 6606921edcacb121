"""Fees: what is taken of a bet, and its normal form after that.

All of it is arithmetic on one stake. A cash of 1 buys a stake of 1 / (1 + added), of which the
book runs (1 - stake); where it wins, odds times that is paid, less the payout fee. With
r = (1 - stake)(1 - payout) / (1 + added) a winning cash of 1 therefore brings r odds - 1, of which
the winnings fee takes its share.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from engine.bets import Bets, Floats, checked
from engine.kernels import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Shares that a book, an exchange or the state takes.

    `winnings` is of what the bet as a whole wins; `stake` of the stake before it runs; `added` on
    top of the stake; `payout` of all that a winning part is paid, its stake included. What is given
    back pays none of the last three unless `on_refunds`.

    An exchange that takes its commission of the net winnings of a market never takes more than the
    same share of each winning bet: c max(0, a + b) <= c max(0, a) + c max(0, b). So `winnings` is a
    sound lower bound there, and `after_market_fee` says what is really left.

    Raises:
        ValueError: A fee is negative or no number, or one other than `added` is 1 or more.
    """

    winnings: float = 0.0
    stake: float = 0.0
    added: float = 0.0
    payout: float = 0.0
    on_refunds: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            share, most = getattr(self, field.name), np.inf if field.name == "added" else 1.0
            if not 0.0 <= share < most and field.name != "on_refunds":
                raise ValueError(f"a fee must be a share, 0 or more and below 1: {field.name}")

    @property
    def running(self) -> float:
        """What is paid for a cash of 1 where it wins at odds of 1."""
        return (1.0 - self.stake) * (1.0 - self.payout) / (1.0 + self.added)

    @property
    def of_refunds(self) -> float:
        """What is lost of a cash of 1 that is given back."""
        return 1.0 - self.running if self.on_refunds else 0.0


NO_FEES = Fees()


class Part(NamedTuple):
    """Shares of a stake won and lost, one number a state and bet or whatever broadcasts to that."""

    win: Floats
    lose: Floats

    @property
    def returned(self) -> Floats:
        """The share that is given back."""
        return 1.0 - self.win - self.lose


def back(part: Part, odds: Floats, fees: Fees = NO_FEES) -> Bets:
    """Return backs; a unit is the cash that a stake takes, fees on top of it included.

    Args:
        part: How the stakes are settled, shape (states, bets).
        odds: Decimal, shape (bets,).
        fees: What is taken.

    Raises:
        ValueError: Odds are not finite and above 1, a bet that wins would lose money after fees,
            or the shares are none.

    Examples:
        >>> wins_or_not = Part(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]))
        >>> back(wins_or_not, np.array([3.0]), Fees(winnings=0.05)).net.tolist()
        [1.9]
        >>> back(wins_or_not, np.array([3.0]), Fees(stake=0.12)).net.round(9).tolist()
        [1.64]
    """
    kept = _kept(odds, fees)
    return _after_winnings_fee(part.win, _with_refunds(part, fees), kept, fees.winnings)


def lay(part: Part, odds: Floats, fees: Fees = NO_FEES) -> Bets:
    """Return lays of the same selections; a unit is the liability, (odds - 1) a backer's stake.

    A liability of 1 wins 1 / (odds - 1) where the backer loses. Exchanges take a share of winnings
    and nothing else.

    Raises:
        ValueError: Odds are not finite and above 1, there are fees other than on winnings, or the
            shares are none.

    Examples:
        >>> away = Part(np.array([[0.0], [0.0], [1.0]]), np.array([[1.0], [1.0], [0.0]]))
        >>> (1 + lay(away, np.array([21.0])).net).tolist()
        [1.05]
    """
    if fees.running != 1.0:
        raise ValueError("a lay pays no fee but on its winnings")
    kept = 1.0 / (_above_one(odds) - 1.0)
    return _after_winnings_fee(part.lose, part.win, kept, fees.winnings)


def free_bet(
    part: Part, odds: Floats, fees: Fees = NO_FEES, *, stake_returned: bool = False
) -> Bets:
    """Return free bets, which cost nothing; a unit is 1 of the stake that is given away.

    The stake is not paid out with the winnings unless `stake_returned`; one that is given back is
    worth nothing here. Such a bet must have a limit.

    Raises:
        ValueError: Odds are not finite and above 1, a fee is on top of the stake, or the shares
            are none.
    """
    if fees.added:
        raise ValueError("a free bet has no stake to add a fee to")
    paid = (_above_one(odds) - (not stake_returned)) * fees.running
    win, _ = np.broadcast_arrays(part.win, odds)
    return checked(Bets(win, np.zeros_like(win), paid * (1.0 - fees.winnings)))


def insured(bets: Bets, share: float) -> Bets:
    """Return bets of whose losses a share comes back in cash; such an offer must have a limit.

    Raises:
        ValueError: The share is not in [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError("the share of a loss that comes back must be in [0, 1]")
    return bets._replace(lose=bets.lose * (1.0 - share))


def each_way(
    first: Part, placed: Part, odds: Floats, fraction: float, fees: Fees = NO_FEES
) -> Bets:
    """Return bets of which half the stake runs to win and half for a place.

    The place half pays `fraction` of the odds' winnings. With k the winnings of a cash of 1 to win
    and k' for a place, the bet brings (k P + k' P' - N - N') / 2: its net odds are k, and
    P / 2 + P' k' / 2k of it is won.

    Raises:
        ValueError: Odds are not finite and above 1, the fraction is not in (0, 1], a bet that wins
            would lose money after fees, or the shares are none.
    """
    if not 0.0 < fraction <= 1.0:
        raise ValueError("a place pays a fraction of the odds in (0, 1]")
    kept = _kept(odds, fees)
    kept_placed = fees.running * (1.0 + (odds - 1.0) * fraction) - 1.0
    win = (first.win + placed.win * np.maximum(kept_placed, 0.0) / kept) / 2.0
    lose = (_with_refunds(first, fees) + _with_refunds(placed, fees)) / 2.0
    lose = lose + placed.win * np.maximum(-kept_placed, 0.0) / 2.0
    return _after_winnings_fee(win, lose, kept, fees.winnings)


def after_market_fee(gross: Floats, stakes: Floats, market: Ints, rate: Floats) -> Floats:
    """Return what bets bring where each market's net winnings pay commission.

    Args:
        gross: The payoff of one unit before commission, shape (states, bets).
        stakes: Units, shape (bets,).
        market: The market of each bet, from 0, shape (bets,).
        rate: The commission of each market, shape (markets,).

    Returns:
        Profit a state: never below that of the same bets with the rate in `Fees.winnings`.
    """
    belongs = market[:, np.newaxis] == np.arange(len(rate))
    results = (gross * stakes) @ belongs.astype(np.float64)
    return (results - rate * np.maximum(results, 0.0)).sum(axis=1)


def _above_one(odds: Floats) -> Floats:
    if not bool(((odds > 1.0) & (odds < np.inf)).all()):
        raise ValueError("odds must be finite numbers above 1")
    return odds


def _kept(odds: Floats, fees: Fees) -> Floats:
    kept = fees.running * _above_one(odds) - 1.0 if fees.running < 1.0 else _above_one(odds) - 1.0
    if not bool((kept > 0.0).all()):
        raise ValueError("after its fees a winning bet returns no more than it cost")
    return kept


def _with_refunds(part: Part, fees: Fees) -> Floats:
    return part.lose + fees.of_refunds * part.returned if fees.on_refunds else part.lose


def _after_winnings_fee(win: Floats, lose: Floats, kept: Floats, fee: float) -> Bets:
    """Take the fee of what each bet wins as a whole.

    Where one part of a bet wins and another loses, that is the difference of the two, which is
    then written as a share of what a full win brings.
    """
    win, lose, _ = np.broadcast_arrays(win, lose, kept)
    mixed = (win > 0.0) & (lose > 0.0)
    if fee and bool(mixed.any()):
        profit = kept * win - lose
        win = np.where(mixed, np.maximum(profit, 0.0) / kept, win)
        lose = np.where(mixed, np.maximum(-profit, 0.0), lose)
    return checked(Bets(win, lose, kept * (1.0 - fee)))
