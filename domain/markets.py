"""Events, markets and outcomes: what a price is a price of."""

import re
from datetime import datetime
from enum import StrEnum

import msgspec


class MarketKind(StrEnum):
    """The question that a market asks.

    Those from `DOUBLE_CHANCE` on are propositions: each is a market of its own, named by its
    `Market.subject` and answered by yes or no, so that answers that overlap, or that a book does
    not list in full, are never taken for a set of which exactly one happens.
    """

    WINNER = "winner"
    HANDICAP = "handicap"
    TOTAL = "total"
    YES_NO = "yes_no"
    DRAW_NO_BET = "draw_no_bet"
    TEAM_TOTAL = "team_total"
    PLAYER_TOTAL = "player_total"
    ODD_EVEN = "odd_even"
    BOTH_TEAMS_TO_SCORE = "both_teams_to_score"
    GOES_THE_DISTANCE = "goes_the_distance"
    DOUBLE_CHANCE = "double_chance"
    CORRECT_SCORE = "correct_score"
    HALF_TIME_FULL_TIME = "half_time_full_time"
    METHOD_OF_VICTORY = "method_of_victory"
    TO_QUALIFY = "to_qualify"
    OUTRIGHT = "outright"
    PLAYER_YES_NO = "player_yes_no"


class Period(StrEnum):
    """The part of the event that settles the market; overtime is in or out by name."""

    FULL_TIME = "full_time"
    FULL_TIME_INCL_OVERTIME = "full_time_incl_overtime"
    FIRST_HALF = "first_half"
    SECOND_HALF = "second_half"
    FIRST_QUARTER = "first_quarter"
    SECOND_QUARTER = "second_quarter"
    THIRD_QUARTER = "third_quarter"
    FOURTH_QUARTER = "fourth_quarter"
    FIRST_PERIOD = "first_period"
    SECOND_PERIOD = "second_period"
    THIRD_PERIOD = "third_period"
    FIRST_FIVE_INNINGS = "first_five_innings"
    FIRST_SET = "first_set"
    SECOND_SET = "second_set"
    THIRD_SET = "third_set"
    FIRST_MAP = "first_map"
    SECOND_MAP = "second_map"
    THIRD_MAP = "third_map"


class Statistic(StrEnum):
    """What is counted; the score is what decides who wins."""

    SCORE = "score"
    CORNERS = "corners"
    CARDS = "cards"
    SETS = "sets"
    GAMES = "games"
    ROUNDS = "rounds"
    SHOTS = "shots"
    SHOTS_ON_TARGET = "shots_on_target"
    FOULS = "fouls"
    OFFSIDES = "offsides"
    ACES = "aces"
    LEGS = "legs"
    FRAMES = "frames"
    MAPS = "maps"
    KILLS = "kills"
    POINTS = "points"
    REBOUNDS = "rebounds"
    ASSISTS = "assists"
    TOUCHDOWNS = "touchdowns"
    PASSING_YARDS = "passing_yards"
    RUSHING_YARDS = "rushing_yards"
    RECEIVING_YARDS = "receiving_yards"
    STRIKEOUTS = "strikeouts"
    HITS = "hits"
    RUNS = "runs"
    WICKETS = "wickets"
    GOALS = "goals"
    SAVES = "saves"
    THREE_POINTERS = "three_pointers"
    BLOCKS = "blocks"
    STEALS = "steals"
    TURNOVERS = "turnovers"
    POINTS_REBOUNDS_ASSISTS = "points_rebounds_assists"
    POINTS_REBOUNDS = "points_rebounds"
    POINTS_ASSISTS = "points_assists"
    REBOUNDS_ASSISTS = "rebounds_assists"
    PASSING_TOUCHDOWNS = "passing_touchdowns"
    PASSING_ATTEMPTS = "passing_attempts"
    PASSING_COMPLETIONS = "passing_completions"
    INTERCEPTIONS = "interceptions"
    RUSHING_ATTEMPTS = "rushing_attempts"
    RECEPTIONS = "receptions"
    SACKS = "sacks"
    TACKLES = "tackles"
    FIELD_GOALS = "field_goals"
    HOME_RUNS = "home_runs"
    TOTAL_BASES = "total_bases"
    RUNS_BATTED_IN = "runs_batted_in"
    WALKS = "walks"
    HITS_ALLOWED = "hits_allowed"
    WALKS_ALLOWED = "walks_allowed"
    STRIKEOUTS_AT_BAT = "strikeouts_at_bat"
    STOLEN_BASES = "stolen_bases"
    EARNED_RUNS = "earned_runs"
    OUTS = "outs"
    POWER_PLAY_POINTS = "power_play_points"
    BLOCKED_SHOTS = "blocked_shots"


class Outcome(StrEnum):
    """One answer to a market's question."""

    HOME = "home"
    DRAW = "draw"
    AWAY = "away"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"
    ODD = "odd"
    EVEN = "even"


