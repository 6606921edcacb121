"""Requote: what the gates accept is asked for once more before anybody sees it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from domain.markets import Market
from domain.opportunities import GateCode, Leg, Opportunity, Refusal
from domain.questions import Answer, Question
from domain.quotes import Origin
from kit.ids import fresh
from services.held import Scope

LIMIT = timedelta(seconds=3)
JUST_TOLD = timedelta(seconds=2)
MOST_ASKS = 4
MOST_HELD = 500
MOST_OPEN = 64

_Place = tuple[str, str]


class Outcome(StrEnum):
    """What came of checking a candidate, as it is counted."""

    JUST_TOLD = "just_told"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    GONE = "gone"


class Cleared(NamedTuple):
    """Of what may be shown: when its prices were confirmed, and when those that led to it came."""

    verified_at: datetime | None
    heard_at: datetime


class Judged:
    """What was looked at: markets each alone, and the markets of their events together."""

    def __init__(self, markets: Collection[Market]) -> None:
        self._markets = set(markets)
        self._events = {market.event_id for market in markets}

    def __contains__(self, opportunity: Opportunity) -> bool:
        if opportunity.joint:
            return opportunity.event.id in self._events
        return opportunity.market in self._markets


@dataclass(slots=True)
class _Candidate:
    """An opportunity held back: what it waits for, and what its scopes have answered so far.

    `told` has when each scope's prices were confirmed, None for one that cannot be asked.
    """

    opportunity: Opportunity
    since: datetime
    heard_at: datetime
    asked: set[_Place] = field(default_factory=set[_Place])
    told: dict[_Place, datetime | None] = field(default_factory=dict[_Place, datetime | None])


class Requotes:
    """Holds a shard's new opportunities until the sources of their legs have been heard.

    A scope that told its prices less than `JUST_TOLD` ago is not asked: its answer is as good as
    another. The others are asked at most `MOST_ASKS` times for a candidate, each once for all that
    wait for it. What cannot be asked, or not in time, is shown without the mark of having been
    checked. Whatever is not live passes as it is.

    Args:
        named_by: Says which scope last named a leg's price.
    """

    def __init__(self, named_by: Callable[[Leg], Scope | None]) -> None:
        self._named_by = named_by
        self._held: dict[str, _Candidate] = {}
        self._open: dict[_Place, tuple[str, datetime]] = {}
        self._questions: list[Question] = []
        self._gone: list[Opportunity] = []
        self._counts: Counter[Outcome] = Counter()

    def sifted(
        self,
        judged: Judged,
        found: Collection[Opportunity],
        shown: Collection[str],
        now: datetime,
        heard_at: datetime,
    ) -> tuple[list[Opportunity], dict[str, Cleared]]:
        """Return what was found with what is to wait refused for that, and what may be shown.

        Args:
            judged: What was looked at.
            found: All that crosses there.
            shown: The keys of what is on the board already: it stays there.
            now: Our clock.
            heard_at: When the prices that led to it came.
        """
        self._drop_others(judged, found)
        cleared: dict[str, Cleared] = {}
        sifted: list[Opportunity] = []
        for each in found:
            passed = each
            if each.accepted:
                verdict = self._verdict(each, now, heard_at, is_shown=each.key in shown)
                if verdict is None:
                    passed = msgspec.structs.replace(each, refusals=[self._waiting(each.key)])
                else:
                    cleared[each.key] = verdict
            sifted.append(passed)
        return sifted, cleared

    def hear(self, answer: Answer, at: datetime) -> set[Market]:
        """Take in an answer of that instant; return the markets to judge again.

        One to a question that is no longer open, or never was ours, changes nothing.
        """
        places = {place for place, (id_, _) in self._open.items() if id_ in answer.questions}
        for place in places:
            del self._open[place]
        for candidate in self._held.values():
            for place in places & candidate.asked:
                candidate.told.setdefault(place, at if answer.told else None)
        return self._markets(lambda candidate: not places.isdisjoint(candidate.asked))

    def overdue(self, now: datetime) -> set[Market]:
        """Return the markets of candidates that have waited for long enough."""
        self._open = {place: one for place, one in self._open.items() if now - one[1] < LIMIT}
        return self._markets(lambda candidate: now - candidate.since >= LIMIT)

    def questions(self) -> list[Question]:
        """Return what is to be asked since the last call."""
        questions, self._questions = self._questions, []
        return questions

    def gone(self) -> list[Opportunity]:
        """Return the candidates that crossed no longer when checked, since the last call."""
        gone, self._gone = self._gone, []
        refusal = Refusal(code=GateCode.GONE_WHEN_CHECKED, detail="")
        return [msgspec.structs.replace(one, refusals=[refusal]) for one in gone]

    def counts(self) -> Mapping[Outcome, int]:
        """Return how many candidates came to which end since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def _drop_others(self, judged: Judged, found: Iterable[Opportunity]) -> None:
        """Let go of candidates that cross no more, or that a gate refuses by now."""
        accepted = {each.key: each.accepted for each in sorted(found, key=lambda o: o.accepted)}
        for key, candidate in list(self._held.items()):
            if candidate.opportunity not in judged or accepted.get(key):
                continue
            del self._held[key]
            if key not in accepted:
                self._gone.append(candidate.opportunity)
                self._counts[Outcome.GONE] += 1

    def _verdict(
        self, found: Opportunity, now: datetime, heard_at: datetime, *, is_shown: bool
    ) -> Cleared | None:
        """Return what it is cleared with, or None while it is to wait."""
        scopes = self._scopes(found)
        if not scopes:
            self._held.pop(found.key, None)
            return Cleared(None, heard_at)
        candidate = self._held.get(found.key) or _Candidate(found, now, heard_at)
        candidate.opportunity = found
        for place, scope in scopes.items():
            if now - scope.arrived_at <= JUST_TOLD:
                candidate.told[place] = scope.arrived_at
        missing = scopes.keys() - candidate.told.keys()
        told = [candidate.told.get(place) for place in scopes]
        instants = [at for at in told if at is not None]
        verified_at = min(instants) if len(instants) == len(scopes) else None
        if is_shown:
            return Cleared(verified_at, candidate.heard_at)
        if not missing or not self._may_wait(candidate, missing, now):
            return self._cleared(candidate, verified_at)
        self._held[found.key] = candidate
        self._ask(candidate, missing, now)
        return None

    def _scopes(self, found: Opportunity) -> dict[_Place, Scope]:
        """Return the scopes that its legs rest on; none unless all of them are live."""
        scopes = [self._named_by(leg) for leg in found.legs]
        live = [scope for scope in scopes if scope is not None and scope.origin is Origin.LIVE]
        if len(live) < len(scopes):
            return {}
        return {(scope.source, scope.name): scope for scope in live}

    def _may_wait(self, candidate: _Candidate, missing: set[_Place], now: datetime) -> bool:
        is_new = candidate.opportunity.key not in self._held
        return (
            now - candidate.since < LIMIT
            and len(candidate.asked | missing) <= MOST_ASKS
            and len(self._open.keys() | missing) <= MOST_OPEN
            and not (is_new and len(self._held) >= MOST_HELD)
        )

    def _ask(self, candidate: _Candidate, missing: set[_Place], now: datetime) -> None:
        """Ask what the candidate has not asked for; what is open already is not asked twice."""
        for source, scope in sorted(missing - candidate.asked):
            candidate.asked.add((source, scope))
            if (source, scope) not in self._open:
                question = Question(id=fresh(), source=source, scope=scope)
                self._open[source, scope] = question.id, now
                self._questions.append(question)

    def _cleared(self, candidate: _Candidate, verified_at: datetime | None) -> Cleared:
        self._held.pop(candidate.opportunity.key, None)
        checked = Outcome.VERIFIED if candidate.asked else Outcome.JUST_TOLD
        self._counts[Outcome.UNVERIFIED if verified_at is None else checked] += 1
        return Cleared(verified_at, candidate.heard_at)

    def _waiting(self, key: str) -> Refusal:
        candidate = self._held[key]
        waits = sorted({source for source, _ in candidate.asked - candidate.told.keys()})
        return Refusal(code=GateCode.BEING_CHECKED, detail=", ".join(waits))

    def _markets(self, which: Callable[[_Candidate], bool]) -> set[Market]:
        return {one.opportunity.market for one in self._held.values() if which(one)}
