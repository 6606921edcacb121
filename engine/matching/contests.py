"""An event as matching sees it: names, squads, start and league, made comparable once."""

from datetime import datetime

import msgspec

from domain.markets import Event
from engine.matching.leagues import League, league
from engine.matching.names import YOUTH, Name, Squad, name
from engine.matching.vocabulary import vocabulary


class Contest(msgspec.Struct, frozen=True, gc=False):
    """An event of a source; `minute` is its scheduled start in minutes since 1970, if known."""

    id: str
    source: str
    sport: str
    home: Name
    away: Name
    squads: tuple[Squad, Squad]
    game: int
    minute: int | None
    league: League


def contest(event: Event, source: str) -> Contest:
    """Return an event made comparable.

    A mark in the league's name or in one side's counts for both sides, but for reserves, who play
    first sides too.
    """
    sport = vocabulary().sports.get(event.sport, event.sport)
    home, away = name(event.home, sport), name(event.away, sport)
    its = league(event.league)
    squads = _squads(home, away, its)
    return Contest(
        id=event.id,
        source=source,
        sport=sport,
        home=home,
        away=away,
        squads=squads,
        game=max(home.game, away.game),
        minute=_minute(event.starts_at),
        league=its,
    )


def same_squads(one: tuple[Squad, Squad], other: tuple[Squad, Squad]) -> bool | None:
    """Return whether the same squads play, side by side; None if it cannot be told.

    Examples:
        >>> grown_up, youth, u19 = Squad(), Squad(age=YOUTH), Squad(age=19)
        >>> same_squads((u19, u19), (grown_up, grown_up)), same_squads((u19, u19), (youth, youth))
        (False, None)
    """
    if one == other:
        return True
    unclear = False
    for mine, theirs in zip(one, other, strict=True):
        if (mine.women, mine.reserve, mine.other) != (theirs.women, theirs.reserve, theirs.other):
            return False
        if mine.age != theirs.age:
            if YOUTH not in {mine.age, theirs.age} or 0 in {mine.age, theirs.age}:
                return False
            unclear = True
    return None if unclear else True


def _squads(home: Name, away: Name, its: League) -> tuple[Squad, Squad]:
    if home.squad == away.squad == its.squad:
        return home.squad, away.squad
    women = (home.squad.women or away.squad.women or its.squad.women) and not home.persons
    other = home.squad.other or away.squad.other or its.squad.other
    return (
        _squad(home.squad, its.squad, women=women, other=other),
        _squad(away.squad, its.squad, women=women, other=other),
    )


def _squad(own: Squad, of_league: Squad, *, women: bool, other: bool) -> Squad:
    age = own.age or of_league.age
    if own.age == YOUTH and of_league.age > 0:
        age = of_league.age
    return Squad(women, age, max(own.reserve, of_league.reserve), other)


def _minute(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() // 60)


def turned(one: Contest) -> Contest:
    """Return an event with its sides the other way round."""
    return msgspec.structs.replace(
        one, home=one.away, away=one.home, squads=(one.squads[1], one.squads[0])
    )
