"""What an event of The Odds API is to us: a contest of two sides, or a tournament to win."""

from collections.abc import Mapping
from typing import NamedTuple

from domain.markets import Event, MarketKind, Outcome
from domain.names import NameKind
from feeds import odds_api_shape as shape
from feeds.base import event_id
from feeds.odds_api_markets import Native
from feeds.reasons import Reason, Unknown, Why
from feeds.sports import Sport, sport_and_league
from feeds.text import instant, plain

_ANY_OTHER = "any other"


class Contest(NamedTuple):
    """An event, how its sport settles, its teams by the vendor's names, and if its start is odd."""

    event: Event
    sport: Sport
    sides: Mapping[str, Outcome]
    misdated: bool


def contest(source: str, raw: shape.Head) -> Contest | Why:
    """Return what an event is, or why it cannot be taken over."""
    source_id, (home, away) = plain(raw.id), _named(raw)
    if source_id is None or home is None or away is None or home == away:
        return Reason.EVENT_MALFORMED
    found = sport_and_league(raw.sport_key)
    if found is None or (league := plain(found[1])) is None:
        return Unknown(Reason.UNKNOWN_SPORT, NameKind.SPORT, raw.sport_key)
    starts_at = instant(raw.commence_time) if isinstance(raw.commence_time, str) else None
    event = Event(
        id=event_id(source, source_id),
        source_id=source_id,
        sport=found[0].name,
        league=league,
        home=home,
        away=away,
        starts_at=starts_at,
    )
    return Contest(
        event, found[0], _sides(raw), starts_at is None and raw.commence_time is not None
    )


def ways(native: Native, sport: Sport, *, drawn: bool) -> int:
    """Return how many ways a market has, one of whose outcomes is a draw or none."""
    if native.kind is not MarketKind.WINNER:
        return 2
    if native.ways is not None:
        return native.ways
    return 3 if drawn else sport.ways


def is_draw(said: shape.Outcome) -> bool:
    """Say whether an outcome is named as a draw."""
    return said.name.lower() == "draw"


def _named(raw: shape.Head) -> tuple[str | None, str | None]:
    """Return the names of both sides; a tournament is somebody's to win or any other's."""
    if raw.home_team is None and raw.away_team is None:
        title = raw.sport_title
        return (plain(title) if isinstance(title, str) else None), _ANY_OTHER
    if raw.home_team is None or raw.away_team is None:
        return None, None
    return plain(raw.home_team), plain(raw.away_team)


def _sides(raw: shape.Head) -> dict[str, Outcome]:
    if raw.home_team is None or raw.away_team is None:
        return {}
    return {raw.home_team: Outcome.HOME, raw.away_team: Outcome.AWAY}
