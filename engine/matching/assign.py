"""Which known event each new one is: at most one each way, and none where two would do."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from domain.matching import Verdict
from engine.matching.contests import Contest
from engine.matching.roster import Known, Roster
from engine.matching.score import FIELD, Likeness, fitted, identical, likeness

MARGIN = 0.5
SURE_MINUTES = 30


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What an event was found to be.

    `known` is the id of the event that it is, or may be; None if it is new. `why` are the reasons
    for which it was not simply joined; `rival` is the chance of the best other candidate.
    """

    contest: Contest
    verdict: Verdict
    known: str | None = None
    likeness: Likeness | None = None
    why: tuple[str, ...] = ()
    rival: float = 0.0


class Pair(NamedTuple):
    """A new event and a known one that it may be."""

    row: int
    known: Known
    likeness: Likeness


Barred = Callable[[Contest, Known], bool]


def decide(
    contests: Sequence[Contest], roster: Roster, *, barred: Barred = lambda _new, _known: False
) -> list[Decision]:
    """Return what each new event of one source is, in the order given.

    An event joins a known one if each is the other's best candidate, by a chance of at least
    `join_at` that leads every rival on either side by `MARGIN`, without a veto or a doubt. What
    falls short of that, but not of `ask_at`, is for a person to say.

    Args:
        contests: New events of one source; two of them are two events.
        roster: The events known so far; it learns what the source calls sides.
        barred: Whether a pair is ruled out, as one that a person parted.
    """
    for new in contests:
        roster.hear(new)
    by_row = [[*_pairs(row, new, roster, barred)] for row, new in enumerate(contests)]
    by_known: defaultdict[str, list[Pair]] = defaultdict(list)
    for pairs in by_row:
        for pair in pairs:
            by_known[pair.known.id].append(pair)
    return [_decided(new, pairs, by_known) for new, pairs in zip(contests, by_row, strict=True)]


def _pairs(row: int, new: Contest, roster: Roster, barred: Barred) -> Iterator[Pair]:
    exact = roster.exactly(new)
    if len(exact) == 1 and (one := _surely(new, exact[0])) and not barred(new, exact[0]):
        yield Pair(row, exact[0], identical(new, one))
        return
    for known in roster.candidates(new, exact):
        if not barred(new, known):
            best = max(
                (_compared(new, spelling, roster) for spelling in known.spellings()),
                key=lambda found: (not found.vetoes, not found.doubts, found.chance),
            )
            if not best.vetoes and best.chance >= fitted().ask_at:
                yield Pair(row, known, best)


def _compared(new: Contest, one: Contest, roster: Roster) -> Likeness:
    """Compare two events; a side that goes by the other's name elsewhere is another side."""
    found = likeness(new, one)
    sides = (one.away, one.home) if found.reversed else (one.home, one.away)
    for mine, theirs in zip((new.home, new.away), sides, strict=True):
        if mine.key != theirs.key and (
            roster.calls(one.source, new.sport, mine.key)
            or roster.calls(new.source, new.sport, theirs.key)
        ):
            return msgspec.structs.replace(found, doubts=(*found.doubts, "name_of_another"))
    return found


def _surely(new: Contest, known: Known) -> Contest | None:
    """Return a description that says the same in all but a few minutes, if there is one."""
    for one in known.contests.values():
        if (
            new.minute is not None
            and one.minute is not None
            and abs(new.minute - one.minute) <= SURE_MINUTES
            and new.home.key == one.home.key
            and new.away.key == one.away.key
            and new.squads == one.squads
            and new.game == one.game
            and new.away.key != FIELD
            and (
                new.league.region == one.league.region
                or "" in {new.league.region, one.league.region}
            )
        ):
            return one
    return None


def _decided(new: Contest, pairs: Sequence[Pair], by_known: dict[str, list[Pair]]) -> Decision:
    if not pairs:
        return Decision(contest=new, verdict=Verdict.NEW)
    best, rival = pairs[0], 0.0
    rivals = by_known[best.known.id]
    if len(pairs) > 1 or len(rivals) > 1:
        best = max(pairs, key=lambda pair: pair.likeness.chance)
        rivals = [pair for pair in pairs if pair is not best]
        rivals += [pair for pair in by_known[best.known.id] if pair.row != best.row]
        rival = max((pair.likeness.chance for pair in rivals), default=0.0)
    found = best.likeness
    why = list(found.doubts)
    if found.chance < fitted().join_at:
        why.append("chance_too_low")
    if found.chance - rival < MARGIN:
        why.append("rivals")
    if new.source in best.known.sources:
        why.append("source_has_it")
    verdict = Verdict.ASK if why else Verdict.JOIN
    return Decision(
        contest=new,
        verdict=verdict,
        known=best.known.id,
        likeness=found,
        why=tuple(why),
        rival=rival,
    )
