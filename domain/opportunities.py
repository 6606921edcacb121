"""Opportunities: legs that pay together or on average, their proof, and what gates object to."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.markets import Event, Market, Outcome, Side
from domain.quotes import Origin


class Kind(StrEnum):
    """What an opportunity promises: only an arbitrage returns a profit however the event ends.

    A middle costs where it misses, a value bet wins on average alone, and a low hold loses little
    whatever happens.
    """

    ARBITRAGE = "arbitrage"
    MIDDLE = "middle"
    VALUE = "value"
    LOW_HOLD = "low_hold"


class GateCode(StrEnum):
    """Why a crossing of prices is not shown as an opportunity.

    The last two are no gate's: its legs are being asked again, or it was gone when they were.
    """

    LEG_TOO_OLD = "leg_too_old"
    LEG_AGE_UNKNOWN = "leg_age_unknown"
    LEG_FROM_FUTURE = "leg_from_future"
    LEGS_APART = "legs_apart"
    IN_PLAY = "in_play"
    START_UNKNOWN = "start_unknown"
    BOOK_BELOW_ZERO = "book_overround_below_zero"
    ONE_HOUSE = "one_house"
    WAY_OUT = "way_out_price"
    ANOMALOUS = "anomalous_price"
    WAVERING_BOOK = "wavering_book"
    MIRRORED = "mirrored_sides"
    OFF_LADDER = "off_ladder"
    RULES_UNKNOWN = "rules_unknown"
    WAYS_DIFFER = "ways_differ"
    LINE_DIFFERS = "line_differs"
    PERIOD_DIFFERS = "period_differs"
    BELOW_MIN_ROI = "below_min_roi"
    BEING_CHECKED = "being_checked"
    GONE_WHEN_CHECKED = "gone_when_checked"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One bet of an opportunity; `share` is its part of the total cash at risk.

    `source` is the one that named the price; "" in what was kept before it was noted.
    """

    book: str
    market: Market
    outcome: Outcome
    side: Side
    odds: float
    commission: float
    share: float
    changed_at: datetime | None
    age_s: float | None
    max_stake: float | None = None
    source: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A way things may end that the legs do not cover, and the worst return then."""

    state: str
    worst_roi: float


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What is guaranteed: the worst return over `states` endings, and the endings left open."""

    states: int
    worst_roi: float
    unprotected: list[Ending]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One gate's objection; `detail` gives the figures that it judged by."""

    code: GateCode
    detail: str


class Middle(msgspec.Struct, frozen=True, kw_only=True):
    """Two bets on different lines: results from `low` to `high` pay `hit_roi`, others `outside`.

    Results are totals, or what the home side wins by. A middle pays more between its lines than
    elsewhere, `hit_roi` at best; a Polish one loses there, `hit_roi` at worst. `needed` is the
    chance of landing there at which nothing is won or lost in the long run: a middle wants more, a
    Polish one less; None where no chance would do, or what is paid there differs. `chance` is what
    `books` houses think, each by its own prices of both lines, and `expected` the mean return at
    that; None where too few of them quote both.
    """

    low: float
    high: float
    polish: bool
    outside: float
    hit_roi: float
    needed: float | None = None
    chance: float | None = None
    expected: float | None = None
    books: int = 0


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A price above the fair one: what the bet is worth, and what that rests on.

    `fair_odds` is 1 / `chance`, and `ev` the mean profit of a stake of 1 at that chance. `by` names
    the sharp book that it is taken from, "" for the median of `books` houses that are not the
    bet's own; `method` is how their margin was taken out. `kelly` is the share of the bankroll
    that grows it fastest, if the chance is right.
    """

    chance: float
    fair_odds: float
    ev: float
    by: str
    books: int
    method: str
    kelly: float


class Opportunity(msgspec.Struct, frozen=True, kw_only=True):
    """A crossing of prices at one instant: accepted when no gate refused it.

    `key` names the bet, not the prices: while it crosses, it is one and the same opportunity,
    whichever books hold the best price. `market` is that of all legs or, where they are in several
    markets of the event, that of the largest; then the key stands for the event, and the legs may
    be others from one moment to the next. `source` names that of its legs, or all of theirs,
    joined by " + ".

    `kind` says what is promised. `roi` is the expected return of a value bet; of all others it is
    what they return in any case, which is negative but for an arbitrage and a rare middle.
    """

    key: str
    event: Event
    market: Market
    as_of: datetime
    in_play: bool
    roi: float
    legs: list[Leg]
    proof: Proof
    origin: Origin
    source: str
    refusals: list[Refusal] = []
    kind: Kind = Kind.ARBITRAGE
    middle: Middle | None = None
    value: Value | None = None

    @property
    def joint(self) -> bool:
        """Whether its legs are in several markets."""
        return any(leg.market != self.market for leg in self.legs)

    @property
    def accepted(self) -> bool:
        """Whether no gate refused it."""
        return not self.refusals
