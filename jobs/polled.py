"""Polled sources: a vendor asked over and over, what is urgent first, within its quota.

One question follows the other, but for a vendor that keeps us waiting: others are then asked beside
it, lest one answer that never comes cost all scopes their turn.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import ClassVar

from domain.errors import Broken, Unavailable
from domain.quotes import Reading
from domain.sources import NotAsked
from feeds.base import KeyRefused, Payload, Quota, RegionRefused, Request
from feeds.transport import AskedToWait, NoCredential
from jobs.budget import Budget
from jobs.credentials import SwitchedOff
from jobs.sources import Sleep
from jobs.turns import Flying, Question, Round, Share, Turn
from jobs.urgency import turn, urgency
from jobs.vendors import Vendor
from kit.retry import backoff

_MOST_WAIT_S = 900.0
_LEAST_PAUSE_S = 0.1
# Waits no longer than this are sat out within a round: those of a vendor's requests a second.
_SHORT_S = 2.0
# So many questions at most wait for their answers at a time.
_AT_ONCE = 4
# After these nothing more is asked in a round, whatever was answered.
_STOPS = (NoCredential, SwitchedOff, AskedToWait)


class NotNow(Unavailable):
    """A question is not asked because the source's quota has no room for it now."""

    code: ClassVar[str] = "not_now"


