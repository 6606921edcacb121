"""What simulated books print of one event: prices of one opinion do not contradict each other."""

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind
from engine.gates import NO_GATES
from feeds.sim_parameters import SPORTS
from feeds.sim_prices import AWAY_LINE, HOME_LINE, odds
from services.detect import Detector
from tests.services.prices import GAME, NOW, quote, reading


@given(
    strength=st.floats(-2.0, 2.0),
    sport=st.sampled_from(SPORTS),
    own=st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=4),
)
def test_books_of_one_opinion_leave_no_arbitrage_between_winner_and_handicap(strength, sport, own):
    lines = np.floor(-strength * sport.margin_scale) + 0.5 + own
    logits = np.full((1, len(lines), 3), strength)
    beyond = np.copysign(np.abs(lines) - 0.5, lines) / sport.margin_scale
    above = np.stack([beyond, np.zeros(len(lines))], axis=-1)[np.newaxis]
    margins, grid = np.full((1, len(lines)), 0.03), np.ones(len(lines))
    printed = odds(logits, above, margins, grid, np.array([sport.ways == 3]))[0]
    quotes = [
        quote(f"book {n}", outcome, printed[n, place], market=market)
        for n, line in enumerate(lines)
        for market, outcome, place in offered(sport, float(line))
    ]
    event = msgspec.structs.replace(GAME, sport=sport.name)
    detector = Detector(NO_GATES)
    changes = detector.absorb(reading(*quotes, events=[event]))
    assert detector.judge(changes.markets, NOW) == []


def offered(sport, line):
    """Yield market, outcome and place in what is printed, of a winner and a handicap."""
    told = {"event_id": GAME.id, "period": sport.period}
    winner = Market(kind=MarketKind.WINNER, ways=sport.ways, **told)
    handicap = Market(kind=MarketKind.HANDICAP, line=line, **told)
    for outcome in winner.outcomes:
        yield winner, outcome, ("home", "draw", "away").index(outcome)
    yield from zip((handicap, handicap), handicap.outcomes, (HOME_LINE, AWAY_LINE), strict=True)