class Side(StrEnum):
    """Backing says that it happens; laying says that it does not."""

    BACK = "back"
    LAY = "lay"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A contest between two sides.

    `id` is ours and stable; `source_id` is the source's own. `starts_at` is the scheduled start,
    or None where the source does not say.
    """

    id: str
    source_id: str
    sport: str
    league: str
    home: str
    away: str
    starts_at: datetime | None = None


class Market(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A question about one event. Prices may be compared only within one market.

    `line` is the home side's handicap, or the total; None where the question has no number.
    `ways` is how many outcomes are exhaustive: a two-way winner is not a three-way one.
    `subject` is what the question is about, where its kind leaves that open: "home" or "away" for a
    team's total, "1X", "12" or "X2" for a double chance, "2-1" for a correct score, "home/draw" for
    half-time and full time, "home knockout" for a method, the name of a player or of a runner.
    """

    event_id: str
    kind: MarketKind
    period: Period
    line: float | None = None
    ways: int = 2
    statistic: Statistic = Statistic.SCORE
    subject: str | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of which exactly one happens, in the order they are shown."""
        return _OUTCOMES.get(self.kind, _YES_NO) if self.ways == 2 else _THREE_WAY


def flaw(market: Market) -> str | None:
    """Return the field that does not go with a market's kind ("line", "ways"), or None.

    Examples:
        >>> flaw(Market(event_id="e", kind=MarketKind.TOTAL, period=Period.FULL_TIME))
        'line'
    """
    if (market.line is None) == (market.kind in NUMBERED):
        return "line"
    if market.ways not in ((2, 3) if market.kind in _THREE_WAY_TOO else (2,)):
        return "ways"
    if market.ways == 3 and market.line is not None and market.line % 1:
        return "line"
    pattern, subject = SUBJECTS.get(market.kind), market.subject
    if subject is None:
        return "subject" if pattern and market.kind is not MarketKind.YES_NO else None
    return None if pattern and re.fullmatch(pattern, subject) else "subject"


def complement(outcome: Outcome) -> Outcome:
    """Return the other one of two outcomes; applied twice, the same again.

    Raises:
        ValueError: It is a draw, which is one of three.
    """
    if outcome is Outcome.DRAW:
        raise ValueError("a draw is one of three outcomes: none alone is its complement")
    return _COMPLEMENTS[outcome]


def swapped(market: Market, outcome: Outcome) -> tuple[Market, Outcome]:
    """Return the same bet as a source says it that names the sides the other way round.

    Applied twice, it is the same again.

    Raises:
        ValueError: The market's line or subject does not go with its kind.
    """
    if field := flaw(market):
        raise ValueError(f"the {field} of a {market.kind} cannot be {getattr(market, field)!r}")
    line, subject = market.line, market.subject
    if line is not None and market.kind is MarketKind.HANDICAP:
        line = 0.0 - line
    if subject is not None and market.kind in _SIDED:
        subject = _swapped_subject(market.kind, subject)
    exchanged = complement(outcome) if outcome in _SIDES else outcome
    return msgspec.structs.replace(market, line=line, subject=subject), exchanged


def _swapped_subject(kind: MarketKind, subject: str) -> str:
    if kind is MarketKind.DOUBLE_CHANCE:
        return subject if subject == "12" else {"1X": "X2", "X2": "1X"}[subject]
    if kind is MarketKind.CORRECT_SCORE:
        return "-".join(reversed(subject.split("-")))
    return re.sub("home|away", lambda side: complement(Outcome(side[0])).value, subject)


_THREE_WAY = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
_SIDES = (Outcome.HOME, Outcome.AWAY)
_OVER_UNDER = (Outcome.OVER, Outcome.UNDER)
_YES_NO = (Outcome.YES, Outcome.NO)
_OUTCOMES = {
    MarketKind.WINNER: _SIDES,
    MarketKind.HANDICAP: _SIDES,
    MarketKind.DRAW_NO_BET: _SIDES,
    MarketKind.TOTAL: _OVER_UNDER,
    MarketKind.TEAM_TOTAL: _OVER_UNDER,
    MarketKind.PLAYER_TOTAL: _OVER_UNDER,
    MarketKind.ODD_EVEN: (Outcome.ODD, Outcome.EVEN),
}
_COMPLEMENTS = {
    one: other
    for pair in (_SIDES, _OVER_UNDER, _YES_NO, (Outcome.ODD, Outcome.EVEN))
    for one, other in (pair, pair[::-1])
}
_THREE_WAY_TOO = frozenset({MarketKind.WINNER, MarketKind.HANDICAP})
NUMBERED = frozenset(
    {MarketKind.HANDICAP, MarketKind.TOTAL, MarketKind.TEAM_TOTAL, MarketKind.PLAYER_TOTAL}
)
_SIDE = r"(home|away)"
_ANYBODY = r"\S(.*\S)?"
# What the subject of each kind that has one looks like; only a yes or no may be without.
SUBJECTS = {
    MarketKind.YES_NO: _ANYBODY,
    MarketKind.TEAM_TOTAL: _SIDE,
    MarketKind.PLAYER_TOTAL: _ANYBODY,
    MarketKind.DOUBLE_CHANCE: r"1X|12|X2",
    MarketKind.CORRECT_SCORE: r"(0|[1-9][0-9]{0,2})-(0|[1-9][0-9]{0,2})",
    MarketKind.HALF_TIME_FULL_TIME: r"(home|draw|away)/(home|draw|away)",
    MarketKind.METHOD_OF_VICTORY: r"(home|away) (knockout|submission|decision)|draw decision",
    MarketKind.TO_QUALIFY: _SIDE,
    MarketKind.OUTRIGHT: _ANYBODY,
    MarketKind.PLAYER_YES_NO: _ANYBODY,
}
_SIDED = frozenset(SUBJECTS) - {kind for kind, like in SUBJECTS.items() if like == _ANYBODY}