@dataclass(kw_only=True)
class Polled(Vendor):
    """A vendor's API, asked for its scopes over and over.

    Each scope is asked at most once a `min_interval_s`, the most urgent first, as far as the
    quota's even spending lets; a scope that fails waits longer each time, and the others go on. A
    round in which nothing is answered fails, and the next one after it ends at its first failure.

    A vendor that lets a question wait for `patience_s` is asked for another scope meanwhile; but
    not before it has ever answered, nor where it has sessions or bounds requests a second. What a
    question on its way costs counts as spent.

    `budget` is what is remembered of the quota; None: it is whole.
    """

    budget: Budget | None = None
    sleep: Sleep = asyncio.sleep
    patience_s: float = 0.5
    _turns: dict[str, Turn] = field(default_factory=dict[str, Turn], init=False)
    _distrusted: bool = field(default=False, init=False)
    _trusted: bool = field(default=False, init=False)
    _reserved: float = field(default=0.0, init=False)
    _paid: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budget:
            self._tell_quota()

    @property
    def pause_s(self) -> float:
        """How long until the first scope, or what one has led to, is due and paid for."""
        now, near = self.clock.now(), self.near()
        waits = [self._wait_s(request, now, near) for request in self.plan()]
        return max(_LEAST_PAUSE_S, min(waits, default=self.feed.manifest.min_interval_s))

    async def readings(self) -> AsyncGenerator[Reading]:
        """Ask every request that is due and can be paid for, and what their answers lead to.

        Raises:
            Unavailable: Nothing was answered, or the vendor asks us to wait.
            Broken: The same, for a reason of which the vendor or our credential is the cause.
        """
        this, flying, begun = Round(), Flying(), dict[str, Request]()
        waiting = self._waiting(flying, begun)
        try:
            while waiting or flying.asked:
                for answer in self.pending.ready():
                    yield answer
                has_room = len(flying.asked) < self._at_once()
                if waiting and has_room and not await self._ask(waiting.popleft(), flying, this):
                    continue
                may_ask_on = waiting and len(flying.asked) < self._at_once()
                for share, request, readings in await flying.landed(
                    self.patience_s if may_ask_on else None
                ):
                    waiting.appendleft(share)
                    for reading in readings:
                        yield reading
                    # Only now: an answer to a question travels behind the prices that it is about.
                    self.pending.settle(request, told=request.scope not in self.facts.failing)
                if self.pending:
                    waiting = self._waiting(flying, begun)
        finally:
            await flying.end()
            for root in begun.values():
                self._turn(root).end()
        for answer in self.pending.rest():
            yield answer
        await self._finish(this)

    async def asked_once(self, request: Request) -> Payload | None:
        """Return the answer to a question beside the rounds, in full, if the quota has room for it.

        Raises:
            Unavailable: It has none now, or the vendor cannot be reached.
            Broken: The vendor refuses our credential.
        """
        if not await self._may_ask(request.cost, share=1.0):
            raise NotNow(f"{self.name}: its quota has no room for a question now")
        self.transport.forget(request)
        try:
            return await self._asked(request)
        finally:  # or a round would hear that nothing has changed since an answer it never had
            self.transport.forget(request)

    def _at_once(self) -> int:
        """Return how many questions may wait for their answers at a time."""
        quota = self.feed.manifest.quota or Quota()
        in_order = quota.per_s is not None or self.feed.login() is not None
        return _AT_ONCE if self._trusted and not in_order else 1

    def _waiting(self, flying: Flying, begun: dict[str, Request]) -> deque[Share]:
        """Begin the turns of all scopes that are due, and return them in order."""
        in_the_air = flying.scopes
        waiting = deque(share for share in self._order() if share[0].scope not in in_the_air)
        for root, _ in waiting:
            self._turn(root).start(root)
            begun[root.scope] = root
        return waiting

    async def _ask(self, whose: Share, flying: Flying, this: Round) -> bool:
        """Ask what is next of a scope; False if nothing is, or it cannot be paid for now."""
        root, share = whose
        rest = self._turn(root).rest
        if not rest or this.over or not await self._may_ask(rest[0].cost, share):
            return False
        request = rest.popleft()
        asking = asyncio.create_task(self._tried(request, root.scope, this))
        flying.asked[asking] = Question(whose, request)
        return True

    async def _tried(self, request: Request, root: str, this: Round) -> list[Reading]:
        """Return what an answer brought; nothing if there was none."""
        try:
            return await self._answer(request, root, this)
        except (Unavailable, Broken) as e:
            self._failed(request, root, e, this)
            return []

    def _order(self) -> list[Share]:
        """Return the requests of the plan that are due, in turn, and the urgency each may claim."""
        now, near, plan = self.clock.now(), self.near(), self.plan()
        planned = {request.scope for request in plan}
        self._turns = {scope: kept for scope, kept in self._turns.items() if scope in planned}
        first = self._asked_for(plan, now)
        due = [request for request in plan if self._due_s(request, now) <= 0]
        due.sort(key=lambda one: (one.scope not in first, turn(self._turn(one).scope, now, near)))
        # Whose turn it is has what the most urgent behind it could pay with, or nothing would ever
        # be left for it.
        shares = [
            1.0 if one.scope in first else urgency(self._turn(one).scope, now, near) for one in due
        ]
        claims = accumulate(reversed(shares), max)
        return list(zip(due, reversed(list(claims)), strict=True))

    def _asked_for(self, plan: Sequence[Request], now: datetime) -> set[str]:
        """Make due what is asked for now and can be paid for; return the plan's scopes of it."""
        first: set[str] = set()
        for root, request in self.pending.wanted(plan, self.facts.failing):
            if self._budget().wait_s(request.cost, now, urgency=1.0) <= _SHORT_S:
                self._turns.setdefault(root, Turn(self._waits(), now)).again(request, now)
                first.add(root)
            else:
                self.pending.settle(request, told=False)
        return first

    def _due_s(self, request: Request, now: datetime) -> float:
        kept = self._turn(request)
        return 0.0 if kept.rest else (kept.due_at - now).total_seconds()

    def _wait_s(self, request: Request, now: datetime, near: frozenset[str]) -> float:
        kept = self._turn(request)
        cost = kept.rest[0].cost if kept.rest else request.cost
        paid_s = self._budget().wait_s(cost, now, urgency(kept.scope, now, near))
        return max(self._due_s(request, now), paid_s)

    async def _may_ask(self, cost: float, share: float) -> bool:
        """Say whether a question can be paid for, after a wait if that is short; reserve its cost.

        Whoever may ask calls `_asked`, which pays.
        """
        money = self._budget()
        if self._reserved:
            money = money.spent(self._reserved, self.clock.now())
        wait_s = money.wait_s(cost, self.clock.now(), share)
        if wait_s > _SHORT_S:
            return False
        self._reserved += cost
        if wait_s > 0:
            await self.sleep(wait_s)
        return True

    async def _answer(self, request: Request, root: str, this: Round) -> list[Reading]:
        kept = self._turns[root]
        if not kept.chain:
            self._begin(request, kept)
        payload = await self._asked(request)
        readings = list[Reading]()
        if payload is not None:
            try:
                readings = await self.read(payload)
            except Broken:
                self.transport.forget(request)
                raise
        kept.follow(request, None if payload is None else self.feed.follow(payload))
        brought = this.brought.setdefault(root, [])
        if request in kept.beside:
            kept.beside.remove(request)
        else:
            brought.extend(readings)
        self.asks.answered(request.scope, changed=payload is not None)
        self.pending.note(root, request, readings)
        return readings

    async def _asked(self, request: Request) -> Payload | None:
        """Return the vendor's answer, in a new session if it refuses the old one; pay for it."""
        quota = self.feed.manifest.quota or Quota()
        if quota.most_weight is not None and request.weight > quota.most_weight:
            self._reserved -= request.cost
            raise Broken(f"{self.name}: a question of {request.weight:g} is more than it takes")
        payload, cost, told, paid = None, request.cost, None, self._paid
        try:
            await self.sign_in()
            try:
                payload = await self.transport.fetch(request, self.feed.manifest)
            except KeyRefused:
                if self.feed.login() is None:
                    raise
                self.transport.sign_out(self.feed.manifest)
                await self.sign_in()
                payload = await self.transport.fetch(request, self.feed.manifest)
            if payload is None and quota.unchanged_is_free:
                cost = 0.0
            elif payload is not None:
                cost, told = (
                    request.cost if payload.took is None else payload.took,
                    payload.quota_left,
                )
        finally:
            self._reserved -= request.cost
            self._pay(cost, told, self._paid - paid)
        return payload

    def _pay(self, cost: float, told: float | None, others: float) -> None:
        """Pay for a question, during which so much was paid for others that overtook it."""
        money = self._budget()
        if told is not None and told <= money.left + others:
            told = min(told, money.left)
        self.budget = money.spent(cost, self.clock.now(), told)
        self._paid += cost
        self._tell_quota(told)

    def _tell_quota(self, told: float | None = None) -> None:
        money = self._budget()
        counted = money.quota.credits is not None
        spent = counted and money.left < 1
        self.asks.quota(
            money.left if counted else (told if told is not None else self.facts.quota_left),
            money.ends_at if counted else None,
            NotAsked.QUOTA_SPENT if spent else None,
        )

    def _begin(self, request: Request, kept: Turn) -> None:
        """Note that a scope is asked now; what it led to before may be gone."""
        self.asks.forget({each.scope for further in kept.led.values() for each in further})
        now = self.clock.now()
        kept.chain.append(request)
        kept.due_at = now + timedelta(seconds=self.feed.manifest.min_interval_s)
        kept.scope = replace(kept.scope, asked_at=now)

    def _failed(self, request: Request, root: str, error: Exception, this: Round) -> None:
        """Note a failure, and whether asking on would be of no use or make things worse."""
        this.errors.append((root, error))
        self.asks.failed(request.scope, str(error))
        kept = self._turns[root]
        if len(kept.chain) == 1:
            wait_s = max(self.feed.manifest.min_interval_s, next(kept.waits))
            kept.due_at = self.clock.now() + timedelta(seconds=wait_s)
        refused = self._distrusted or isinstance(error, KeyRefused | RegionRefused)
        this.over = isinstance(error, _STOPS) or (refused and not this.brought)

    async def _finish(self, this: Round) -> None:
        """Take over what the round has shown, and raise what it failed for."""
        for root, brought in this.brought.items():
            kept = self._turns[root]
            if root not in self.facts.failing:
                kept.waits = self._waits()
            seen = asyncio.to_thread(kept.scope.seen, brought) if brought else None
            kept.scope = await seen if seen else kept.scope.unchanged()
        self._distrusted = bool(this.errors) and not this.brought
        self._trusted = bool(this.brought) or (self._trusted and not self._distrusted)
        last = this.errors[-1][1] if this.errors else None
        raised = last if self._distrusted or isinstance(last, _STOPS) else None
        self.asks.lost(len(this.errors) - (raised is not None))
        if raised is not None:
            for root, _ in this.errors:  # when it is asked again is then for who follows it to say
                self._turns[root].due_at = self.clock.now()
            raise raised

    def _turn(self, request: Request) -> Turn:
        return self._turns.setdefault(request.scope, Turn(self._waits(), self.clock.now()))

    def _waits(self) -> Iterator[float]:
        return backoff(first_s=self.feed.manifest.min_interval_s, most_s=_MOST_WAIT_S)

    def _budget(self) -> Budget:
        return self.budget or Budget.opened(self.feed.manifest.quota or Quota(), self.clock.now())
